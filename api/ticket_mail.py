"""The mails of a ticket as files and pictures: original HTML in its frame, raw bytes, attachments."""

import asyncio
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from api.auth import may
from api.downloads import attachment_of, raw_mail
from api.mail_html import (
    MAX_DATA_URL_BYTES,
    cleaned,
    data_url,
    document,
    document_headers,
    has_remote_images,
    shown_inline,
)
from api.ticket_page import NEEDS, PAGE, PageNeed
from tickets.errors import NotFound
from tickets.letter import html_text
from tickets.mail import MailId, Message
from tickets.people import Scope
from tickets.storage import TicketStore


@get(PAGE + "/mails/{mail_id:uuid}/html", guards=[may(Scope.READ)], dependencies=NEEDS)
async def original_html(page: PageNeed, mail_id: FromPath[UUID], remote: FromQuery[bool] = False) -> Template:
    """A mail's HTML, cleaned, in a frame that can run and load nothing; the page's script asks for the frame alone."""
    message = await page.message(MailId(mail_id))
    if message.mail.html is None:
        raise NotFound("This mail has no HTML. Its text is on the ticket.")
    is_part = page.request.headers.get("hx-request") == "true"
    context = {
        "message": message,
        "base": f"/boards/tickets/{page.ticket_id}",
        "remote": remote,
        "has_remote": has_remote_images(message.mail.html),
    }
    return Template("partials/mail_html.html" if is_part else "mail_html.html", context=context)


@get(PAGE + "/mails/{mail_id:uuid}/document", guards=[may(Scope.READ)], dependencies=NEEDS)
async def html_document(page: PageNeed, mail_id: FromPath[UUID], remote: FromQuery[bool] = False) -> Response[str]:
    """What stands in that frame. With `remote` the browser itself loads the images from where they are."""
    message = await page.message(MailId(mail_id))
    if message.mail.html is None:
        raise NotFound("This mail has no HTML. Its text is on the ticket.")
    blobs = await _inline_images(page.services.store, message)
    # Cleaning may take some tenths of a second and lets other threads run meanwhile.
    html = await asyncio.to_thread(cleaned, message.mail.html, blobs=blobs, show_remote=remote)
    return Response(document(html), media_type=MediaType.HTML, headers=document_headers(show_remote=remote))


@get(PAGE + "/mails/{mail_id:uuid}/raw", guards=[may(Scope.READ)], dependencies=NEEDS)
async def raw(page: PageNeed, mail_id: FromPath[UUID]) -> Response[bytes]:
    """The mail as it came, as a download."""
    return await raw_mail(page.services.store, page.ticket_id, MailId(mail_id))


@get(PAGE + "/attachments/{sha256:str}", guards=[may(Scope.READ)], dependencies=NEEDS)
async def attachment(page: PageNeed, sha256: FromPath[str]) -> Response[bytes]:
    """The bytes of an attachment, always as a download."""
    return await attachment_of(page.services.store, page.ticket_id, sha256)


@get(PAGE + "/attachments/{sha256:str}/picture", guards=[may(Scope.READ)], dependencies=NEEDS)
async def picture(page: PageNeed, sha256: FromPath[str]) -> Response[str]:
    """An attached image, shown in the same kind of frame as a mail's HTML; NotFound for what is none, or too large."""
    store = page.services.store
    conversation = await store.conversation(page.ticket_id)
    files = (file for message in conversation.messages for file in message.mail.attachments)
    found = next((file for file in files if file.sha256 == sha256 and file.size <= MAX_DATA_URL_BYTES), None)
    address = data_url(found.content_type, await store.blob(sha256)) if found else None
    if address is None:
        raise NotFound("This ticket has no such image to show. Download the file instead.")
    return _framed(document(f'<img src="{address}" alt="">'))


@get(PAGE + "/preview", guards=[may(Scope.READ)], dependencies=NEEDS)
async def preview(page: PageNeed) -> Response[str]:
    """The HTML part of the newest draft as it would leave, in the same kind of frame."""
    draft = await page.services.store.current_draft(page.ticket_id)
    if draft is None:
        raise NotFound("This ticket has no draft to look at. Write a reply first.")
    return _framed(html_text(draft, page.services.desk.to_html(draft.body)))


def _framed(html: str) -> Response[str]:
    return Response(html, media_type=MediaType.HTML, headers=document_headers(show_remote=False))


async def _inline_images(store: TicketStore, message: Message) -> dict[str, str]:
    """The images that a mail's HTML names by Content-ID, as addresses that carry them along."""
    found: dict[str, str] = {}
    by_sha256: dict[str, str | None] = {}
    for file in await asyncio.to_thread(shown_inline, message.mail):
        if file.sha256 not in by_sha256:
            by_sha256[file.sha256] = data_url(file.content_type, await store.blob(file.sha256))
        address = by_sha256[file.sha256]
        if file.content_id and address:
            found[file.content_id] = address
    return found


ticket_mail_handlers: list[HTTPRouteHandler] = [original_html, html_document, raw, attachment, picture, preview]
