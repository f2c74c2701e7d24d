"""Mail in, as part of a transaction: what is known, whose it is, and putting it on record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Select, case, delete, func, insert, literal, select, union_all, update

from persistence.columns import UtcDateTime, later_of
from persistence.packing import Columns, message_from, pack_mail, pack_progress, sha256, snippet, time_ordered_id
from persistence.rows import (
    attachments,
    blobs,
    mailboxes,
    mails,
    quarantine,
    received_mails,
    skipped_mails,
    ticket_participants,
    tickets,
)
from persistence.search_index import SearchIndex
from persistence.unit import Unit
from tickets.boards import MailboxState, Progress
from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, SenderVerdict
from tickets.ports import Incoming, Skipped
from tickets.storage import KnownMail, NewMail
from tickets.ticket import TicketId

# A machine's mail is on the ticket, but it neither lifts the ticket nor shows as its last word.
MOVES_NOTHING: Final = frozenset({MailKind.AUTOMATIC, MailKind.BOUNCE})

_TAKING_MAIL_IN: Final = 0x63615F6D61696C  # the advisory lock of arriving mail


class MailWrites:
    """The part of a transaction that takes mail in."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    async def taking_mail_in(self) -> None:
        """SQLite's transactions exclude each other anyway."""
        if not self._unit.is_sqlite:
            await self._connection.execute(select(func.pg_advisory_xact_lock(_TAKING_MAIL_IN)))

    async def mails_with_id(self, message_id: str) -> tuple[KnownMail, ...]:
        found = await self._connection.execute(select(mails).where(mails.c.message_id == message_id))
        return tuple(KnownMail(row.mailbox_id, row.ticket_id, message_from(row, ()).mail) for row in found)

    async def tickets_holding(self, mailbox_id: MailboxId, message_ids: Sequence[str]) -> Mapping[str, TicketId]:
        query = select(mails.c.message_id, mails.c.ticket_id).where(
            mails.c.mailbox_id == mailbox_id, mails.c.message_id.in_(message_ids), mails.c.ticket_id.is_not(None)
        )
        return {row.message_id: row.ticket_id for row in await self._connection.execute(query)}

    async def tickets_we_answered(self, message_ids: Sequence[str]) -> Mapping[str, TicketId]:
        query = select(mails.c.message_id, mails.c.ticket_id).where(
            mails.c.message_id.in_(message_ids),
            mails.c.kind == MailKind.REPLY.value,
            mails.c.ticket_id.is_not(None),
        )
        return {row.message_id: row.ticket_id for row in await self._connection.execute(query)}

    async def ticket_in_provider_thread(self, mailbox_id: MailboxId, provider_thread_id: str) -> TicketId | None:
        newest = (
            select(mails.c.ticket_id)
            .where(mails.c.mailbox_id == mailbox_id, mails.c.provider_thread_id == provider_thread_id)
            .order_by(mails.c.at.desc())
        )
        return await self._ticket(newest)

    async def ticket_numbered(self, mailbox_id: MailboxId, number: int) -> TicketId | None:
        query = select(tickets.c.id).where(tickets.c.mailbox_id == mailbox_id, tickets.c.number == number)
        return TicketId(found) if (found := (await self._connection.execute(query)).scalar()) else None

    async def participants(self, ticket_id: TicketId) -> frozenset[str]:
        query = select(ticket_participants.c.address_key).where(ticket_participants.c.ticket_id == ticket_id)
        return frozenset((await self._connection.execute(query)).scalars())

    async def add_mail(self, mail: NewMail) -> MailId:
        """Raises Conflict at the end of the transaction for a mail that the mailbox has already."""
        await self._no_longer_skipped(mail.mailbox_id, mail.provider_id)
        mail_id = MailId(time_ordered_id())
        raw_key = await self._keep_blobs({**mail.blobs, sha256(mail.raw): mail.raw}, mail.raw)
        await self._connection.execute(insert(mails), _mail_columns(mail, mail_id, raw_key))
        if mail.mail.attachments:
            await self._connection.execute(insert(attachments), _attachment_rows(mail_id, mail.mail))
        await self._put_on_ticket(mail, mail_id)
        return mail_id

    async def quarantine(self, mailbox_id: MailboxId, incoming: Incoming, reason: str) -> None:
        await self._no_longer_skipped(mailbox_id, incoming.provider_id)
        row = {
            "id": uuid4(),
            "mailbox_id": mailbox_id,
            "provider_id": incoming.provider_id,
            "reason": reason,
            "received_at": incoming.received_at,
            "size": len(incoming.raw),
            "raw_sha256": await self._keep_blobs({sha256(incoming.raw): incoming.raw}, incoming.raw),
            "provider_thread_id": incoming.provider_thread_id,
            "is_sent": incoming.is_sent,
        }
        await self._connection.execute(self._unit.upsert(quarantine).on_conflict_do_nothing(), row)

    async def receive(self, mailbox_id: MailboxId, received: Sequence[tuple[str, datetime]]) -> None:
        rows = [
            {"mailbox_id": mailbox_id, "provider_id": provider_id, "day": at.date().isoformat()}
            for provider_id, at in received
        ]
        if rows:
            await self._connection.execute(self._unit.upsert(received_mails).on_conflict_do_nothing(), rows)

    async def skip(self, mailbox_id: MailboxId, skipped: Skipped) -> None:
        """The latest reason stands. What is on record or in quarantine meanwhile has its one place already."""
        if await self._has_a_place(mailbox_id, skipped.provider_id):
            return
        row = {
            "mailbox_id": mailbox_id,
            "provider_id": skipped.provider_id,
            "reason": skipped.reason,
            "is_final": skipped.is_final,
        }
        put = self._unit.upsert(skipped_mails)
        put = put.on_conflict_do_update(
            index_elements=["mailbox_id", "provider_id"],
            set_={"reason": put.excluded.reason, "is_final": put.excluded.is_final},
        )
        await self._connection.execute(put, row)

    async def _has_a_place(self, mailbox_id: MailboxId, provider_id: str) -> bool:
        places = (
            select(place.c.id).where(place.c.mailbox_id == mailbox_id, place.c.provider_id == provider_id)
            for place in (mails, quarantine)
        )
        return (await self._connection.execute(union_all(*places).limit(1))).first() is not None

    async def _no_longer_skipped(self, mailbox_id: MailboxId, provider_id: str) -> None:
        """A mail that was rescued from spam, say."""
        theirs = (skipped_mails.c.mailbox_id == mailbox_id) & (skipped_mails.c.provider_id == provider_id)
        await self._connection.execute(delete(skipped_mails).where(theirs))

    async def mark_gone(self, mailbox_id: MailboxId, provider_ids: Sequence[str]) -> None:
        if provider_ids:
            theirs = (mails.c.mailbox_id == mailbox_id) & mails.c.provider_id.in_(provider_ids)
            await self._connection.execute(update(mails).where(theirs).values(is_gone=True))

    async def move_cursor(self, mailbox_id: MailboxId, cursor: str, progress: Progress | None = None) -> None:
        moved = update(mailboxes).where(mailboxes.c.id == mailbox_id)
        await self._connection.execute(moved.values(cursor=cursor, progress=pack_progress(progress)))

    async def mailbox_is(self, mailbox_id: MailboxId, state: MailboxState, detail: str | None, at: datetime) -> None:
        since = case((mailboxes.c.state == state.value, mailboxes.c.state_since), else_=literal(at, UtcDateTime))
        changes: Columns = {"state": state.value, "detail": detail, "state_since": since}
        if state is MailboxState.OK:
            changes["last_ok_at"] = at
        # A sync that was under way when an administrator took the mailbox off the desk must not bring it back.
        still_on = mailboxes.c.state != MailboxState.DISCONNECTED.value
        theirs = (mailboxes.c.id == mailbox_id) & still_on
        await self._connection.execute(update(mailboxes).where(theirs).values(changes))

    async def _ticket(self, query: Select[Any]) -> TicketId | None:
        found = (await self._connection.execute(query.where(mails.c.ticket_id.is_not(None)).limit(1))).scalar()
        return TicketId(found) if found else None

    async def keep_blob(self, content: bytes) -> str:
        return await self._keep_blobs({sha256(content): content}, content)

    async def _keep_blobs(self, contents: Mapping[str, bytes], raw: bytes) -> str:
        """Store each content once; gives back the key of the raw mail."""
        rows = [{"sha256": key, "size": len(content), "content": content} for key, content in contents.items()]
        await self._connection.execute(self._unit.upsert(blobs).on_conflict_do_nothing(), rows)
        return sha256(raw)

    async def _put_on_ticket(self, mail: NewMail, mail_id: MailId) -> None:
        if mail.ticket_id is None:
            return
        index = SearchIndex(self._connection, is_sqlite=self._unit.is_sqlite)
        await index.put_mail(mail_id, mail.ticket_id, mail.at, mail.mail)
        await self._note_participants(mail.ticket_id, participants_of(mail.kind, mail.verdict, mail.mail))
        changed = update(tickets).where(tickets.c.id == mail.ticket_id).values(_ticket_changes(mail))
        await self._connection.execute(changed)

    async def _note_participants(self, ticket_id: TicketId, people: Iterable[Address]) -> None:
        keys = sorted({address.key for address in people if address.key})
        if keys:
            rows = [{"ticket_id": ticket_id, "address_key": key} for key in keys]
            await self._connection.execute(self._unit.upsert(ticket_participants).on_conflict_do_nothing(), rows)


