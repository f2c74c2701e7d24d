"""Use case: a mail that was taken for a machine's is a customer's after all, and gets its ticket."""

from dataclasses import dataclass
from typing import cast

from tickets.arrival import own_addresses
from tickets.audit import AuditEvent, EventKind
from tickets.automatic_mail import RecordedMail
from tickets.errors import Conflict, NotFound
from tickets.mail import MailId, MailKind, Parsed
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.received import Received
from tickets.reopening import open_matter
from tickets.storage import TicketStore, Transaction
from tickets.ticket import TicketId
from tickets.wording import Sentence


@dataclass(frozen=True, slots=True)
class _TakenUp(Received):
    """A mail that is on record already: it moves to its ticket instead of being stored once more."""

    mail_id: MailId
    by: Actor

    async def keep(self, tx: Transaction, ticket_id: TicketId | None, kind: MailKind) -> None:
        if not await tx.take_up(self.mail_id, self.to_store(ticket_id, kind)):
            raise Conflict("Somebody else made a ticket of this mail first. Reload the page.")
        fields = {"mail_id": str(self.mail_id)}
        await tx.record(AuditEvent(EventKind.MAIL_TAKEN_UP, self.by.name, self.at, ticket_id, fields))


@dataclass(frozen=True, slots=True)
class TakingUp:
    """Makes tickets of automatic mail."""

    store: TicketStore
    clock: Clock

    async def take_up(self, mail_id: MailId, *, by: Actor) -> TicketId:
        """Open a ticket as if a customer had written the mail now; the account moves it from automatic to on tickets.

        Raises Conflict for a mail that is on a ticket already or bears the desk's own address, NotFound.
        """
        by.require(Scope.DRAFT)
        recorded = await self.store.mail_on_record(mail_id)
        await self._require_on_no_ticket(recorded)
        received = await self._received(recorded, by)
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            arrived = await open_matter(tx, received)
        return cast(TicketId, arrived.ticket_id)  # what opens a matter is on a ticket

    async def _require_on_no_ticket(self, recorded: RecordedMail) -> None:
        if recorded.ticket_id is not None:
            ticket = await self.store.ticket(recorded.ticket_id)
            raise Conflict(
                Sentence("This mail is on ticket #%(number)s already. Open that ticket.", number=ticket.number)
            )

    async def _received(self, recorded: RecordedMail, by: Actor) -> _TakenUp:
        records = await self.store.mailboxes()
        record = next((each for each in records if each.id == recorded.mailbox_id), None)
        if record is None:
            raise NotFound("The mailbox of this mail is not at the desk any more. Download the mail instead.")
        if recorded.mail.sender.key in own_addresses(records):
            # Its ticket's requester would be the desk: an answer comes back as the next mail.
            raise Conflict("It says that it comes from this desk's own address. Answer it from the mailbox itself.")
        return _TakenUp(
            mailbox=record,
            incoming=recorded.incoming,
            parsed=Parsed(recorded.mail, {}),
            verdict=recorded.verdict,
            at=self.clock.now(),
            stated_id=recorded.mail.message_id,
            mail_id=recorded.id,
            by=by,
        )
