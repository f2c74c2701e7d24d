"""One step on many tickets: each is a transaction of its own, and whatever cannot be done is told with its reason."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tickets.errors import BadInput, DeskError, NotFound, StorageFault
from tickets.ticket import TicketId
from tickets.wording import Sentence

MAX_TICKETS: Final = 200
_NOT_WRITTEN: Final = "The database did not take it. Nothing was changed on this ticket; try it again."


@dataclass(frozen=True, slots=True)
class Refused:
    """A ticket on which the step could not be done. `number` is None for one that does not exist."""

    ticket_id: TicketId
    number: int | None
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What became of each ticket, in the order they were named."""

    done: tuple[TicketId, ...]
    refused: tuple[Refused, ...]


Step = Callable[[TicketId], Awaitable[object]]
Named = Callable[[TicketId], Awaitable[tuple[int, str]]]
"""A ticket's number and subject; raises NotFound."""


async def on_each(ticket_ids: Sequence[TicketId], step: Step, named: Named) -> BulkReport:
    """Take the step on every ticket once. Raises BadInput for none or too many."""
    chosen = tuple(dict.fromkeys(ticket_ids))
    if not chosen:
        raise BadInput("No ticket is chosen. Tick some, then try again.")
    if len(chosen) > MAX_TICKETS:
        raise BadInput(
            Sentence("%(max_tickets)s tickets at a time are the limit. Choose fewer.", max_tickets=MAX_TICKETS)
        )
    done: list[TicketId] = []
    refused: list[Refused] = []
    for ticket_id in chosen:
        try:
            await step(ticket_id)
        except DeskError as error:
            refused.append(await _refused(ticket_id, error, named))
        else:
            done.append(ticket_id)
    return BulkReport(tuple(done), tuple(refused))


async def _refused(ticket_id: TicketId, error: DeskError, named: Named) -> Refused:
    reason = _NOT_WRITTEN if isinstance(error, StorageFault) else error.args[0]
    try:
        number, subject = await named(ticket_id)
    except (NotFound, StorageFault):
        return Refused(ticket_id, None, "", reason)
    return Refused(ticket_id, number, subject, reason)
