"""Use cases of whoever types: keep the text, go on with it on a newer draft, forget it. None of them is an event."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from tickets.desk_checks import MAX_BODY, MAX_SUBJECT
from tickets.errors import BadInput, Conflict, NotFound
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.status import Status
from tickets.storage import TicketStore
from tickets.ticket import Draft, Ticket, TicketId
from tickets.wording import Sentence
from tickets.work_copies import Around, WorkCopy, editable_revision

KEPT_FOR: Final = timedelta(days=60)
MAX_AROUND: Final = 4_000  # characters of one field around the words


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in an editor. `version` is that of the copy its page showed; None keeps it whatever there is."""

    revision: int
    subject: str
    body: str
    around: Around = field(default_factory=dict)
    version: int | None = None

    def with_body(self, body: str) -> "Typed":
        return replace(self, body=body)

    def require_bounded(self) -> None:
        """Raises BadInput. Unlike a reply, it may be empty or half written."""
        if len(self.body) > MAX_BODY or len(self.subject) > MAX_SUBJECT:
            raise BadInput(
                Sentence(
                    "A subject may have %(max_subject)s characters, a text %(max_body)s. Shorten it.",
                    max_subject=MAX_SUBJECT,
                    max_body=MAX_BODY,
                )
            )
        if any(len(value) > MAX_AROUND for value in self.around.values()):
            raise BadInput(
                Sentence(
                    "A field of a reply may have %(max_around)s characters. Shorten the recipients.",
                    max_around=MAX_AROUND,
                )
            )


@dataclass(frozen=True, slots=True)
class WorkCopies:
    """What an operator may do with a text that is not saved yet."""

    store: TicketStore
    clock: Clock

    async def keep(self, ticket_id: TicketId, typed: Typed, *, by: Actor) -> WorkCopy | None:
        """Keep what stands in the editor; None when it is the current draft's own text, which needs no keeping.

        Raises BadInput beyond the limits, Conflict for a closed ticket and when the copy was changed elsewhere since.
        """
        by.require(Scope.DRAFT)
        typed.require_bounded()
        now = self.clock.now()
        async with self.store.begin() as tx:
            _require_open(await tx.ticket(ticket_id))
            current = await tx.current_draft(ticket_id)
            if current and current.revision > typed.revision and _same_words(current, typed):
                # It was saved while this was on its way here.
                await tx.drop_work_copy(ticket_id, by.name)
                return None
            before = await tx.work_copy(ticket_id, by.name)
            _require_known(before, typed)
            version = before.version + 1 if before else (typed.version or 0) + 1
            words = (typed.revision, typed.subject, typed.body, dict(typed.around))
            kept = WorkCopy(ticket_id, by.name, *words, version=version, updated_at=now)
            await tx.keep_work_copy(kept)
            await tx.drop_stale_work_copies(by.name, now - KEPT_FOR)
        return kept

    async def take_over(self, ticket_id: TicketId, *, by: Actor) -> WorkCopy:
        """Go on with one's text in the editor of the current draft. Raises NotFound without a copy."""
        by.require(Scope.DRAFT)
        async with self.store.begin() as tx:
            _require_open(await tx.ticket(ticket_id))
            copy = await tx.work_copy(ticket_id, by.name)
            if copy is None:
                raise NotFound("There is no unsaved text of yours on this ticket. Reload it and go on from there.")
            current = editable_revision(await tx.current_draft(ticket_id))
            moved = replace(copy, revision=current, version=copy.version + 1, updated_at=self.clock.now())
            await tx.keep_work_copy(moved)
        return moved

    async def drop(self, ticket_id: TicketId, *, by: Actor) -> None:
        """Forget one's unsaved text; without one nothing changes."""
        by.require(Scope.DRAFT)
        async with self.store.begin() as tx:
            await tx.ticket(ticket_id)
            await tx.drop_work_copy(ticket_id, by.name)


def _require_open(ticket: Ticket) -> None:
    if ticket.merged_into is not None:
        raise Conflict("This ticket was merged into another one. Open that one and write there.")
    if ticket.status is Status.DONE:
        raise Conflict("This ticket is closed. Reopen it, then write.")


def _require_known(before: WorkCopy | None, typed: Typed) -> None:
    if before and typed.version is not None and before.version != typed.version:
        raise Conflict("You have gone on writing in another window. Reload the ticket to see that text.")


def _same_words(draft: Draft, typed: Typed) -> bool:
    one, other = (draft.subject, draft.body), (typed.subject, typed.body)
    return [text.strip() for text in one] == [text.replace("\r\n", "\n").strip() for text in other]
