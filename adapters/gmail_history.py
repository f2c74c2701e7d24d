"""What Gmail's history says of a span: whatever order, repetition or delay its records come with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from adapters.gmail_errors import BadRequest, NotThere
from adapters.gmail_transport import GmailApi
from tickets.errors import Unavailable

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import History, ListHistoryResponse

PAGE: Final = 500
READINGS: Final = 3
_TOUCHING: Final = ("messagesAdded", "labelsAdded", "labelsRemoved")


@dataclass(slots=True)
class Happened:
    """The mails that records speak of, by the number of their first record, and the history id to go on from."""

    newest: int
    gone: dict[str, None] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)
    _is_draft: dict[str, bool] = field(default_factory=dict)

    def add(self, records: Iterable["History"]) -> None:
        """Take all four arrays of each record in."""
        for record in records:
            self.gone |= {entry["message"]["id"]: None for entry in record.get("messagesDeleted", ())}
            for kind in _TOUCHING:
                entries: Any = record.get(kind, ())
                for entry in entries:
                    self._touch(int(record["id"]), entry["message"])

    @property
    def touched(self) -> list[str]:
        """The mails to look at, in the order in which they happened."""
        return [id_ for id_ in self._in_order() if not self._is_draft[id_]]

    @property
    def drafts(self) -> list[str]:
        """Nothing but drafts, by all that is said of them: somebody is writing, and no bytes are needed."""
        return [id_ for id_ in self._in_order() if self._is_draft[id_]]

    def _touch(self, number: int, message: Any) -> None:
        id_, is_draft = message["id"], "DRAFT" in message.get("labelIds", ())
        self._first[id_] = min(number, self._first.get(id_, number))
        self._is_draft[id_] = is_draft and self._is_draft.get(id_, True)

    def _in_order(self) -> list[str]:
        return sorted((id_ for id_ in self._first if id_ not in self.gone), key=self._first.__getitem__)


async def history_since(api: GmailApi, start: int) -> Happened | None:
    """All that happened since `start`; None when Gmail has forgotten it."""
    for _ in range(READINGS):
        try:
            return await _read(api, start)
        except NotThere:
            return None
        except _OldPage:
            continue
    raise Unavailable("Gmail's history could not be read to its end. It is tried again by itself.")


class _OldPage(Exception):
    """The page token is not good any more: read from the first page again."""


async def _read(api: GmailApi, start: int) -> Happened:
    page = await _page(api, start, None)
    # What the first page calls the newest: a later page may name a change that came after these pages were made.
    happened = Happened(int(page.get("historyId", start)))
    happened.add(page.get("history", []))
    while token := page.get("nextPageToken"):
        page = await _page(api, start, token)
        happened.add(page.get("history", []))
    return happened


async def _page(api: GmailApi, start: int, token: str | None) -> "ListHistoryResponse":
    try:
        # No labelId: a filter would hide mail that a rule archived on arrival.
        return await api.read(
            lambda gmail: (
                gmail.users().history().list(userId="me", startHistoryId=str(start), maxResults=PAGE, pageToken=token)
            ),
            is_bulk=True,
        )
    except BadRequest as error:
        if token is None:
            raise
        raise _OldPage from error
