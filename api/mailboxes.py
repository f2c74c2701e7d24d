"""The mailboxes: their health, what became of their mail, and what an administrator changes. Page and REST."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from msgspec import UNSET

from api.auth import may
from api.frame import frame
from api.gmail_guide import redirect_uri, steps
from api.language import told
from api.links import see_other
from api.mailbox_schemas import AccountingOut, Disconnected, MailboxChange, MailboxList, MailboxOut, problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from tickets.accounting import Account, Alarm, DayAccount, Pace, pace
from tickets.accounts import Session
from tickets.boards import MailboxLine, MailboxState
from tickets.connecting import GMAIL, MAX_SIGNATURE, Connecting
from tickets.errors import BadInput, Conflict, DeskError, MailboxError, NotFound
from tickets.mail import MailboxId
from tickets.people import SCOPES_OF, Scope
from tickets.sync import PAUSED
from tickets.wording import N_

PAGE: Final = "/boards/mailboxes"
ONE: Final = PAGE + "/{mailbox_id:uuid}"
REST: Final = "/mailboxes"
JUST_NOW: Final = timedelta()

DONE: Final = {
    "connected": N_("Connected. The first sync has begun."),
    "resumed": N_("The mailbox is read again."),
    "paused": N_("Paused: nothing is fetched any more. Approved replies still leave."),
    "asked": N_("The sync has begun."),
    "saved": N_("Saved."),
    "revoked": N_("Disconnected. Google confirmed that the permission is gone."),
    "kept": N_(
        "Disconnected here. Google could not be asked to withdraw the permission: remove the application under "
        "Third-party access in the Google account, at myaccount.google.com/connections."
    ),
    "off": N_("Disconnected."),
}

WebRequest = Request[Any, Any, Any]
MailboxPath = FromPath[UUID]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a day's bar: what it stands for, where it begins and how wide it is, in percent."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class MailboxView:
    """A mailbox as its page shows it; `earlier` is None until the days before have been counted."""

    line: MailboxLine
    days: list[DayAccount]
    earlier: DayAccount | None
    alarms: list[Alarm]
    pace: Pace | None

    @property
    def is_gmail(self) -> bool:
        return self.line.kind == GMAIL

    def bar(self, day: DayAccount) -> list[Part]:
        """The day's mails by where they are, against the busiest day listed."""
        most = max((each.received for each in self.days), default=0) or 1
        parts, x = [], 0.0
        for name in ("on_tickets", "automatic", "quarantined", "skipped", "unaccounted"):
            width = 100 * getattr(day, name) / most
            if width:
                parts.append(Part(name, round(x, 2), round(width, 2)))
            x += width
        return parts


def connecting_of(services: Services) -> Connecting:
    """Raises NotFound on a site that was built without it."""
    if services.connecting is None:
        raise NotFound("Mailboxes cannot be changed here. Use the commands on the server.")
    return services.connecting


# --- pages ----------------------------------------------------------------------------------------------------------


@get(PAGE, guards=[may(Scope.READ)])
async def mailboxes_page(services: ServicesNeed, session: SessionNeed, done: FromQuery[str | None] = None) -> Template:
    """Every mailbox: its state, its last sync, what became of its mail."""
    account = await services.reconciliation.now(JUST_NOW) if services.reconciliation else None
    around = await frame(services, session)
    context = {
        "frame": around,
        "views": [_view(line, account, services) for line in around.mailboxes],
        "can_change": services.connecting is not None,
        "can_sync": Scope.SYNC in SCOPES_OF[session.operator.role],
        "done": DONE.get(done or ""),
        "here": PAGE,
    }
    return Template("mailboxes.html", context=context)


@get(PAGE + "/guide", guards=[may(Scope.READ)])
async def guide_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """How to get from nothing to a connected Gmail account, with this desk's own addresses."""
    base_url = services.settings.base_url
    context = {"frame": await frame(services, session), "steps": steps(base_url), "here": PAGE}
    return Template("gmail_guide.html", context=context | {"redirect_uri": redirect_uri(base_url)})


