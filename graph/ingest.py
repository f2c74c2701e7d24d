"""Node `ingest`: which ticket this thread is, and up to which of the customer's mails it works."""

from uuid import UUID

from langchain_core.runnables import RunnableConfig

from graph.node import EntryNode
from graph.state import TicketState
from tickets.errors import NotFound
from tickets.storage import TicketStore
from tickets.ticket import TicketId


class NoSuchThread(ValueError):
    """The thread is no ticket's. A ValueError, because Studio's server hides the messages of other errors."""


def ingest_with(store: TicketStore) -> EntryNode:
    """Everything decided about earlier mails is forgotten; the tables keep it. Raises NoSuchThread."""

    async def ingest(state: TicketState, config: RunnableConfig) -> TicketState:
        try:
            ticket = await store.ticket(_ticket_id(state, config))
        except NotFound as error:
            raise NoSuchThread(str(error)) from None
        return {
            "ticket_id": str(ticket.id),
            "work_seq": ticket.work_seq,
            "triage": None,
            "plan": None,
            "draft": None,
            "decision_id": None,
            "outcome": None,
            "problem": None,
            "note": None,
        }

    return ingest


def _ticket_id(state: TicketState, config: RunnableConfig) -> TicketId:
    thread_id = str(config.get("configurable", {}).get("thread_id", ""))
    asked = state.get("ticket_id") or thread_id
    try:
        ticket_id = UUID(str(asked))
    except ValueError:
        raise NoSuchThread("A ticket's id is a UUID. Copy it from the ticket's page.") from None
    if thread_id and UUID(thread_id) != ticket_id:
        # Two threads for one ticket would be two agents on one customer.
        raise NoSuchThread(f"A ticket's thread bears the ticket's own id. Open the thread {ticket_id} instead.")
    return TicketId(ticket_id)