def participants_of(kind: MailKind, verdict: SenderVerdict, mail: Mail) -> tuple[Address, ...]:
    """Whom the mail lets take part: a forged report or a forged sender must not bring anybody along."""
    if kind in MOVES_NOTHING:
        return ()
    if verdict is SenderVerdict.FAILED:
        return (mail.sender,)
    return (mail.sender, *mail.to, *mail.cc)


def _mail_columns(new: NewMail, mail_id: MailId, raw_key: str) -> Columns:
    return {
        "id": mail_id,
        "mailbox_id": new.mailbox_id,
        "ticket_id": new.ticket_id,
        "kind": new.kind.value,
        "verdict": new.verdict.value,
        "at": new.at,
        "provider_id": new.provider_id,
        "provider_thread_id": new.provider_thread_id,
        "message_id": new.mail.message_id,
        "sender_address": new.mail.sender.address,
        "subject": new.mail.subject,
        "content": pack_mail(new.mail),
        "attachments": len(new.mail.attachments),
        "raw_sha256": raw_key,
        "is_gone": False,
    }


def _attachment_rows(mail_id: MailId, mail: Mail) -> list[Columns]:
    return [
        {
            "mail_id": mail_id,
            "position": position,
            "filename": part.filename,
            "content_type": part.content_type,
            "size": part.size,
            "sha256": part.sha256,
            "content_id": part.content_id,
            "is_inline": part.is_inline,
        }
        for position, part in enumerate(mail.attachments)
    ]


def _ticket_changes(new: NewMail) -> Columns:
    """What the boards show of the ticket's mails."""
    changes: Columns = {"mails": tickets.c.mails + 1}
    if new.kind not in MOVES_NOTHING:
        changes["snippet"] = snippet(new.mail)
        changes["updated_at"] = later_of(tickets.c.updated_at, new.at)
        changes["spoken_at"] = later_of(tickets.c.spoken_at, new.at)
    if new.kind is MailKind.CUSTOMER:
        changes["sender_failed"] = new.verdict is SenderVerdict.FAILED
    return changes
