"""What is new in a Gmail account: a listing of the recent mails first, then the account's history.

The history id is taken before the listing, so that what arrives meanwhile shows in the history. An expired history id
means a new listing. Once an hour a short listing catches what a late or lost history record would have hidden.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from adapters.gmail_cursor import Cursor, FullSync
from adapters.gmail_errors import BadRequest
from adapters.gmail_fetched import Fetched
from adapters.gmail_history import Happened, history_since
from adapters.gmail_mail import a_draft, judged
from adapters.gmail_mail import decoded as decoded
from adapters.gmail_transport import GmailApi
from tickets.errors import Unavailable
from tickets.ports import Changes, Clock, Skipped, Unknown

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import Message

PAGE: Final = 500
ROUNDS: Final = 5
DAY_S: Final = 86_400
RECONCILE_EVERY_S: Final = 3600
RECONCILE_DAYS: Final = 2
FIRST_PORTION: Final = 5
PORTION_BYTES: Final = 16 * 2**20


@dataclass(slots=True)
class GmailSync:
    """Reads one account's news. `window_days` is how far back a full listing looks."""

    api: GmailApi
    clock: Clock
    window_days: int
    _portion: int = field(init=False, default=FIRST_PORTION)

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """Bounded portions; every portion's cursor can be resumed from."""
        state = Cursor.read(cursor) if cursor else await self._beginning(None)
        for step in (self._full, self._owed, self._history, self._reconciled):
            async for portion in step(state, unknown):
                yield portion
                state = Cursor.read(portion.cursor)

    async def _beginning(self, before: Cursor | None) -> Cursor:
        """A full sync is to run. One that follows an expired history looks back to the last listing at least."""
        profile = await self.api.read(lambda gmail: gmail.users().getProfile(userId="me"), is_bulk=True)
        now, days = self._now(), self.window_days
        if before and before.listed_at:
            days = max(days, self._days_since(before.listed_at) + RECONCILE_DAYS)
        state = before or Cursor(0)
        return replace(state, full=FullSync(days, now), history_id=int(profile["historyId"]))

    async def _full(self, state: Cursor, unknown: Unknown) -> AsyncIterator[Changes]:
        """The full sync that the cursor is in, oldest mail first; nothing when it is in none."""
        if state.full is None:
            return
        async for portion in self._listed(state, state.full.days, unknown):
            yield portion
            state = Cursor.read(portion.cursor)
        yield Changes((), replace(state, full=None, listed_at=self._now()).text)

    async def _owed(self, state: Cursor, unknown: Unknown) -> AsyncIterator[Changes]:
        """Ask again for single mails that Gmail would not give out; they hold nobody up."""
        if not (due := state.due(self._now())):
            return
        still_unknown = await unknown(due)
        fetched = await self.api.fetch([id_ for id_ in due if id_ in still_unknown], patient=False)
        if fetched.trouble:
            return
        after = state.settled(due, fetched.refused, self._now())
        lost = tuple(Skipped(id_, "deleted in Gmail before it could be read") for id_ in fetched.gone)
        incoming, skipped = await asyncio.to_thread(judged, fetched.in_order)
        yield Changes(incoming, after.text, skipped + lost)

    async def _history(self, state: Cursor, unknown: Unknown) -> AsyncIterator[Changes]:
        """What happened since the cursor; a full sync first when Gmail has forgotten that."""
        happened = await history_since(self.api, state.history_id)
        if happened is None:
            state = await self._beginning(state)
            async for portion in self._full(state, unknown):
                yield portion
                state = Cursor.read(portion.cursor)
            happened = await history_since(self.api, state.history_id)
        if happened is None:
            raise Unavailable("Gmail forgot its history while it was read. It begins anew by itself.")
        async for portion in self._from_history(state, happened, unknown):
            yield portion

    async def _from_history(self, state: Cursor, happened: Happened, unknown: Unknown) -> AsyncIterator[Changes]:
        drafts, gone = happened.drafts, tuple(happened.gone)
        for start in range(0, max(len(drafts), len(gone)), PAGE):
            end = start + PAGE
            yield Changes((), state.text, tuple(map(a_draft, drafts[start:end])), gone[start:end])
        wanted = [id_ for page in _pages(happened.touched) for id_ in await _unknown_among(page, unknown)]
        wanted = [id_ for id_ in wanted if id_ not in state.owed]
        async for portion in self._portions(wanted, state, lambda last: last.forward(happened.newest)):
            yield portion

    async def _reconciled(self, state: Cursor, unknown: Unknown) -> AsyncIterator[Changes]:
        """Once an hour: what the history has not told."""
        if self._now() - state.listed_at < RECONCILE_EVERY_S:
            return
        days = max(RECONCILE_DAYS, self._days_since(state.listed_at) + 1) if state.listed_at else self.window_days
        async for portion in self._listed(state, days, unknown):
            yield portion
            state = Cursor.read(portion.cursor)
        yield Changes((), replace(state, listed_at=self._now()).text)

    async def _listed(self, state: Cursor, days: int, unknown: Unknown) -> AsyncIterator[Changes]:
        """The unknown mails of these days, oldest first: a colleague's answer never comes before its ticket.

        What is deleted meanwhile may hide a mail between two pages, so it is listed again until nothing new shows.
        """
        seen = set(state.owed)
        for _ in range(ROUNDS):
            waiting = await self._unknown_of(days, unknown, seen)
            if not waiting:
                return
            seen.update(waiting)
            async for portion in self._portions(waiting, state):
                yield portion
                state = Cursor.read(portion.cursor)

    async def _unknown_of(self, days: int, unknown: Unknown, seen: set[str]) -> list[str]:
        """A whole listing; only the ids that nobody knows are kept, oldest first."""
        found: dict[str, None] = {}
        token: str | None = None
        restarts = 0
        while True:
            try:
                ids, token = await self._page(days, token)
            except BadRequest:
                restarts += 1
                if token is None or restarts >= ROUNDS:
                    raise
                found, token = {}, None  # page tokens grow old: list again
                continue
            found |= dict.fromkeys(await _unknown_among([id_ for id_ in ids if id_ not in seen], unknown))
            if token is None:
                return list(reversed(found))

    async def _page(self, days: int, token: str | None) -> tuple[list[str], str | None]:
        query = f"newer_than:{days}d -in:chats -in:drafts"
        page = await self.api.read(
            lambda gmail: gmail.users().messages().list(userId="me", q=query, maxResults=PAGE, pageToken=token),
            is_bulk=True,
        )
        return [message["id"] for message in page.get("messages", [])], page.get("nextPageToken")

    async def _portions(
        self, ids: Sequence[str], state: Cursor, at_the_end: Callable[[Cursor], Cursor] = lambda last: last
    ) -> AsyncIterator[Changes]:
        """The mails with these ids. Only the last portion carries the cursor that is behind all of them."""
        if not ids and at_the_end(state) != state:
            yield Changes((), at_the_end(state).text)
        start = 0
        while start < len(ids):
            fetched = await self.api.fetch(ids[start : start + min(self._portion, self.api.most_at_once)])
            start += len(fetched.settled)
            state = state.settled(fetched.settled, fetched.refused, self._now())
            is_last = start >= len(ids) and not fetched.trouble
            if fetched.settled:
                yield await self._changes(fetched, at_the_end(state) if is_last else state, len(ids) - start)
            if fetched.trouble:
                raise fetched.trouble

    async def _changes(self, fetched: Fetched, state: Cursor, left: int) -> Changes:
        messages = fetched.in_order
        self._suit(messages)
        incoming, skipped = await asyncio.to_thread(judged, messages)
        withheld = tuple(Skipped(id_, str(fault), is_final=False) for id_, fault in fetched.refused.items())
        progress = state.full.progress(left) if state.full else None
        return Changes(incoming, state.text, skipped + withheld, progress=progress)

    def _suit(self, messages: Sequence["Message"]) -> None:
        """Mails may be 50 MB large: of the next ones so many at once as fit, by the size of these."""
        if messages:
            size = sum(len(message["raw"]) for message in messages) // len(messages)
            self._portion = max(1, min(self.api.most_at_once, PORTION_BYTES // max(1, size)))

    def _days_since(self, at: int) -> int:
        return -(-(self._now() - at) // DAY_S)

    def _now(self) -> int:
        return int(self.clock.now().astimezone(UTC).timestamp())


def _pages(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]


async def _unknown_among(ids: Sequence[str], unknown: Unknown) -> list[str]:
    """Those of them that the desk does not know, in their order."""
    found = await unknown(ids) if ids else frozenset()
    return [id_ for id_ in ids if id_ in found]
