"""Automatic mail on no ticket: read page by page, and put on a ticket when it is a customer's after all."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.packing import mail_from
from persistence.rows import blobs, mailboxes, mails
from persistence.transaction_mail import MailWrites
from tickets.automatic_mail import AutomaticLine, AutomaticPage, RecordedMail, first_words, why_automatic
from tickets.errors import BadInput, NotFound
from tickets.mail import MailboxId, MailId, MailKind, SenderVerdict
from tickets.ports import Incoming
from tickets.storage import NewMail
from tickets.ticket import TicketId

_KINDS: Final = (MailKind.AUTOMATIC.value, MailKind.BOUNCE.value)
_PLACE: Final = tuple_(mails.c.at, mails.c.id)


class AutomaticWrites(MailWrites):
    """The part of a transaction that takes mail in, and takes up what was set aside as automatic."""

    async def take_up(self, mail_id: MailId, mail: NewMail) -> bool:
        on_no_ticket = (mails.c.id == mail_id) & mails.c.ticket_id.is_(None)
        moved = update(mails).where(on_no_ticket).values(ticket_id=mail.ticket_id, kind=mail.kind.value)
        if (await self._connection.execute(moved)).rowcount != 1:
            return False
        await self._put_on_ticket(mail, mail_id)
        return True


class AutomaticMailReads:
    """The store's reads of automatic mail."""

    _database: Database

    async def automatic_mails(self, limit: int, cursor: str | None) -> AutomaticPage:
        """The cursor is the id of the last mail shown; the page after it begins there even if that was taken up."""
        # Sorted by the ticket too, which is empty in all of them: so PostgreSQL reads its index backwards as well.
        newest_first = (mails.c.ticket_id.desc(), mails.c.at.desc(), mails.c.id.desc())
        query = (
            select(mails, mailboxes.c.address.label("mailbox"))
            .join(mailboxes, mailboxes.c.id == mails.c.mailbox_id)
            .where(mails.c.ticket_id.is_(None), mails.c.kind.in_(_KINDS))
            .order_by(*newest_first)
            .limit(limit + 1)
        )
        async with self._database.read() as connection:
            if cursor is not None:
                query = query.where(await _beyond(connection, cursor))
            rows = (await connection.execute(query)).all()
        lines = tuple(_line(row) for row in rows[:limit])
        return AutomaticPage(lines, lines[-1].id.hex if len(rows) > limit else None)

    async def mail_on_record(self, mail_id: MailId) -> RecordedMail:
        """Raises NotFound."""
        query = (
            select(mails, blobs.c.content.label("raw"))
            .join(blobs, blobs.c.sha256 == mails.c.raw_sha256)
            .where(mails.c.id == mail_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound("There is no such mail on record. Reload the page.")
        return RecordedMail(
            MailId(row.id),
            MailboxId(row.mailbox_id),
            TicketId(row.ticket_id) if row.ticket_id else None,
            mail_from(row, ()),
            SenderVerdict(row.verdict),
            Incoming(row.provider_id, row.raw, row.at, row.provider_thread_id),
        )


async def _beyond(connection: AsyncConnection, cursor: str) -> ColumnElement[bool]:
    try:
        last_shown = UUID(cursor)
    except ValueError:
        last_shown = None
    here = select(mails.c.at, mails.c.id).where(mails.c.id == last_shown)
    row = (await connection.execute(here)).first() if last_shown else None
    if row is None:
        raise BadInput("The cursor is none of this list's. Begin again without one.")
    return tuple_(literal(row.at, UtcDateTime), literal(row.id, mails.c.id.type)) > _PLACE


def _line(row: Row[Any]) -> AutomaticLine:
    mail, kind = mail_from(row, ()), MailKind(row.kind)
    return AutomaticLine(
        id=MailId(row.id),
        mailbox=row.mailbox,
        kind=kind,
        at=row.at,
        sender=mail.sender,
        subject=mail.subject,
        why=why_automatic(mail, kind),
        text=first_words(mail),
        is_gone=row.is_gone,
    )
