"""The weekly digest: a page, the draft of a mail to download, and the same for scripts. Nothing here sends a mail."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Response, Template

from api.auth import may
from api.digest_mail import draft_of
from api.digest_words import change, days, sentences, shown, title
from api.frame import frame
from api.language import told
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.report_schemas import DigestOut
from api.services import Services
from api.tickets import problems
from tickets.digest import Digest, DigestMaking, Week
from tickets.errors import BadInput, Conflict
from tickets.people import Actor, Scope

HERE: Final = "/boards/reports/digest"
REPORTS: Final = "/boards/reports"
MEDIA_TYPE: Final = "message/rfc822"

TypedWeek = Annotated[str | None, QueryParameter(name="week", max_length=20)]
WantedWeek = Annotated[
    str | None,
    QueryParameter(
        name="week", pattern=r"^[0-9]{4}-W[0-9]{2}$", description="As 2026-W47; the last whole week without."
    ),
]


@get(HERE, guards=[may(Scope.READ)])
async def digest_page(services: ServicesNeed, session: SessionNeed, typed: TypedWeek = None) -> Template:
    """A week in words and figures, beside the week before."""
    refusal = ""
    try:
        digest = await _digest(services, typed)
    except BadInput as error:
        refusal, digest = told(error), await _digest(services, None)
    context: dict[str, Any] = {
        "frame": await frame(services, session),
        "here": REPORTS,
        "digest": digest,
        "refusal": refusal,
        "typed": typed if refusal else str(digest.week),
        "title": title(digest.week),
        "days": days(digest.week),
        "sentences": sentences(digest),
        "change": change,
        "shown": shown,
    }
    return Template("digest.html", context=context)


@get(HERE + "/mail", guards=[may(Scope.READ)])
async def digest_file(services: ServicesNeed, session: SessionNeed, typed: TypedWeek = None) -> Response[bytes]:
    """The draft of a mail, from whoever asks; it leaves only when they send it."""
    digest = await _digest(services, typed)
    return _file(services, digest, session.operator.email)


@get("/reports/digest", guards=[may(Scope.READ)], responses=problems())
async def read_digest(services: ServicesNeed, week: WantedWeek = None) -> DigestOut:
    """A week in words and figures, beside the week before. The words are in the language that is asked for."""
    digest = await _digest(services, week)
    return DigestOut.of(digest, sentences(digest))


@get(
    "/reports/digest/mail",
    guards=[may(Scope.READ)],
    media_type=MEDIA_TYPE,
    responses={
        **problems(409),
        200: ResponseSpec(bytes, description="A message (RFC 5322) with text and HTML.", media_type=MEDIA_TYPE),
    },
)
async def read_digest_mail(services: ServicesNeed, actor: ActorNeed, week: WantedWeek = None) -> Response[bytes]:
    """The digest as the draft of a mail without recipients. The desk does not send it."""
    return _file(services, await _digest(services, week), await _sender(services, actor))


async def _digest(services: Services, typed: str | None) -> Digest:
    making = DigestMaking(services.figures, services.boards, services.desk_settings)
    return await making.made(Week.read(typed) if typed else None, services.clock.now())


async def _sender(services: Services, actor: Actor) -> str:
    """The address of the person behind the token, else the desk's first mailbox."""
    if actor.person_id:
        people = await services.accounts.operators()
        if owner := next((person.email for person in people if person.id == actor.person_id), ""):
            return owner
    boxes = await services.boards.mailboxes()
    if not boxes:
        raise Conflict("There is no address that the mail could come from. Connect a mailbox first.")
    return boxes[0].address


def _file(services: Services, digest: Digest, sender: str) -> Response[bytes]:
    settings, now = services.settings, services.clock.now()
    content = draft_of(digest, sender=sender, desk_name=settings.desk_name, site=settings.base_url, at=now)
    disposition = f'attachment; filename="digest-{digest.week}.eml"'
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})


digest_page_handlers: Sequence[HTTPRouteHandler] = (digest_page, digest_file)
digest_handlers: Sequence[HTTPRouteHandler] = (read_digest, read_digest_mail)
