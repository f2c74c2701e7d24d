"""The page of one ticket: what the customer wrote, what will be sent, and the forms that decide about it."""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, SkipValidation
from litestar.response import Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from api.attachments import MAX_UPLOAD_BYTES
from api.auth import may
from api.frame import frame
from api.links import see_other
from api.meanwhile import meanwhile, shown_again
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.note_lines import team_notes
from api.presence_news import others_at
from api.services import Services
from api.ticket_beside import beside
from api.ticket_context import ticket_context
from api.typed_reply import TypedReply
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.errors import BadInput, Conflict, DeskError, NotFound, StaleDraft
from tickets.keeping import WorkCopies
from tickets.mail import Message
from tickets.people import Actor, Scope
from tickets.ticket import Draft, Seen, TicketId

PAGE: Final = "/boards/tickets/{ticket_id:uuid}"


@dataclass(frozen=True)
class TicketPage:
    """One request about one ticket."""

    request: Request[Any, Any, Any]
    services: Services
    session: Session
    actor: Actor
    ticket_id: TicketId

    async def render(
        self,
        refusal: DeskError | None = None,
        typed: TypedReply | None = None,
        *,
        kept: Mapping[str, str] | None = None,
    ) -> Template:
        """The page; with a refusal, what was refused, why, and what the operator had typed.

        `typed` is the draft's form, `kept` are the fields of any other, by their names.
        """
        view = await self.services.desk.show(self.ticket_id)
        around = await frame(self.services, self.session)
        context = ticket_context(view, around, refusal, typed)
        operators = await self.services.accounts.operators()
        team = team_notes(await self.services.store.notes(self.ticket_id), view.messages, operators, self.actor)
        own = {"operators": operators, "actor": self.actor, "team": team, "kept": kept or {}}
        own |= await beside(self.services, view, self.actor, self.session.operator)
        own |= {"meanwhile": meanwhile(view.events, refusal, typed, self.actor), "kept_words": shown_again(kept or {})}
        own["categories"] = await self.services.desk_settings.read(Categories)
        own["here_at"] = await others_at(self.services, self.session.operator)
        return Template("ticket.html", context=context | own, status_code=status_of(refusal))

    async def after(
        self, change: Awaitable[object], typed: TypedReply | None = None, *, kept: Mapping[str, str] | None = None
    ) -> Response[Any]:
        """Do it and go back to the ticket, so that a reload repeats nothing; or say why it cannot be done."""
        try:
            await change
        except (Conflict, BadInput) as refusal:
            if typed is not None and typed.subject is not None:
                await self._keep_refused(typed)
            return await self.render(refusal, typed, kept=kept)
        return see_other(self.request, f"/boards/tickets/{self.ticket_id}")

    async def _keep_refused(self, typed: TypedReply) -> None:
        """The words of a refused form outlive its page, too; what cannot be kept stands on the page at least."""
        store = self.services.store
        if typed.is_text_of(await store.current_draft(self.ticket_id)):
            return
        with suppress(Conflict, BadInput):
            copies = WorkCopies(store, self.services.clock)
            await copies.keep(self.ticket_id, typed.as_unsaved(), by=self.actor)

    async def send(self, typed: TypedReply) -> None:
        """Approve what was on the screen; what was changed there becomes a revision of its own first."""
        desk, seen = self.services.desk, typed.seen
        draft = await self.services.store.current_draft(self.ticket_id)
        if draft and typed.subject is not None and not typed.is_text_of(draft):
            seen.require_current(draft)
            edited = await self.keep(typed)
            was_left_alone = typed.keeps_recipients_of(draft)
            if was_left_alone and (edited.to, edited.cc, edited.bcc) != (draft.to, draft.cc, draft.bcc):
                raise StaleDraft("The recipients have changed. Look at To and Cc, then approve.", edited.revision)
            seen = Seen(edited.revision, edited.content_hash, seen.confirmed_flags)
        await desk.approve_send(self.ticket_id, seen, by=self.actor)

    async def keep(self, typed: TypedReply) -> Draft:
        """The form's words, choices and new files as a new revision."""
        desk, subject = self.services.desk, typed.subject or ""
        draft = await desk.edit(
            self.ticket_id, typed.revision, subject, typed.body, by=self.actor, choices=typed.choices
        )
        for upload in typed.uploads:
            content = await upload.read()
            draft = await desk.attach(
                self.ticket_id, draft.revision, upload.filename, upload.content_type, content, by=self.actor
            )
        return draft

    async def message(self, mail_id: UUID) -> Message:
        conversation = await self.services.store.conversation(self.ticket_id)
        if found := next((m for m in conversation.messages if m.id == mail_id), None):
            return found
        raise NotFound("This ticket has no such mail. Go back to the ticket.")

    async def field(self, name: str) -> str:
        """A form field without the space around it; empty when it was not sent."""
        return str((await self.request.form()).get(name, "")).strip()


