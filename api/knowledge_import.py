"""Importing articles from files: the page with its report of each file, and the same for scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import MultipartBody, QueryParameter
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from api.auth import may
from api.frame import frame
from api.language import said, told
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from tickets.accounts import Session
from tickets.errors import BadInput, Conflict, DeskError, NotFound
from tickets.knowledge_import import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_UPLOAD_BYTES,
    ImportReport,
    KnowledgeImport,
    Uploaded,
)
from tickets.people import Scope

PAGE: Final = "/boards/settings/knowledge/import"
KNOWLEDGE: Final = "/boards/settings/knowledge"
BODY_BYTES: Final = MAX_UPLOAD_BYTES + 2**20  # the form around the files

Dry = Annotated[bool, QueryParameter(description="Only say what would become of each file.")]


def _import_of(services: Services) -> KnowledgeImport:
    if services.knowledge_import is None:
        raise NotFound("The knowledge cannot be changed here.")
    return services.knowledge_import


async def _uploaded(files: Sequence[UploadFile]) -> list[Uploaded]:
    if len(files) > MAX_FILES:
        raise BadInput("These are too many files at once. Pack them into a .zip, or send them in parts.")
    return [Uploaded(file.filename, await file.read()) for file in files if file.filename]


@get(PAGE, guards=[may(Scope.ADMIN)])
async def import_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """Where files are chosen."""
    return await _page(services, session)


@post(PAGE, guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK, request_max_body_size=BODY_BYTES)
async def import_files(
    request: Request[Any, Any, Any], services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template:
    """Import the files, or only say what would become of them; the report stands on the page."""
    form = await request.form()
    try:
        files = await _uploaded([each for each in form.getall("files", []) if isinstance(each, UploadFile)])
        report = await _import_of(services).run(files, by=actor, is_dry=form.get("do") == "check")
    except (BadInput, Conflict) as refusal:
        return await _page(services, session, refusal=refusal)
    return await _page(services, session, report=report, was_asked=form.get("do") == "check")


async def _page(
    services: Services,
    session: Session,
    *,
    report: ImportReport | None = None,
    refusal: DeskError | None = None,
    was_asked: bool = False,
) -> Template:
    context = {
        "frame": await frame(services, session),
        "here": KNOWLEDGE,
        "path": PAGE,
        "report": report,
        "said": said,
        "was_asked": was_asked,
        "error": told(refusal) if refusal else None,
        "limits": {"files": MAX_FILES, "kb": MAX_FILE_BYTES // 1000, "mb": MAX_UPLOAD_BYTES // 2**20},
    }
    is_refused = refusal is not None or (report is not None and bool(report.wrong))
    return Template("settings_import.html", context=context, status_code=400 if is_refused else 200)


# --- scripts ----------------------------------------------------------------------------------------------------------


@dataclass
class ImportUpload:
    """Markdown files with front matter, or .zip archives of them."""

    files: list[UploadFile]


class FileReportOut(Struct):
    """`fate` is added, changed, unchanged, left_out (no Markdown file) or wrong; `says` why."""

    name: str
    fate: str
    article_id: str | None
    says: str


class ImportReportOut(Struct):
    """`is_done` is false when a file is wrong, and then nothing was imported, or when it was only asked."""

    is_done: bool
    files: list[FileReportOut]

    @classmethod
    def of(cls, report: ImportReport) -> Self:
        files = [FileReportOut(each.name, each.fate, each.article_id, each.says) for each in report.files]
        return cls(report.is_done, files)


@post(
    "/settings/knowledge/import",
    guards=[may(Scope.ADMIN)],
    status_code=HTTP_200_OK,
    responses=problems(409, 413),
    request_max_body_size=BODY_BYTES,
)
async def import_knowledge(
    services: ServicesNeed, actor: ActorNeed, data: MultipartBody[ImportUpload], dry_run: Dry = False
) -> ImportReportOut:
    """Import articles and ready texts, all of them or none: by the rules of `knowledge import` on the server."""
    report = await _import_of(services).run(await _uploaded(data.files), by=actor, is_dry=dry_run)
    return ImportReportOut.of(report)


knowledge_import_page_handlers: list[HTTPRouteHandler] = [import_page, import_files]
knowledge_import_handlers: Sequence[HTTPRouteHandler] = (import_knowledge,)
