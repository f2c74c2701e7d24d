"""Writing a reply: an operator's own words, the files that come along, or the wish for another draft."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import uuid4

from tickets.approving import Approving
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.choices import AS_IT_IS, Around, Choices, around
from tickets.desk_checks import readable, require_editable, require_idle
from tickets.edits import edit_measured
from tickets.errors import BadInput, StaleDraft
from tickets.learning import learn, lesson_of
from tickets.letter import letterhead
from tickets.mail import Attachment
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.second_person import void_first_approval
from tickets.slots import KIND as SLOT_KIND
from tickets.slots import slot_flags
from tickets.status import Event, after
from tickets.storage import Transaction
from tickets.ticket import (
    Decision,
    DecisionId,
    DecisionKind,
    Draft,
    DraftState,
    Flag,
    Ticket,
    TicketId,
)
from tickets.wording import Sentence

MAX_FEEDBACK: Final = 4_000
MAX_FILES: Final = 20
MAX_FILE_NAME: Final = 200
UNCHANGED: Final[Fields] = {"words_removed": 0, "words_added": 0}


class Writing(Approving):
    """The use cases around a draft."""

    __slots__ = ()

    async def edit(
        self,
        ticket_id: TicketId,
        revision: int | None,
        subject: str,
        body: str,
        *,
        by: Actor,
        choices: Choices = AS_IT_IS,
    ) -> Draft:
        """A new revision in the operator's words; `revision` names the one edited, None or 0 writes without a draft."""
        by.require(Scope.DRAFT)
        subject, body = readable(subject, body)
        conversation = await self.store.conversation(ticket_id)
        base = await self._base(conversation.ticket, revision)
        head = await letterhead(self.store, conversation.ticket.mailbox_id, self.sender_name)
        paper = await around(self.store, conversation, base, choices, head, by)
        measured = await edit_measured(base, subject, body)
        lesson = await lesson_of(self.store, conversation)
        async with self.store.begin() as tx:
            ticket, current = await self._editable(tx, ticket_id, revision or 0)
            draft = await self._replace(tx, ticket, current, subject, body, paper, by, measured)
            await learn(
                tx, ticket, lesson, by=by, at=draft.created_at, answer=lesson.answer(draft), is_edited=base is not None
            )
            return draft

    async def attach(
        self, ticket_id: TicketId, revision: int, filename: str, content_type: str, content: bytes, *, by: Actor
    ) -> Draft:
        """A new revision with one more file; the same file under the same name counts once. Raises BadInput."""
        by.require(Scope.DRAFT)
        name = " ".join(filename.replace("\\", "/").rpartition("/")[2].split())[:MAX_FILE_NAME] or "attachment"
        if not content:
            raise BadInput(Sentence("The file %(name)s is empty. Choose another one.", name=name))
        async with self.store.begin() as tx:
            ticket, current = await self._attachable(tx, ticket_id, revision)
            file = Attachment(name, content_type, len(content), await tx.keep_blob(content))
            files = (*(each for each in current.attachments if each.sha256 != file.sha256), file)
            self._require_room(files)
            return await self._replace(tx, ticket, current, current.subject, current.body, _paper(current, files), by)

    async def detach(self, ticket_id: TicketId, revision: int, sha256: str, *, by: Actor) -> Draft:
        """A new revision without that file; taking out what is not there changes nothing."""
        by.require(Scope.DRAFT)
        async with self.store.begin() as tx:
            ticket, current = await self._attachable(tx, ticket_id, revision)
            files = tuple(each for each in current.attachments if each.sha256 != sha256)
            if files == current.attachments:
                return current
            return await self._replace(tx, ticket, current, current.subject, current.body, _paper(current, files), by)

    async def redraft(self, ticket_id: TicketId, feedback: str | None, *, by: Actor) -> Ticket:
        """Ask the agent for another draft, with what the operator would like to be different."""
        by.require(Scope.DRAFT)
        if feedback and len(feedback) > MAX_FEEDBACK:
            raise BadInput(
                Sentence(
                    "Feedback may have %(max_feedback)s characters at most. Shorten it.", max_feedback=MAX_FEEDBACK
                )
            )
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            pending = await tx.pending_decision(ticket_id)
            if pending and pending.kind is DecisionKind.REDRAFT and not feedback:
                return ticket  # that draft is being written
            await require_idle(tx, ticket)
            if ticket.settled_seq < ticket.work_seq and not feedback:
                return ticket  # the agent is writing the first draft already
            after(ticket.status, Event.DRAFT_OFFERED)
            draft = await tx.current_draft(ticket_id)
            decision = Decision(
                id=DecisionId(uuid4()),
                ticket_id=ticket_id,
                kind=DecisionKind.REDRAFT,
                revision=draft.revision if draft else None,
                actor=by.name,
                created_at=now,
                due_at=now,
                feedback=feedback or None,
            )
            await tx.add_decision(decision)
            await tx.retry_work(ticket_id, now)
            fields: Fields = {"decision_id": str(decision.id)}
            await tx.record(AuditEvent(EventKind.REDRAFT_ASKED, by.name, now, ticket_id, fields))
        return ticket

    # --- the steps -------------------------------------------------------------------------------------------------

    async def _base(self, ticket: Ticket, revision: int | None) -> Draft | None:
        """The draft whose recipients, files and signature a new revision keeps: one that answers the same mail."""
        current = await self.store.current_draft(ticket.id)
        is_same_answer = current is not None and current.work_seq == ticket.work_seq
        return current if revision and is_same_answer else None

    async def _editable(self, tx: Transaction, ticket_id: TicketId, revision: int) -> tuple[Ticket, Draft | None]:
        ticket = await tx.ticket(ticket_id)
        require_not_merged(ticket)
        current = await tx.current_draft(ticket_id)
        await require_editable(tx, ticket, current, revision)
        return ticket, current

    async def _attachable(self, tx: Transaction, ticket_id: TicketId, revision: int) -> tuple[Ticket, Draft]:
        ticket, current = await self._editable(tx, ticket_id, revision)
        if current is None or current.state is not DraftState.OPEN:
            raise StaleDraft("There is no open draft to attach a file to. Write a reply first.")
        return ticket, current

    def _require_room(self, files: Sequence[Attachment]) -> None:
        if len(files) > MAX_FILES:
            raise BadInput(
                Sentence("A reply carries %(max_files)s files at most. Take one out first.", max_files=MAX_FILES)
            )
        if sum(file.size for file in files) > self.max_files_bytes:
            limit = self.max_files_bytes // 2**20
            raise BadInput(
                Sentence(
                    "The files of a reply may have %(limit)s MB together. Take one out, or send a link.", limit=limit
                )
            )

    async def _replace(
        self,
        tx: Transaction,
        ticket: Ticket,
        current: Draft | None,
        subject: str,
        body: str,
        paper: Around,
        by: Actor,
        measured: Fields = UNCHANGED,
    ) -> Draft:
        """The next revision, offered; the one before gives way. `measured` says how many of its words are new."""
        now = self.clock.now()
        before = current.revision if current else 0
        draft = Draft(
            ticket_id=ticket.id,
            revision=before + 1,
            work_seq=ticket.work_seq,
            subject=subject,
            body=body,
            to=paper.to,
            cc=paper.cc,
            bcc=paper.bcc,
            made_for=f"edit:{before}",
            written_by=by.name,
            created_at=now,
            sources=current.sources if current else (),
            flags=_flags(current, f"{subject}\n{body}"),
            signature=paper.signature,
            quote=paper.quote,
            attachments=paper.attachments,
            sender=paper.sender,
        )
        if current and current.state is DraftState.OPEN:
            await tx.set_draft_state(ticket.id, current.revision, DraftState.SUPERSEDED)
        await void_first_approval(tx, ticket.id, "the draft was edited", by, now)
        await tx.add_draft(draft)
        await tx.drop_work_copy(ticket.id, by.name)
        moved = after(ticket.status, Event.DRAFT_OFFERED)
        await tx.save(replace(ticket, status=moved, settled_seq=ticket.work_seq, updated_at=now))
        await tx.retry_work(ticket.id, now)
        fields: Fields = {"revision": draft.revision, "content_hash": draft.content_hash, **measured}
        await tx.record(AuditEvent(EventKind.DRAFT_EDITED, by.name, now, ticket.id, fields))
        return draft


def _paper(draft: Draft, files: tuple[Attachment, ...]) -> Around:
    """What stands around a draft's words, with these files."""
    return Around(draft.sender, draft.to, draft.cc, draft.bcc, draft.signature, draft.quote, files)


def _flags(current: Draft | None, text: str) -> tuple[Flag, ...]:
    """What operators typed themselves needs no source; what the model claimed still does, and blanks want filling."""
    claimed = current.flags if current else ()
    return (*(flag for flag in claimed if flag.kind != SLOT_KIND and flag.text in text), *slot_flags(text))
