"""Bytes that came by mail, handed out as downloads: never as something a browser would run or show by itself."""

from typing import Final
from urllib.parse import quote

from litestar import Response

from tickets.errors import NotFound
from tickets.mail import Attachment, MailId
from tickets.storage import TicketStore
from tickets.ticket import TicketId

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


def download(content: bytes, filename: str) -> Response[bytes]:
    """RFC 6266; the name is a stranger's, so everything but plain characters is percent-encoded."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename or 'attachment', safe='')}"
    headers = {**HEADERS, "Content-Disposition": disposition}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def attachment_of(store: TicketStore, ticket_id: TicketId, sha256: str) -> Response[bytes]:
    """A file of one of the ticket's mails or of its draft. Raises NotFound for any other, stored or not."""
    conversation = await store.conversation(ticket_id)
    draft = await store.current_draft(ticket_id)
    of_mails = (file for message in conversation.messages for file in message.mail.attachments)
    every: tuple[Attachment, ...] = (*of_mails, *(draft.attachments if draft else ()))
    if (found := next((file for file in every if file.sha256 == sha256), None)) is None:
        raise NotFound("This ticket has no such attachment. Go back to the ticket.")
    return download(await store.blob(sha256), found.filename)


async def raw_mail(store: TicketStore, ticket_id: TicketId, mail_id: MailId) -> Response[bytes]:
    """A mail as it came, as an .eml file."""
    return download(await store.raw_mail(ticket_id, mail_id), f"{mail_id}.eml")
