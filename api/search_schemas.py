"""What scripts get of a search."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from msgspec import Struct

from api.schemas import TicketOut
from tickets.search import Found, Hit, HitKind, Place, Query, SearchPage
from tickets.search_marks import SNIPPET_LENGTH, Part, marked


class MarkedText(Struct):
    """A text on one line. Each mark is the place of a word that was looked for: where it begins, where it ends."""

    text: str
    marks: list[tuple[int, int]]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Self:
        marks, here = [], 0
        for part in parts:
            if part.is_marked:
                marks.append((here, here + len(part.text)))
            here += len(part.text)
        return cls("".join(part.text for part in parts), marks)


class HitOut(Struct):
    """The newest mail, reply or note of the ticket that has the words."""

    id: UUID
    kind: HitKind
    author: str
    at: datetime
    snippet: MarkedText

    @classmethod
    def of(cls, hit: Hit, query: Query) -> Self:
        return cls(hit.id, hit.kind, hit.author, hit.at, MarkedText.of(marked(hit.text, query, length=SNIPPET_LENGTH)))


class FoundOut(Struct):
    """A ticket that fits. `hit` is null when it was found by its number or by operators alone."""

    ticket: TicketOut
    subject: MarkedText
    hit: HitOut | None

    @classmethod
    def of(cls, found: Found, query: Query) -> Self:
        hit = HitOut.of(found.hit, query) if found.hit else None
        subject = MarkedText.of(marked(found.line.subject, query, Place.SUBJECT))
        return cls(TicketOut.of(found.line), subject, hit)


class SearchOut(Struct):
    """Newest hit first, each ticket once.

    `total` counts tickets and comes with the first page; with `is_more` there are more than that. `looked_back_to` is
    set when a search stopped before its page was full: ask for the next page to look further back. `remarks` say what
    of the query was not understood and what was done instead.
    """

    items: list[FoundOut]
    total: int | None
    is_more: bool
    looked_back_to: datetime | None
    remarks: list[str]
    next_cursor: str | None

    @classmethod
    def of(cls, page: SearchPage, query: Query) -> Self:
        return cls(
            [FoundOut.of(found, query) for found in page.found],
            page.total,
            page.is_more,
            page.looked_back_to,
            [str(remark) for remark in query.remarks],
            page.next_cursor,
        )
