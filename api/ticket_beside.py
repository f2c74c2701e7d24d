"""What stands beside a ticket on its page: one's unsaved text, ready texts, similar tickets, the customer's others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.services import Services
from api.stage import Stage, stage_of
from api.typed_reply import TypedChoices
from tickets.desk import TicketView
from tickets.desk_settings import BusinessHours, ServiceLevels
from tickets.macros import OfferedMacro, known_answers, offered_macros
from tickets.neighbours import Neighbour, most_similar
from tickets.people import Actor, Operator, Scope
from tickets.service_level import Calendar, Due, next_due
from tickets.ticket import Conversation
from tickets.work_copies import WorkCopy, editable_revision

OTHERS: Final = 5  # of the customer's tickets that the page itself lists
CANDIDATES: Final = 250  # among so many of the same kind, and so many with the same words, similar ones are looked for

_WRITABLE: Final = frozenset({Stage.REVIEW, Stage.NO_DRAFT, Stage.ANSWERED})


@dataclass(frozen=True, slots=True)
class Unsaved:
    """One's own unsaved text. `is_current`: it was begun on what the editor shows, and stands in it."""

    copy: WorkCopy
    is_current: bool
    can_be_taken_over: bool

    @property
    def choices(self) -> TypedChoices | None:
        return TypedChoices.from_kept(self.copy.around) if self.copy.around else None


async def beside(services: Services, view: TicketView, actor: Actor, operator: Operator) -> Mapping[str, Any]:
    """For the templates, under the names that they use."""
    unsaved: Unsaved | None = None
    macros: tuple[OfferedMacro, ...] = ()
    can_write = stage_of(view) in _WRITABLE
    if Scope.DRAFT in actor.scopes or Scope.ADMIN in actor.scopes:
        unsaved = _unsaved(view, await services.store.work_copy(view.ticket.id, actor.name), can_write)
        macros = await macros_for(services, view, operator) if can_write else ()
    return {
        "agent_wrote": await _is_edit_of_the_agents(services, view),
        "unsaved": unsaved,
        "macros": macros,
        "owed": await owed_on(services, view),
        "similar": await similar_to(services, view),
        "customer": await services.store.customers_tickets(view.ticket, limit=OTHERS),
    }


async def owed_on(services: Services, view: TicketView) -> Due | None:
    """What the customer may expect next; nothing while the reply is leaving, or the ticket is put off."""
    if view.ticket.is_leaving or view.ticket.snoozed_until is not None:
        return None
    calendar = Calendar(await services.desk_settings.read(BusinessHours))
    return next_due(calendar, await services.desk_settings.read(ServiceLevels), view.ticket)


async def similar_to(services: Services, view: TicketView) -> tuple[Neighbour, ...]:
    """By the words of their subjects: the newest of the same category, and those of any age with a telling word."""
    newest = await services.store.of_the_same_kind(view.ticket, CANDIDATES)
    alike = await services.store.with_words_of(view.ticket, CANDIDATES)
    return most_similar(view.ticket, tuple({each.id: each for each in (*newest, *alike)}.values()))


async def macros_for(services: Services, view: TicketView, operator: Operator | None) -> tuple[OfferedMacro, ...]:
    if services.knowledge is None:
        return ()
    known = known_answers(view.ticket, _name(operator), services.settings.desk_name)
    conversation = Conversation(view.ticket, view.messages)
    written = view.draft.body if view.draft and view.has_open_draft else ""
    return await offered_macros(services.knowledge, conversation, view.triage, known, written)


async def _is_edit_of_the_agents(services: Services, view: TicketView) -> bool:
    """Whether there is a draft of the agent's that an operator changed."""
    draft = view.draft
    if draft is None or not draft.made_for.startswith("edit:"):
        return False
    return await services.store.agents_draft(view.ticket.id, draft.revision) is not None


def _name(operator: Operator | None) -> str:
    return operator.name or operator.email if operator else ""


def _unsaved(view: TicketView, copy: WorkCopy | None, can_write: bool) -> Unsaved | None:
    if copy is None:
        return None
    is_current = can_write and copy.revision == editable_revision(view.draft)
    return Unsaved(copy, is_current, can_write and not is_current)
