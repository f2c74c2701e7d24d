"""Trying routing rules on past tickets before they hold: which would have come out differently, in bounded time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tickets.boards import BoardFilter, BoardLine, Boards
from tickets.categories import Categories
from tickets.routing import Around, Routed, Rule, facts_of, routed
from tickets.storage import TicketStore
from tickets.ticket import TicketId

LOOKED_AT: Final = 200
PAGE: Final = 50
PATIENCE_S: Final = 3.0

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Difference:
    """A past ticket that the rules would have changed."""

    line: BoardLine
    after: Routed


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out. `is_cut`: time ran out before all were looked at."""

    looked_at: int
    fitting: int
    differences: tuple[Difference, ...]
    is_cut: bool


async def tried(
    rules: Sequence[Rule],
    store: TicketStore,
    boards: Boards,
    categories: Categories,
    monotonic: Seconds,
    limit: int = LOOKED_AT,
) -> Trial:
    """The newest tickets, as the rules find them: their recorded triage, their customer's last mail."""
    end, cursor = monotonic() + PATIENCE_S, None
    looked_at, fitting, differences = 0, 0, list[Difference]()
    while looked_at < limit:
        page = await boards.page(BoardFilter(), limit=min(PAGE, limit - looked_at), cursor=cursor)
        for line in page.lines:
            if monotonic() >= end:
                return Trial(looked_at, fitting, tuple(differences), is_cut=True)
            looked_at += 1
            after = await _routed(rules, line, store, categories)
            if after and after.numbers:
                fitting += 1
                if _differs(line, after):
                    differences.append(Difference(line, after))
        cursor = page.next_cursor
        if cursor is None:
            break
    return Trial(looked_at, fitting, tuple(differences), is_cut=False)


async def _routed(rules: Sequence[Rule], line: BoardLine, store: TicketStore, categories: Categories) -> Routed | None:
    """None for a ticket that nobody has read yet."""
    conversation = await store.conversation(TicketId(line.id))
    triage = await store.triage(conversation.ticket.id, conversation.ticket.work_seq)
    return routed(rules, facts_of(conversation, triage), Around(categories)) if triage else None


def new_tags(line: BoardLine, after: Routed) -> list[str]:
    """The tags that the ticket does not bear yet."""
    return [tag for tag in after.tags if tag not in line.tags]


def _differs(line: BoardLine, after: Routed) -> bool:
    is_taken = after.assignee is not None and line.assignee is None
    return is_taken or bool(new_tags(line, after)) or (line.category, line.priority) != (after.category, after.priority)
