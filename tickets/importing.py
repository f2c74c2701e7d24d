"""Use case: mail from an archive becomes history at the desk, by the rules of arriving mail.

A conversation whose last mail is old is filed as it would have been in its time, and then closed: the agent writes no
replies to it. A recent mail is filed as if it came now. An old mail of a ticket that is open today only joins it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from tickets.arrival import Arrival, own_addresses
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict, NotFound
from tickets.leases import fence
from tickets.mail import MailKind, Parsed, SenderVerdict
from tickets.people import Actor
from tickets.portions import chunks, portions
from tickets.ports import Incoming
from tickets.received import Arrived, Outcome, Received
from tickets.status import Event, Status, after
from tickets.storage import MailboxRecord, Transaction
from tickets.sync import LEASE_S, Sync, Tally
from tickets.ticket import TicketId

NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Archived:
    """A mail in an archive, before it is read. Its id is made of its bytes, so that it is the same in every copy."""

    provider_id: str
    at: datetime
    size: int


Advance = Callable[[int, int], object]
"""Called as work goes on: how much is done, and how much there is."""


class Archive(Protocol):
    """Mail in files."""

    async def contents(self, advance: Advance) -> Sequence[Archived]:
        """Every mail, the oldest first, each once. Raises BadInput for a path that is no such archive."""
        ...

    async def read(self, wanted: Sequence[Archived]) -> Sequence[Incoming]:
        """The mails in that order; one that is gone since is left out."""
        ...


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Every mail of the archive is in `known` or in exactly one of the other numbers.

    `closed` counts mails, not tickets: those that made or stayed history.
    """

    total: int
    known: int
    opened: int = 0
    appended: int = 0
    automatic: int = 0
    skipped: int = 0
    quarantined: int = 0
    failed: int = 0
    closed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None
    newest: datetime | None = None


class _Touches(Exception):
    """The old mail belongs to a ticket that is there already."""

    def __init__(self, ticket_id: TicketId) -> None:
        super().__init__()
        self.ticket_id = ticket_id


