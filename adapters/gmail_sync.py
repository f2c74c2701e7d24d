"""What is new in a Gmail account: a listing of the recent mails first, then the account's history.

The history id is taken before the listing, so that what arrives meanwhile shows in the history. An expired history id
means a new listing. Once an hour a short listing catches what a late or lost history record would have hidden.
"""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adapters.gmail_errors import BadRequest, NotThere
from adapters.gmail_transport import BATCH, GmailApi
from adapters.raw_headers import send_id
from tickets.errors import Unavailable
from tickets.ports import Changes, Clock, Incoming, Skipped, Unknown

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import History, ListHistoryResponse, ListMessagesResponse, Message

PAGE: Final = 500
RECONCILE_EVERY_S: Final = 3600
RECONCILE_DAYS: Final = 2

# Drafts and chats never become mail for the desk; spam and trash may be rescued, so they stay unknown.
_LEFT_OUT: Final = {"DRAFT": True, "CHAT": True, "SPAM": False, "TRASH": False}


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing under way: how far back it looks, and the page it is at."""

    days: int
    page_token: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the sync stands. While `full` runs, `history_id` is the one from before it began.

    History ids are 64 bits wide, so JSON carries them as text.
    """

    history_id: int
    full: Listing | None = None
    listed_at: int = 0  # when the last listing ended, in seconds since the epoch

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """From the text that was stored."""
        stored = json.loads(text)
        full = stored["full"]
        listing = Listing(full["days"], full["page_token"]) if full else None
        return cls(int(stored["history_id"]), listing, stored["listed_at"])

    @property
    def text(self) -> str:
        """As it is stored."""
        full = self.full
        listing = full and {"days": full.days, "page_token": full.page_token}
        return json.dumps({"history_id": str(self.history_id), "full": listing, "listed_at": self.listed_at})


