"""What arriving mail is held against: merged tickets, replies that left, addresses that bounced, storms, quarantine."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, false, func, or_, select

from persistence.engine import Database
from persistence.packing import addresses_from, mail_from
from persistence.rows import blobs, bounced_addresses, mails, outbox, quarantine, tickets
from persistence.rows_retention import dismissed_bytes
from persistence.unit import Unit
from tickets.errors import NotFound
from tickets.mail import Address, MailboxId, MailKind
from tickets.outbox import OutboxState
from tickets.ports import Incoming
from tickets.storage import BouncedAddress, QuarantinedMail, SentReply
from tickets.ticket import TicketId

# A report on a reply can arrive before we know for certain that the reply left.
_MAY_BE_OUT: Final = [
    state.value for state in (OutboxState.SENT, OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.NEEDS_HUMAN)
]

# However many mails there are, a mail that arrives looks at this many. Who sent less than one in fifteen is no storm.
_NEWEST: Final = 300


class ArrivalWrites:
    """The part of a transaction that asks, of a mail that arrives, what went before."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    async def standing_ticket(self, ticket_id: TicketId) -> TicketId | None:
        """Ends in a circle too, which no merge makes but a repaired table might hold."""
        seen: set[UUID] = set()
        here: UUID = ticket_id
        while here not in seen:
            seen.add(here)
            query = select(tickets.c.merged_into).where(tickets.c.id == here)
            found = (await self._connection.execute(query)).first()
            if found is None:
                return None
            if found.merged_into is None:
                break
            here = found.merged_into
        return TicketId(here)

    async def follow_up_of(self, ticket_id: TicketId) -> TicketId | None:
        query = select(tickets.c.id).where(tickets.c.follows == ticket_id).order_by(tickets.c.number.desc()).limit(1)
        return TicketId(found) if (found := (await self._connection.execute(query)).scalar()) else None

    async def sent_reply(self, message_id: str | None, send_id: UUID | None = None) -> SentReply | None:
        is_named = or_(
            outbox.c.message_id == message_id if message_id else false(),
            outbox.c.id == send_id if send_id else false(),
        )
        left = (await self._connection.execute(select(outbox).where(is_named, outbox.c.state.in_(_MAY_BE_OUT)))).first()
        if left is not None:
            people = (*addresses_from(left.to), *addresses_from(left.cc), *addresses_from(left.bcc))
            # A split may have put the reply itself on another ticket than its approval.
            on_record = await self._recorded_reply(left.message_id)
            here = on_record.ticket_id if on_record else TicketId(left.ticket_id)
            return SentReply(here, frozenset(each.key for each in people))
        return await self._recorded_reply(message_id) if message_id else None

    async def _recorded_reply(self, message_id: str) -> SentReply | None:
        ours = (mails.c.message_id == message_id) & (mails.c.kind == MailKind.REPLY.value)
        row = (await self._connection.execute(select(mails).where(ours, mails.c.ticket_id.is_not(None)))).first()
        if row is None:
            return None
        mail = mail_from(row, ())
        return SentReply(TicketId(row.ticket_id), frozenset(each.key for each in (*mail.to, *mail.cc)))

    async def customers_mails(self, since: datetime, *, sender: Address) -> int:
        newest = select(mails.c.sender_address, mails.c.at, mails.c.kind).order_by(mails.c.id.desc()).limit(_NEWEST)
        recent = newest.subquery()
        query = select(func.count()).where(
            recent.c.sender_address.in_(sorted({sender.address, sender.key})),
            recent.c.at >= since,
            recent.c.kind == MailKind.CUSTOMER.value,
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def customers_mails_on(self, ticket_id: TicketId, since: datetime) -> int:
        query = select(func.count()).where(
            mails.c.ticket_id == ticket_id, mails.c.at >= since, mails.c.kind == MailKind.CUSTOMER.value
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def mark_bounced(self, address: BouncedAddress) -> None:
        put = self._unit.upsert(bounced_addresses)
        said = {name: put.excluded[name] for name in ("is_permanent", "reason", "at")}
        row = {"address_key": address.key, "is_permanent": address.is_permanent}
        row |= {"reason": address.reason, "at": address.at}
        await self._connection.execute(put.on_conflict_do_update(index_elements=["address_key"], set_=said), row)

    async def clear_bounced(self, address_key: str) -> None:
        theirs = bounced_addresses.c.address_key == address_key
        await self._connection.execute(delete(bounced_addresses).where(theirs))

    async def release_quarantined(self, quarantine_id: UUID, dismissed_at: datetime | None = None) -> bool:
        released = delete(quarantine).where(quarantine.c.id == quarantine_id).returning(quarantine.c.raw_sha256)
        row = (await self._connection.execute(released)).first()
        if row is not None and dismissed_at is not None:
            put = self._unit.upsert(dismissed_bytes).on_conflict_do_nothing()
            await self._connection.execute(put, [{"sha256": row.raw_sha256, "at": dismissed_at}])
        return row is not None


class ArrivalReads:
    """The store's reads of addresses that bounced and of mail in quarantine."""

    _database: Database

    async def bounced(self, keys: Collection[str]) -> Mapping[str, BouncedAddress]:
        query = select(bounced_addresses).where(bounced_addresses.c.address_key.in_(sorted(keys)))
        async with self._database.read() as connection:
            found = await connection.execute(query)
            return {
                row.address_key: BouncedAddress(row.address_key, row.is_permanent, row.reason, row.at) for row in found
            }

    async def quarantined_mail(self, quarantine_id: UUID) -> QuarantinedMail:
        query = (
            select(quarantine, blobs.c.content)
            .join(blobs, blobs.c.sha256 == quarantine.c.raw_sha256)
            .where(quarantine.c.id == quarantine_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound("There is no such mail in quarantine any more. Reload the page.")
        incoming = Incoming(row.provider_id, row.content, row.received_at, row.provider_thread_id, row.is_sent)
        return QuarantinedMail(row.id, MailboxId(row.mailbox_id), row.reason, incoming)
