"""The ready texts that suit a ticket best, with their blanks filled as far as the desk knows the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tickets.errors import NotFound
from tickets.ports import Knowledge
from tickets.slots import filled, open_slots
from tickets.ticket import Article, Conversation, Ticket, Triage

OFFERED: Final = 3
_LOOKED_AT: Final = 40  # articles and macros, best first, among which the macros are taken


@dataclass(frozen=True, slots=True)
class OfferedMacro:
    """A ready text for this ticket. `open` are the blanks that somebody has to fill in."""

    id: str
    title: str
    language: str
    text: str
    open: tuple[str, ...]


async def offered_macros(
    knowledge: Knowledge,
    conversation: Conversation,
    triage: Triage | None,
    known: Mapping[str, str],
    written: str = "",
) -> tuple[OfferedMacro, ...]:
    """At most three: those in the customer's language first, each in the order of how well they fit.

    What the draft, `written`, says already is not offered again.
    """
    language = triage.language if triage else conversation.ticket.language or ""
    found = await knowledge.search(
        _about(conversation), language=language, category=_category(conversation.ticket, triage), limit=_LOOKED_AT
    )
    macros = sorted((each for each in found if each.is_macro), key=lambda each: each.language != language)
    offered = (_offered(each, known) for each in macros)
    return tuple(islice((each for each in offered if each.text not in written), OFFERED))


async def macro_text(knowledge: Knowledge, macro_id: str, known: Mapping[str, str]) -> str:
    """Its text for this ticket. Raises NotFound."""
    macro = await knowledge.article(macro_id)
    if macro is None or not macro.is_macro:
        raise NotFound("That ready text is not there any more. Reload the ticket and choose another one.")
    return filled(macro.body, known)


def known_answers(ticket: Ticket, operator_name: str, desk_name: str) -> dict[str, str]:
    """What blanks may be called, and what the desk puts there. Names come from the customer: plain text, one line."""
    requester = " ".join(ticket.requester.name.split())
    return {
        "customer_name": requester,
        "customer_address": ticket.requester.address,
        "ticket_number": str(ticket.number),
        "ticket_subject": " ".join(ticket.subject.split()),
        "operator_name": operator_name,
        "desk_name": desk_name,
    }


def _offered(macro: Article, known: Mapping[str, str]) -> OfferedMacro:
    text = filled(macro.body, known)
    return OfferedMacro(macro.id, macro.title, macro.language, text, open_slots(text))


def _about(conversation: Conversation) -> str:
    last = conversation.last_from_customer
    return f"{conversation.ticket.subject}\n{last.mail.visible_text if last else ''}"


def _category(ticket: Ticket, triage: Triage | None) -> str:
    return (triage.category if triage else ticket.category) or ""
