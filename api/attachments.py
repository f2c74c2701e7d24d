"""Files for scripts: those of the customer's mails, and those that a reply takes along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from litestar import Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, MultipartBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from api.auth import may
from api.downloads import attachment_of, raw_mail
from api.needs import ActorNeed, DeskNeed, StoreNeed
from api.schemas import FullTicketOut
from api.tickets import READ, WRITE, TicketPath, in_full
from tickets.mail import MailId
from tickets.people import Scope
from tickets.ticket import TicketId

MAX_UPLOAD_BYTES: Final = 101 * 2**20  # more than any CA_MAX_ATTACHMENTS_MB; the use case knows the real limit

Revision = Annotated[int, QueryParameter(ge=1, le=2**31 - 1, description="The draft it is taken from.")]


@dataclass
class AttachmentUpload:
    """A file, and the revision of the draft that it comes along with."""

    file: UploadFile
    revision: int


@get("/tickets/{ticket_id:uuid}/attachments/{sha256:str}", guards=[may(Scope.READ)], responses=READ)
async def read_attachment(ticket_id: TicketPath, sha256: FromPath[str], store: StoreNeed) -> Response[bytes]:
    """The bytes of a file of this ticket's mails or draft."""
    return await attachment_of(store, TicketId(ticket_id), sha256)


@get("/tickets/{ticket_id:uuid}/mails/{mail_id:uuid}/raw", guards=[may(Scope.READ)], responses=READ)
async def read_raw_mail(ticket_id: TicketPath, mail_id: FromPath[MailId], store: StoreNeed) -> Response[bytes]:
    """A mail of this ticket as it came, byte for byte."""
    return await raw_mail(store, TicketId(ticket_id), mail_id)


@post(
    "/tickets/{ticket_id:uuid}/attachments",
    guards=[may(Scope.DRAFT)],
    status_code=HTTP_200_OK,
    responses=WRITE,
    request_max_body_size=MAX_UPLOAD_BYTES,
)
async def attach(
    ticket_id: TicketPath, data: MultipartBody[AttachmentUpload], desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Add a file to the draft, which becomes a new revision."""
    upload = data.file
    content = await upload.read()
    await desk.attach(TicketId(ticket_id), data.revision, upload.filename, upload.content_type, content, by=actor)
    return await in_full(ticket_id, desk)


@delete(
    "/tickets/{ticket_id:uuid}/attachments/{sha256:str}",
    guards=[may(Scope.DRAFT)],
    status_code=HTTP_200_OK,
    responses=WRITE,
)
async def detach(
    ticket_id: TicketPath, sha256: FromPath[str], revision: Revision, desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Take a file out of the draft, which becomes a new revision."""
    await desk.detach(TicketId(ticket_id), revision, sha256, by=actor)
    return await in_full(ticket_id, desk)


attachment_handlers: Sequence[HTTPRouteHandler] = (read_attachment, read_raw_mail, attach, detach)
