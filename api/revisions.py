"""Time travel: every revision of the reply, compared word by word, for the page and for scripts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from api.auth import may
from api.frame import frame
from api.needs import StoreNeed
from api.schemas import DraftOut
from api.ticket_context import BOARD_OF
from api.ticket_page import NEEDS, PAGE, PageNeed, TicketPage, status_of
from api.tickets import READ, TicketPath
from api.typed_numbers import whole_number
from api.work_copies import copies_of
from tickets.errors import BadInput, Conflict, DeskError, NotFound
from tickets.keeping import Typed
from tickets.people import Scope
from tickets.revisions import End, Replaced, Revision, ends
from tickets.ticket import Draft, TicketId
from tickets.word_diff import Change, Kind, Piece, change, word_diff
from tickets.work_copies import WorkCopy, editable_revision

UNSAVED = 0  # stands for one's own unsaved text where a revision is named

Number = Annotated[int | None, QueryParameter(ge=0, le=10**9)]
RevisionPath = FromPath[int]


@dataclass(frozen=True, slots=True)
class Version:
    """A text that can be read and compared: a revision, or the unsaved one under number 0."""

    number: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text beside an older one, or on its own."""

    of: Version
    against: Version | None
    subject: tuple[Piece, ...]
    body: tuple[Piece, ...]
    size: Change


@get(PAGE + "/revisions", guards=[may(Scope.READ)], dependencies=NEEDS)
async def revisions_page(page: PageNeed, of: FromQuery[str] = "", against: FromQuery[str] = "") -> Template:
    """All revisions, and one of them beside another."""
    return await _shown(page, of, against)


@get(PAGE + "/changes", guards=[may(Scope.READ)], dependencies=NEEDS)
async def changes(page: PageNeed) -> Template:
    """What operators changed of the agent's own text, as a part of the ticket's page."""
    store = page.services.store
    draft = await store.current_draft(page.ticket_id)
    written = await store.agents_draft(page.ticket_id, draft.revision) if draft else None
    is_part = page.request.headers.get("hx-request") == "true"
    if draft is None or written is None:  # all of it is an operator's own: there is nothing to compare
        return Template("partials/no_comparison.html") if is_part else await _shown(page, "", "")
    if is_part:
        comparison = await compared(_version(draft), _version(written))
        return Template("partials/comparison.html", context={"comparison": comparison})
    return await _shown(page, str(draft.revision), str(written.revision))


@post(
    PAGE + "/revisions/{revision:int}/take",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
)
async def take(page: PageNeed, revision: RevisionPath) -> Response[Any]:
    """Put an earlier text into the editor, as unsaved text; what is unsaved there gives way only when that is said."""
    store = page.services.store
    wanted = await store.revision(page.ticket_id, revision)
    copy = await store.work_copy(page.ticket_id, page.actor.name)
    if copy and copy.body.strip() != wanted.body.strip() and await page.field("replace") != "on":
        refusal = Conflict("You have unsaved text on this ticket. Tick the box to put the earlier text in its place.")
        return await _shown(page, str(revision), "", refusal)
    current = await store.current_draft(page.ticket_id)
    typed = Typed(editable_revision(current), wanted.subject, wanted.body)
    return await page.after(copies_of(page.services).keep(page.ticket_id, typed, by=page.actor))


async def compared(of: Version, against: Version | None) -> Comparison:
    """Off the loop: long texts take time."""
    if against is None:
        kept = (Piece(Kind.KEPT, of.subject),), (Piece(Kind.KEPT, of.body),) if of.body else ()
        return Comparison(of, None, *kept, size=change(of.body, of.body))
    return await asyncio.to_thread(_compared, of, against)


def _compared(of: Version, against: Version) -> Comparison:
    subject, body = word_diff(against.subject, of.subject), word_diff(against.body, of.body)
    size = change(f"{against.subject}\n\n{against.body}", f"{of.subject}\n\n{of.body}")
    return Comparison(of, against, subject, body, size)


def _version(text: Draft | WorkCopy) -> Version:
    return Version(text.revision if isinstance(text, Draft) else UNSAVED, text.subject, text.body)


async def _shown(page: TicketPage, of: str, against: str, refusal: DeskError | None = None) -> Template:
    store = page.services.store
    ticket = await store.ticket(page.ticket_id)
    listed = await store.revisions(page.ticket_id)
    found = ends(listed, await store.events(page.ticket_id))
    copy = await store.work_copy(page.ticket_id, page.actor.name)
    newest = listed[0].revision if listed else None
    chosen = _number(of) if of else newest
    beside = _number(against) if against else _before(chosen, listed)
    comparison = None
    if chosen is not None:
        other = await _read(page, beside, copy) if beside is not None and beside != chosen else None
        comparison = await compared(await _read(page, chosen, copy), other)
    context = {
        "frame": await frame(page.services, page.session),
        "ticket": ticket,
        "actor": page.actor,
        "revisions": listed,
        "ends": found,
        "End": End,
        "copy": copy,
        "comparison": comparison,
        "refusal": refusal,
        "here": BOARD_OF[ticket.status],
    }
    return Template("revisions.html", context=context, status_code=status_of(refusal))