def status_of(refusal: DeskError | None) -> int:
    """The status of a page that shows a refusal."""
    match refusal:
        case None:
            return 200
        case Conflict():
            return 409
        case NotFound():
            return 404
        case _:
            return 400


async def ticket_page(
    request: Request[Any, Any, Any],
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
    ticket_id: FromPath[UUID],
) -> TicketPage:
    """Provides `page` to the handlers below."""
    return TicketPage(request, services, session, actor, TicketId(ticket_id))


NEEDS: Final = {"page": Provide(ticket_page)}
PageNeed = NamedDependency[SkipValidation[TicketPage]]


@get(PAGE, guards=[may(Scope.READ)], dependencies=NEEDS)
async def show(page: PageNeed) -> Template:
    """Conversation, draft, reasons and timeline of one ticket."""
    return await page.render()


@post(
    PAGE + "/draft",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
    request_max_body_size=MAX_UPLOAD_BYTES,
)
async def save_draft(page: PageNeed) -> Response[Any]:
    """Keep the typed text as a new revision."""
    typed = TypedReply.of(await page.request.form())
    return await page.after(page.keep(typed), typed)


@post(
    PAGE + "/approve",
    guards=[may(Scope.APPROVE)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
    request_max_body_size=MAX_UPLOAD_BYTES,
)
async def approve(page: PageNeed) -> Response[Any]:
    """Approve and send what was on the screen."""
    typed = TypedReply.of(await page.request.form())
    return await page.after(page.send(typed), typed)


@post(PAGE + "/undo", guards=[may(Scope.APPROVE)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def undo(page: PageNeed) -> Response[Any]:
    """Take the approval back."""
    return await page.after(page.services.desk.undo(page.ticket_id, by=page.actor))


@post(PAGE + "/redraft", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def redraft(page: PageNeed) -> Response[Any]:
    """Ask the agent for another draft."""
    feedback = await page.field("feedback")
    return await page.after(
        page.services.desk.redraft(page.ticket_id, feedback or None, by=page.actor), kept={"feedback": feedback}
    )


@post(PAGE + "/reject", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def reject(page: PageNeed) -> Response[Any]:
    """Close without a reply."""
    reason = await page.field("reason")
    return await page.after(page.services.desk.reject(page.ticket_id, reason, by=page.actor), kept={"reason": reason})


@post(PAGE + "/assign", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def assign(page: PageNeed) -> Response[Any]:
    """Give the ticket to somebody, or to nobody when the field is empty."""
    assignee = await page.field("assignee")
    return await page.after(
        page.services.desk.assign(page.ticket_id, assignee or None, by=page.actor), kept={"assignee": assignee}
    )


@post(PAGE + "/close", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def close(page: PageNeed) -> Response[Any]:
    return await page.after(page.services.desk.close(page.ticket_id, by=page.actor))


@post(PAGE + "/reopen", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def reopen(page: PageNeed) -> Response[Any]:
    return await page.after(page.services.desk.reopen(page.ticket_id, by=page.actor))


@post(PAGE + "/settle", guards=[may(Scope.APPROVE)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def settle(page: PageNeed) -> Response[Any]:
    """The operator's word on whether a reply left."""
    answer = await page.field("was_sent")
    if answer not in ("yes", "no"):
        raise BadInput("Say whether the reply was sent: use one of the two buttons on the ticket.")
    return await page.after(page.services.desk.settle(page.ticket_id, answer == "yes", by=page.actor))


@post(PAGE + "/retry", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def retry(page: PageNeed) -> Response[Any]:
    """Let the agent try again after it gave up."""
    return await page.after(page.services.desk.retry(page.ticket_id, by=page.actor))


ticket_page_handlers: list[HTTPRouteHandler] = [
    show,
    save_draft,
    approve,
    undo,
    redraft,
    reject,
    assign,
    close,
    reopen,
    settle,
    retry,
]
