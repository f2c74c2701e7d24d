"""Replies that wait or have ended: what may still have to be cleared up in their mailbox, and what may be woken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update

from persistence.engine import Database
from persistence.packing import outgoing_from
from persistence.rows import mails, outbox
from persistence.unit import Unit
from tickets.mail import MailboxId, MailKind
from tickets.outbox import ENDED, IN_FLIGHT, Outgoing, Receipt

_ENDED: Final = sorted(state.value for state in ENDED)
_IN_FLIGHT: Final = sorted(state.value for state in IN_FLIGHT)


class OutboxReads:
    """The store's reads of the outbox across tickets."""

    _database: Database

    async def untidy(
        self, mailbox_id: MailboxId, now: datetime, limit: int, after: UUID | None = None
    ) -> tuple[Outgoing, ...]:
        query = select(outbox).where(
            outbox.c.mailbox_id == mailbox_id,
            ~outbox.c.is_tidy,
            outbox.c.state.in_(_ENDED),
            or_(outbox.c.next_at.is_(None), outbox.c.next_at <= now),
        )
        if after is not None:
            query = query.where(outbox.c.id > after)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(outbox.c.id).limit(limit))
            return tuple(outgoing_from(row) for row in found)

    async def waiting(self, mailbox_id: MailboxId, now: datetime) -> Sequence[Outgoing]:
        query = select(outbox).where(
            outbox.c.mailbox_id == mailbox_id,
            outbox.c.state.in_(_IN_FLIGHT),
            outbox.c.claim.is_(None),
            outbox.c.next_at > now,
        )
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(outbox.c.due_at))
            return tuple(outgoing_from(row) for row in found)


class TidyWrites:
    """The part of a transaction that corrects what is on record of a reply that left."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    async def sent_as(self, outgoing: Outgoing, receipt: Receipt) -> None:
        """A mail that is on record already under that id or Message-ID is left as it is."""
        taken = select(mails.c.id).where(
            mails.c.mailbox_id == outgoing.mailbox_id,
            or_(mails.c.provider_id == receipt.provider_id, mails.c.message_id == receipt.message_id),
            mails.c.message_id != outgoing.message_id,
        )
        if (await self._connection.execute(taken.limit(1))).first() is not None:
            return
        ours = (
            (mails.c.mailbox_id == outgoing.mailbox_id)
            & (mails.c.message_id == outgoing.message_id)
            & (mails.c.kind == MailKind.REPLY.value)
        )
        real = {
            "message_id": receipt.message_id,
            "provider_id": receipt.provider_id,
            "provider_thread_id": receipt.provider_thread_id,
        }
        await self._connection.execute(update(mails).where(ours).values(real))