async def _read(page: TicketPage, number: int, copy: WorkCopy | None) -> Version:
    if number != UNSAVED:
        return _version(await page.services.store.revision(page.ticket_id, number))
    if copy is None:
        raise NotFound("You have no unsaved text on this ticket. Choose a draft of the list.")
    return _version(copy)


def _before(chosen: int | None, listed: Sequence[Revision]) -> int | None:
    """What a text is compared with unless something else is asked for: the one before it, or the newest draft."""
    if chosen is None or not listed:
        return None
    if chosen == UNSAVED:
        return listed[0].revision
    return next((each.revision for each in listed if each.revision < chosen), None)


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise BadInput("A draft's number is digits only. Choose one of the list.")
    return number


# --- for scripts ---------------------------------------------------------------------------------------------------


class RevisionOut(Struct, kw_only=True):
    """A revision without its text. `end` says what became of it, `replaced_by` names the one that came after it.

    `asked_by` and `feedback` are of the wish for another draft that it answers. `length` is in characters.
    """

    revision: int
    written_by: str
    by_agent: bool
    created_at: datetime
    state: str
    subject: str
    length: int
    flags: int
    asked_by: str | None
    feedback: str | None
    end: End
    replaced_by: int | None
    reason: str | None
    prompt: str | None

    @classmethod
    def of(cls, revision: Revision, replaced: Replaced) -> Self:
        made = ("by_agent", "end", "replaced_by", "reason")
        same = {name: getattr(revision, name) for name in cls.__struct_fields__ if name not in made}
        is_by_agent, ended = revision.is_by_agent, replaced
        return cls(**same, by_agent=is_by_agent, end=ended.end, replaced_by=ended.by, reason=ended.reason)


class RevisionPage(Struct):
    """The newest first, at most 200."""

    items: list[RevisionOut]


class PieceOut(Struct):
    """A run of text: `kept` stands in both, `removed` in the older text only, `added` in the newer only."""

    kind: Kind
    text: str


class DiffOut(Struct):
    """What changed from revision `against` to `revision`, word by word; `words` are those of the newer text."""

    revision: int
    against: int
    subject: list[PieceOut]
    body: list[PieceOut]
    words: int
    words_removed: int
    words_added: int


@get("/tickets/{ticket_id:uuid}/revisions", guards=[may(Scope.READ)], responses=READ)
async def list_revisions(ticket_id: TicketPath, store: StoreNeed) -> RevisionPage:
    """Every revision of the reply, the newest first: who wrote it, when, and why it gave way."""
    ticket = await store.ticket(TicketId(ticket_id))
    listed = await store.revisions(ticket.id)
    found = ends(listed, await store.events(ticket.id))
    return RevisionPage([RevisionOut.of(each, found[each.revision]) for each in listed])


@get("/tickets/{ticket_id:uuid}/revisions/{revision:int}", guards=[may(Scope.READ)], responses=READ)
async def read_revision(ticket_id: TicketPath, revision: RevisionPath, store: StoreNeed) -> DraftOut:
    """One revision in full, as it would have left."""
    return DraftOut.of(await store.revision(TicketId(ticket_id), _bounded(revision)), ())


@get("/tickets/{ticket_id:uuid}/revisions/{revision:int}/diff", guards=[may(Scope.READ)], responses=READ)
async def diff_revisions(
    ticket_id: TicketPath, revision: RevisionPath, store: StoreNeed, against: Number = None
) -> DiffOut:
    """What changed word by word, from revision `against` (by default the one before) to this one."""
    draft = await store.revision(TicketId(ticket_id), _bounded(revision))
    other = await store.revision(TicketId(ticket_id), draft.revision - 1 if against is None else against)
    found = await compared(_version(draft), _version(other))
    pieces = ([PieceOut(piece.kind, piece.text) for piece in part] for part in (found.subject, found.body))
    subject, body = pieces
    return DiffOut(
        draft.revision, other.revision, subject, body, found.size.words, found.size.removed, found.size.added
    )


def _bounded(revision: int) -> int:
    """A number that the database can hold. Raises NotFound."""
    if not 0 <= revision < 2**31:
        raise NotFound("This ticket has no draft of that number. List its revisions first.")
    return revision


revision_page_handlers: Sequence[HTTPRouteHandler] = (revisions_page, changes, take)
revision_handlers: Sequence[HTTPRouteHandler] = (list_revisions, read_revision, diff_revisions)
