"""Cases of the desk's own closed tickets, and what became of the drafts it offered for them.

A category is taken for right where a person chose it, or approved a reply on the ticket without choosing another.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from entrypoints.evaluation.cases import Case, CaseBuilder, Letter
from entrypoints.evaluation.history import cases_of_letters
from persistence.engine import Database
from persistence.past import Past, SqlPast
from tickets.audit import AuditEvent, EventKind

_DECIDED: Final = (EventKind.APPROVED, EventKind.REJECTED)


async def cases_of_desk(database: Database, since: datetime | None = None) -> list[Case]:
    """Every customer's mail on a closed ticket, oldest first."""
    found: list[Case] = []
    async for past in SqlPast(database).closed_tickets(since):
        found += cases_of_past(past)
    return sorted(found, key=lambda case: (case.at, case.id))


def cases_of_past(past: Past) -> list[Case]:
    """Of one ticket."""
    ticket = past.conversation.ticket
    letters = [Letter(message.mail, message.kind, message.at) for message in past.conversation.messages]
    cases = list(cases_of_letters(CaseBuilder(ticket.mailbox), str(ticket.id), letters))
    decisions = [event for event in past.events if event.kind in _DECIDED]
    is_settled = any(event.kind in (EventKind.APPROVED, EventKind.SORTED) for event in past.events)
    category = ticket.category if is_settled else None
    decided = _decided(cases, decisions)
    return [_labelled(case, category, decided.get(case.id)) for case in cases]


def _decided(cases: Sequence[Case], decisions: Sequence[AuditEvent]) -> dict[str, AuditEvent]:
    """Each decision belongs to the last mail before it; the last decision on a mail counts."""
    times = [case.at for case in cases]
    places = ((bisect_left(times, event.at) - 1, event) for event in decisions)
    return {cases[place].id: event for place, event in places if place >= 0}


def _labelled(case: Case, category: str | None, decision: AuditEvent | None) -> Case:
    accepted, unchanged = _fate(decision)
    expected = replace(case.expected, category=category, accepted=accepted, unchanged=unchanged)
    return replace(case, expected=expected)


def _fate(decision: AuditEvent | None) -> tuple[bool | None, bool | None]:
    """Whether the agent's draft was accepted, and left as it was; None where nobody knows."""
    if decision is None:
        return None, None
    if decision.kind is EventKind.REJECTED:
        return False, False
    fields = decision.fields or {}
    if "agents_revision" not in fields:  # approved before this was measured
        return None, None
    return fields["agents_revision"] is not None, bool(fields.get("unchanged"))