@dataclass(frozen=True, slots=True)
class PastArrival(Arrival):
    """Arrival of mail from an archive. What is older than `answer_since` is history, and gets no answer."""

    answer_since: datetime = NEVER
    closed: list[TicketId] = field(default_factory=list)

    async def take(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        """Raises Unreadable, as an arrival does."""
        if incoming.received_at >= self.answer_since:
            return await Arrival.take(self, tx, incoming, parsed)
        # Filed at its own time, so that reopening and following a closed ticket are judged as they were then.
        past = Arrival(self.mailbox, None, self.own_addresses, incoming.received_at, self.policy, is_asked_for=True)
        try:
            async with tx.savepoint():
                arrived = await past.take(tx, incoming, parsed)
                if arrived.ticket_id and arrived.outcome is not Outcome.OPENED:
                    raise _Touches(arrived.ticket_id)
        except _Touches as touched:
            # Undone, the ticket shows how it stood: one that people work on must not be moved by the past.
            if (await tx.ticket(touched.ticket_id)).status is not Status.DONE:
                return await self._join(tx, touched.ticket_id, incoming, parsed)
            arrived = await past.take(tx, incoming, parsed)
        if arrived.ticket_id:
            await self._close(tx, arrived.ticket_id, incoming.received_at)
        return arrived

    async def _join(self, tx: Transaction, ticket_id: TicketId, incoming: Incoming, parsed: Parsed) -> Arrived:
        kind = MailKind.HUMAN_REPLY if incoming.is_sent else MailKind.CUSTOMER
        if parsed.mail.bounce is not None:
            kind = MailKind.BOUNCE
        at, stated_id = incoming.received_at, parsed.mail.message_id
        received = Received(self.mailbox, incoming, parsed, SenderVerdict.UNVERIFIED, at, stated_id)
        await received.keep(tx, ticket_id, kind)
        return Arrived(Outcome.APPENDED, ticket_id)

    async def _close(self, tx: Transaction, ticket_id: TicketId, at: datetime) -> None:
        ticket = await tx.ticket(ticket_id)
        if ticket.status is not Status.DONE:
            moved = after(ticket.status, Event.CLOSED)
            await tx.save(replace(ticket, status=moved, settled_seq=ticket.work_seq, updated_at=at, notice=None))
        self.closed.append(ticket_id)


class Importing(Sync):
    """Files archives into a mailbox of the desk. The mailbox's own sync goes on meanwhile, and its cursor stays."""

    __slots__ = ()

    async def preview(self, archive: Archive, address: str, advance: Advance) -> ImportReport:
        """What an import would read; nothing is written."""
        record, _ = await self._mailbox(address)
        contents = await archive.contents(advance)
        wanted = await self._unknown(record, contents)
        return _counted(contents, len(contents) - len(wanted))

    async def load(
        self, archive: Archive, address: str, *, answer_since: datetime, by: Actor, read: Advance, filed: Advance
    ) -> ImportReport:
        """File what the desk does not know yet. One that is killed goes on when it is started again.

        `read` is told how far the reading of the archive is, `filed` how many mails are in their place. Raises Conflict
        while another import into this mailbox runs.
        """
        record, own = await self._mailbox(address)
        async with self.leases.hold(f"import:{record.id}", LEASE_S) as lease:
            if lease is None:
                raise Conflict("Another import into this mailbox is running. Wait for its end, then start again.")
            with fence(lease):
                contents = await archive.contents(read)
                wanted = await self._unknown(record, contents)
                arrival = PastArrival(record, None, own, self.clock.now(), self.policy, answer_since=answer_since)
                report = _counted(contents, len(contents) - len(wanted))
                report = await self._file(archive, arrival, wanted, report, filed)
                await self._record(record, report, by)
        return report

    async def _file(
        self, archive: Archive, arrival: PastArrival, wanted: Sequence[Archived], report: ImportReport, filed: Advance
    ) -> ImportReport:
        done = 0
        for portion in portions(wanted):
            incoming = await archive.read(portion)
            report = await self._file_portion(arrival, incoming, report)
            await self._lay_to_rest(arrival)
            done += len(portion)
            filed(done, len(wanted))
        return report

    async def _file_portion(
        self, arrival: PastArrival, incoming: Sequence[Incoming], report: ImportReport
    ) -> ImportReport:
        parsed = [(mail, await self._parse(mail)) for mail in incoming]
        arrival = replace(arrival, at=self.clock.now())
        tally = Tally()
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            await tx.receive(arrival.mailbox.id, [(mail.provider_id, mail.received_at) for mail in incoming])
            for mail, read in parsed:
                await self._place(tx, arrival, mail, read, tally)
        return _added(report, tally, len(arrival.closed))

    async def _lay_to_rest(self, arrival: PastArrival) -> None:
        """Filing asks for work. Closed history needs none, and so many requests would keep the agent from its own."""
        closed = list(dict.fromkeys(arrival.closed))
        arrival.closed.clear()
        views = [await self.store.work_view(ticket_id, self.clock.now()) for ticket_id in closed]
        async with self.store.begin() as tx:
            for view in views:
                if view.is_closed:
                    await tx.rest(view.ticket_id, view.version, None)

    async def _mailbox(self, address: str) -> tuple[MailboxRecord, frozenset[str]]:
        records = await self.store.mailboxes()
        record = next((each for each in records if each.address.casefold() == address.strip().casefold()), None)
        if record is None:
            raise NotFound(f"There is no mailbox {address}. Add it with `communication-agent mailbox add`.")
        return record, own_addresses(records)

    async def _unknown(self, record: MailboxRecord, contents: Sequence[Archived]) -> list[Archived]:
        unknown: set[str] = set()
        for ids in chunks([mail.provider_id for mail in contents]):
            unknown |= await self.store.unknown_provider_ids(record.id, ids)
        return [mail for mail in contents if mail.provider_id in unknown]

    async def _record(self, record: MailboxRecord, report: ImportReport, by: Actor) -> None:
        names = ("opened", "appended", "automatic", "skipped", "quarantined")
        counted = {name: getattr(report, name) for name in names}
        fields: Fields = {"mailbox": str(record.id), "source": "import", **counted}
        async with self.store.begin() as tx:
            await tx.record(AuditEvent(EventKind.SYNCED, by.name, self.clock.now(), None, fields))


def _counted(contents: Sequence[Archived], known: int) -> ImportReport:
    oldest, newest = (contents[0].at, contents[-1].at) if contents else (None, None)
    return ImportReport(len(contents), known, oldest=oldest, newest=newest)


def _added(report: ImportReport, tally: Tally, closed: int) -> ImportReport:
    counts = tally.counts
    return replace(
        report,
        opened=report.opened + counts[Outcome.OPENED],
        appended=report.appended + counts[Outcome.APPENDED],
        automatic=report.automatic + counts[Outcome.AUTOMATIC],
        skipped=report.skipped + counts[Outcome.SKIPPED],
        quarantined=report.quarantined + counts["quarantined"],
        failed=report.failed + counts["failed"],
        closed=report.closed + closed,
        reasons=report.reasons + tally.reasons,
    )
