"""What a query asks of tickets besides words, as conditions over their table."""

from collections import defaultdict
from typing import Final

from sqlalchemy import ColumnElement, exists, func, literal, not_, or_, select

from persistence.rows import attachments, mails, tickets
from persistence.rows_boards import ticket_tags
from persistence.rows_search import search_entries
from tickets.search import Condition, Facet, Having, Query, Standing
from tickets.status import Status

_COLUMN: Final = {
    Facet.CATEGORY: tickets.c.category,
    Facet.PRIORITY: tickets.c.priority,
    Facet.LANGUAGE: tickets.c.language,
}
_STATUSES: Final = {
    Standing.NEW: (Status.NEW.value,),
    Standing.NEEDS_ACTION: (Status.NEEDS_ACTION.value,),
    Standing.WAITING: (Status.WAITING_OTHERS.value,),
    Standing.DONE: (Status.DONE.value,),
    Standing.OPEN: tuple(status.value for status in Status if status is not Status.DONE),
}
# Of these a ticket has one value, so asking for two asks for either.
_EITHER: Final = frozenset({Facet.CATEGORY, Facet.PRIORITY, Facet.LANGUAGE, Facet.MAILBOX, Facet.ASSIGNEE})


def ticket_conditions(query: Query) -> list[ColumnElement[bool]]:
    """All must hold. Tickets that were merged into others are left out unless they are asked for."""
    found: list[ColumnElement[bool]] = []
    either: defaultdict[str, list[ColumnElement[bool]]] = defaultdict(list)
    for condition in query.conditions:
        holds = _holds(condition)
        if condition.is_excluded:
            found.append(not_(func.coalesce(holds, False)))
        elif condition.facet in _EITHER:
            either[condition.facet].append(holds)
        elif condition.value in _STATUSES and condition.facet is Facet.STANDING:
            either[Facet.STANDING].append(holds)
        else:
            found.append(holds)
    found += [or_(*choices) for choices in either.values()]
    if query.number is not None:
        found.append(tickets.c.number == query.number)
    elif not any(condition.value == Standing.MERGED for condition in query.conditions):
        found.append(tickets.c.merged_into.is_(None))
    return found


def _holds(condition: Condition) -> ColumnElement[bool]:
    facet, value = condition.facet, condition.value
    if facet in _COLUMN:
        return func.lower(_COLUMN[facet]) == value
    match facet:
        case Facet.STANDING:
            return _stands(Standing(value))
        case Facet.HAS:
            return _has(Having(value))
        case Facet.MAILBOX:
            return func.lower(tickets.c.mailbox).contains(value, autoescape=True)
        case Facet.ASSIGNEE:
            return _assigned(value)
        case _:
            return _tagged(value)


def _stands(standing: Standing) -> ColumnElement[bool]:
    if standing in _STATUSES:
        return tickets.c.status.in_(_STATUSES[standing])
    match standing:
        case Standing.LEAVING:
            return tickets.c.is_leaving
        case Standing.STOPPED:
            return tickets.c.stopped
        case Standing.MERGED:
            return tickets.c.merged_into.is_not(None)
        case _:
            return tickets.c.snoozed_until.is_not(None)


def _has(having: Having) -> ColumnElement[bool]:
    if having is Having.DRAFT:
        return tickets.c.has_draft
    if having is Having.NOTE:
        note = select(literal(1)).where(
            search_entries.c.ticket_id == tickets.c.id, search_entries.c.note_id.is_not(None)
        )
        return exists(note.correlate(tickets))
    file = select(literal(1)).join_from(mails, attachments, attachments.c.mail_id == mails.c.id)
    shown = (mails.c.ticket_id == tickets.c.id, mails.c.attachments > 0, attachments.c.is_inline.is_(False))
    return exists(file.where(*shown).correlate(tickets))


def _assigned(value: str) -> ColumnElement[bool]:
    """An address, or how it begins: `ada` for ada@example.org."""
    if not value:
        return tickets.c.assignee.is_(None)
    whole = func.lower(tickets.c.assignee)
    return whole == value if "@" in value else whole.startswith(value, autoescape=True)


def _tagged(value: str) -> ColumnElement[bool]:
    mine = (ticket_tags.c.ticket_id == tickets.c.id, func.lower(ticket_tags.c.tag) == value)
    return exists(select(literal(1)).where(*mine).correlate(tickets))