class GmailSync:
    """Reads one account's news. `window_days` is how far back a full listing looks."""

    def __init__(self, api: GmailApi, clock: Clock, *, window_days: int) -> None:
        self._api = api
        self._clock = clock
        self._window_days = window_days

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """Portions of at most 25 mails; every portion's cursor can be resumed from."""
        state = Cursor.read(cursor) if cursor else await self._beginning()
        async for portion in self._listed(state, unknown):
            yield portion
            state = Cursor.read(portion.cursor)
        page = await self._history_page(state.history_id)
        if page is None:
            state = await self._beginning()
            async for portion in self._listed(state, unknown):
                yield portion
                state = Cursor.read(portion.cursor)
            page = await self._history_page(state.history_id)
        async for portion in self._from_history(state, page, unknown):
            yield portion
            state = Cursor.read(portion.cursor)
        async for portion in self._listed(self._reconciling(state), unknown):
            yield portion

    async def _beginning(self) -> Cursor:
        profile = await self._api.read(lambda gmail: gmail.users().getProfile(userId="me"))
        return Cursor(int(profile["historyId"]), Listing(self._window_days))

    def _reconciling(self, state: Cursor) -> Cursor:
        if self._now() - state.listed_at < RECONCILE_EVERY_S:
            return state
        return replace(state, full=Listing(RECONCILE_DAYS))

    async def _listed(self, state: Cursor, unknown: Unknown) -> AsyncIterator[Changes]:
        """The listing that the cursor is in, page by page; nothing when it is in none."""
        while state.full:
            page = await self._page(state.full)
            token = page.get("nextPageToken")
            after = (
                replace(state, full=replace(state.full, page_token=token))
                if token
                else Cursor(state.history_id, None, self._now())
            )
            oldest_first = [message["id"] for message in reversed(page.get("messages", []))]
            async for portion in self._portions(oldest_first, unknown, state, after):
                yield portion
            state = after

    async def _page(self, listing: Listing) -> "ListMessagesResponse":
        try:
            return await self._list(listing.days, listing.page_token)
        except BadRequest:
            if listing.page_token is None:
                raise
            return await self._list(listing.days, None)  # page tokens grow old; known mails are skipped anyway

    async def _list(self, days: int, page_token: str | None) -> "ListMessagesResponse":
        query = f"newer_than:{days}d -in:chats"
        return await self._api.read(
            lambda gmail: gmail.users().messages().list(userId="me", q=query, maxResults=PAGE, pageToken=page_token)
        )

    async def _history_page(self, start: int, page_token: str | None = None) -> "ListHistoryResponse | None":
        """One page of what happened since `start`; None when Gmail has forgotten it."""
        try:
            # No labelId: a filter would hide mail that a rule archived on arrival.
            return await self._api.read(
                lambda gmail: (
                    gmail.users()
                    .history()
                    .list(userId="me", startHistoryId=str(start), maxResults=PAGE, pageToken=page_token)
                )
            )
        except NotThere:
            return None

    async def _from_history(
        self, state: Cursor, page: "ListHistoryResponse | None", unknown: Unknown
    ) -> AsyncIterator[Changes]:
        newest = state.history_id
        while page is not None:
            newest = max(newest, int(page.get("historyId", newest)))
            touched, gone = _touched(page.get("history", []))
            async for portion in self._portions(touched, unknown, state, state):
                yield portion
            if gone:
                yield Changes((), state.text, gone=gone)
            token = page.get("nextPageToken")
            if token is None:
                break
            page = await self._history_page(state.history_id, token)
        else:
            raise Unavailable("Gmail forgot the history while it was read. It begins anew by itself.")
        if newest != state.history_id:
            yield Changes((), replace(state, history_id=newest).text)

    async def _portions(
        self, ids: Sequence[str], unknown: Unknown, before: Cursor, after: Cursor
    ) -> AsyncIterator[Changes]:
        """The unknown ones among the ids; only the last portion carries the cursor behind them."""
        unknown_ids = await unknown(ids) if ids else frozenset()
        wanted = [id_ for id_ in ids if id_ in unknown_ids]
        for start in range(0, len(wanted), BATCH):
            messages = await self._api.raw_messages(wanted[start : start + BATCH])
            is_last = start + BATCH >= len(wanted)
            yield _changes(messages, after if is_last else before)
        if not wanted and after != before:
            yield Changes((), after.text)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _touched(history: Sequence["History"]) -> tuple[list[str], tuple[str, ...]]:
    """Ids to look at, in the order of the records, and ids that were deleted."""
    gone = {entry["message"]["id"]: None for record in history for entry in record.get("messagesDeleted", ())}
    touched: dict[str, None] = {}
    for record in history:
        touched |= {entry["message"]["id"]: None for entry in record.get("messagesAdded", ())}
        touched |= {entry["message"]["id"]: None for entry in record.get("labelsAdded", ())}
        touched |= {entry["message"]["id"]: None for entry in record.get("labelsRemoved", ())}
    return [id_ for id_ in touched if id_ not in gone], tuple(gone)


def _changes(messages: Sequence["Message"], cursor: Cursor) -> Changes:
    oldest_first = sorted(messages, key=lambda message: int(message["internalDate"]))
    judged = [_judge(message) for message in oldest_first]
    incoming = tuple(mail for mail in judged if isinstance(mail, Incoming))
    return Changes(incoming, cursor.text, tuple(mail for mail in judged if isinstance(mail, Skipped)))


def _judge(message: "Message") -> Incoming | Skipped:
    labels = message.get("labelIds", [])
    for label, is_final in _LEFT_OUT.items():
        if label in labels:
            return Skipped(message["id"], label.lower(), is_final)
    raw = decoded(message)
    if "SENT" in labels and send_id(raw):
        return Skipped(message["id"], "our own reply")
    at = datetime.fromtimestamp(int(message["internalDate"]) / 1000, UTC)
    return Incoming(message["id"], raw, at, message.get("threadId"), "SENT" in labels)


def decoded(message: "Message") -> bytes:
    """The bytes of a message that came in `raw` format."""
    return base64.urlsafe_b64decode(message["raw"] + "==")