@get(ONE, guards=[may(Scope.ADMIN)])
async def mailbox_page(mailbox_id: MailboxPath, services: ServicesNeed, session: SessionNeed) -> Template:
    """How one mailbox writes: sender and signature."""
    return await _settings_page(mailbox_id, services, session)


@post(ONE, guards=[may(Scope.ADMIN)])
async def change_mailbox(
    mailbox_id: MailboxPath, request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Keep sender and signature; a refused choice comes back with the reason and what was typed."""
    form = await request.form()
    typed = str(form.get("send_as", "")).strip(), str(form.get("signature", ""))
    try:
        await connecting_of(services).change(MailboxId(mailbox_id), *typed, by=actor)
    except (BadInput, MailboxError) as refusal:
        return await _settings_page(mailbox_id, services, session, refusal, typed)
    return see_other(request, PAGE, done="saved")


@post(ONE + "/disconnect", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def disconnect_mailbox(
    mailbox_id: MailboxPath, request: WebRequest, services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Stop reading and sending; the permission is given back."""
    is_revoked = await connecting_of(services).disconnect(MailboxId(mailbox_id), by=actor)
    done = {True: "revoked", False: "kept", None: "off"}[is_revoked]
    return see_other(request, PAGE, done=done)


@post(ONE + "/pause", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def pause_mailbox(
    mailbox_id: MailboxPath, request: WebRequest, services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Fetch nothing from it for now; approved replies still leave."""
    await connecting_of(services).pause(MailboxId(mailbox_id), by=actor)
    return see_other(request, PAGE, done="paused")


@post(ONE + "/resume", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def resume_mailbox(
    mailbox_id: MailboxPath, request: WebRequest, services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Read a mailbox again that was paused, or that needs no consent."""
    await connecting_of(services).resume(MailboxId(mailbox_id), by=actor)
    return see_other(request, PAGE, done="resumed")


@post(ONE + "/sync", guards=[may(Scope.SYNC)], status_code=HTTP_303_SEE_OTHER)
async def sync_mailbox(mailbox_id: MailboxPath, request: WebRequest, services: ServicesNeed) -> Redirect:
    """Have the timer look into it at once; the page follows by itself."""
    line = await _line(services, mailbox_id)
    if line.paused_at is not None:
        raise Conflict(PAUSED)
    services.ring(line.address)
    return see_other(request, PAGE, done="asked")


async def _settings_page(
    mailbox_id: UUID,
    services: Services,
    session: Session,
    refusal: DeskError | None = None,
    typed: tuple[str, str] | None = None,
) -> Template:
    line = await _line(services, mailbox_id)
    senders, silence = await _senders(services, line)
    send_as, signature = typed or (line.send_as or "", line.signature)
    context = {
        "frame": await frame(services, session),
        "line": line,
        "senders": sorted({line.address, *senders, *([line.send_as] if line.send_as else [])}),
        "silence": silence,
        "send_as": send_as or line.address,
        "signature": signature,
        "max_signature": MAX_SIGNATURE,
        "error": told(refusal) if refusal else None,
        "here": PAGE,
    }
    return Template("mailbox.html", context=context, status_code=400 if refusal else 200)


async def _senders(services: Services, line: MailboxLine) -> tuple[frozenset[str], str | None]:
    """What it may send as; empty with the reason while the mailbox cannot be asked."""
    if services.connecting is None or line.state is MailboxState.DISCONNECTED:
        return frozenset(), "The mailbox is disconnected, so its senders are not known."
    try:
        return await services.connecting.senders(line.id), None
    except MailboxError as error:
        return frozenset(), str(error)


def _view(line: MailboxLine, account: Account | None, services: Services) -> MailboxView:
    how_fast = pace(line.progress, services.clock.now()) if line.progress else None
    if account is None:
        return MailboxView(line, [], None, [], how_fast)
    return MailboxView(
        line, account.days_of(line.id), account.earlier_of(line.id), account.alarms_of(line.id), how_fast
    )


async def _line(services: Services, mailbox_id: UUID) -> MailboxLine:
    for line in await services.boards.mailboxes():
        if line.id == mailbox_id:
            return line
    raise NotFound("There is no such mailbox. The Mailboxes page lists them all.")


# --- REST -----------------------------------------------------------------------------------------------------------


@get(REST, guards=[may(Scope.READ)], responses=problems())
async def list_mailboxes(services: ServicesNeed) -> MailboxList:
    """Every mailbox with its health and its alarms."""
    account = await services.reconciliation.now() if services.reconciliation else None
    return MailboxList([MailboxOut.of(line, account) for line in await services.boards.mailboxes()])


@get(REST + "/{mailbox_id:uuid}", guards=[may(Scope.READ)], responses=problems(404))
async def read_mailbox(mailbox_id: MailboxPath, services: ServicesNeed) -> MailboxOut:
    """One mailbox with its health and its alarms."""
    return await _shown(services, mailbox_id)


@get(REST + "/{mailbox_id:uuid}/accounting", guards=[may(Scope.READ)], responses=problems(404))
async def mailbox_accounting(mailbox_id: MailboxPath, services: ServicesNeed) -> AccountingOut:
    """What became of every mail of a mailbox, counted from the rows themselves."""
    await _line(services, mailbox_id)
    if services.reconciliation is None:
        raise NotFound("Received mail is not counted here.")
    return AccountingOut.of(await services.reconciliation.now(JUST_NOW), mailbox_id)


@patch(REST + "/{mailbox_id:uuid}", guards=[may(Scope.ADMIN)], responses=problems(404, 409, 503))
async def patch_mailbox(
    mailbox_id: MailboxPath, services: ServicesNeed, actor: ActorNeed, data: JSONBody[MailboxChange]
) -> MailboxOut:
    """Change how a mailbox writes (its sender, its signature), and whether it is read at all."""
    line = await _line(services, mailbox_id)
    connecting = connecting_of(services)
    send_as = line.send_as if data.send_as is UNSET else data.send_as
    signature = line.signature if data.signature is UNSET else data.signature
    if (send_as, signature) != (line.send_as, line.signature):
        await connecting.change(line.id, send_as, signature, by=actor)
    if data.paused is True:
        await connecting.pause(line.id, by=actor)
    elif data.paused is False and line.paused_at is not None:
        await connecting.resume(line.id, by=actor)
    return await _shown(services, mailbox_id)


async def _shown(services: Services, mailbox_id: UUID) -> MailboxOut:
    account = await services.reconciliation.now() if services.reconciliation else None
    return MailboxOut.of(await _line(services, mailbox_id), account)


@post(
    REST + "/{mailbox_id:uuid}/disconnect",
    guards=[may(Scope.ADMIN)],
    status_code=HTTP_200_OK,
    responses=problems(404, 409),
)
async def stop_mailbox(mailbox_id: MailboxPath, services: ServicesNeed, actor: ActorNeed) -> Disconnected:
    """Stop reading and sending; the permission is given back. To connect again takes its owner in a browser."""
    is_revoked = await connecting_of(services).disconnect(MailboxId(mailbox_id), by=actor)
    return Disconnected(is_revoked, MailboxOut.of(await _line(services, mailbox_id), None))


@post(
    REST + "/{mailbox_id:uuid}/resume", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK, responses=problems(404, 409)
)
async def read_mailbox_again(mailbox_id: MailboxPath, services: ServicesNeed, actor: ActorNeed) -> MailboxOut:
    """Read a paused or disconnected mailbox again; 409 when its owner has to consent first."""
    await connecting_of(services).resume(MailboxId(mailbox_id), by=actor)
    return MailboxOut.of(await _line(services, mailbox_id), None)


mailbox_page_handlers: list[HTTPRouteHandler] = [
    mailboxes_page,
    guide_page,
    mailbox_page,
    change_mailbox,
    disconnect_mailbox,
    pause_mailbox,
    resume_mailbox,
    sync_mailbox,
]
mailbox_handlers: Sequence[HTTPRouteHandler] = (
    list_mailboxes,
    read_mailbox,
    mailbox_accounting,
    patch_mailbox,
    stop_mailbox,
    read_mailbox_again,
)
