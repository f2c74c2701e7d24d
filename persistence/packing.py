"""Values to columns and back: the only place that knows both our dataclasses and the tables."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState, Progress
from tickets.mail import Address, Attachment, Bounce, Mail, MailKind, Message
from tickets.outbox import OutboxState, Outgoing
from tickets.people import ApiToken, Operator, OperatorId, Role, Scope
from tickets.status import Status
from tickets.storage import MailboxRecord
from tickets.ticket import (
    CameBack,
    Decision,
    DecisionKind,
    DecisionState,
    Draft,
    DraftState,
    Flag,
    Plan,
    PlanStep,
    Priority,
    Sentiment,
    Source,
    Ticket,
    Triage,
)

Columns = dict[str, Any]

_SNIPPET_LENGTH: Final = 160


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def time_ordered_id() -> UUID:
    """A version 7 UUID (RFC 9562, method 3): mails of the same second keep the order they were stored in."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62))


def snippet(mail: Mail) -> str:
    """The first words of what its author wrote this time, on one line."""
    return " ".join((mail.visible_text or mail.text)[: 4 * _SNIPPET_LENGTH].split())[:_SNIPPET_LENGTH]


# --- addresses and mail --------------------------------------------------------------------------------------------


def pack_addresses(addresses: Iterable[Address]) -> list[list[str]]:
    return [[address.name, address.address] for address in addresses]


def addresses_from(packed: Iterable[Sequence[str]]) -> tuple[Address, ...]:
    return tuple(Address(name, address) for name, address in packed)


def pack_mail(mail: Mail) -> bytes:
    """What no query asks for: everything but the Message-ID, the subject and the attachments."""
    content = {
        "sender": [mail.sender.name, mail.sender.address],
        "to": pack_addresses(mail.to),
        "cc": pack_addresses(mail.cc),
        "reply_to": pack_addresses(mail.reply_to),
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "text": mail.text,
        "visible_text": mail.visible_text,
        "html": mail.html,
        "headers": dict(mail.headers),
        "bounce": asdict(mail.bounce) if mail.bounce else None,
        "defects": mail.defects,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def mail_from(row: Row[*tuple[Any, ...]], attached: Iterable[Row[*tuple[Any, ...]]]) -> Mail:
    content = json.loads(row.content)
    return Mail(
        message_id=row.message_id,
        subject=row.subject,
        sender=Address(*content["sender"]),
        to=addresses_from(content["to"]),
        cc=addresses_from(content["cc"]),
        reply_to=addresses_from(content["reply_to"]),
        sent_at=datetime.fromisoformat(content["sent_at"]) if content["sent_at"] else None,
        in_reply_to=content["in_reply_to"],
        references=tuple(content["references"]),
        text=content["text"],
        visible_text=content["visible_text"],
        html=content["html"],
        attachments=tuple(_attachment_from(part) for part in attached),
        headers=content["headers"],
        bounce=Bounce(**content["bounce"]) if content["bounce"] else None,
        defects=tuple(content["defects"]),
    )


def message_from(row: Row[*tuple[Any, ...]], attached: Iterable[Row[*tuple[Any, ...]]]) -> Message:
    return Message(row.id, MailKind(row.kind), mail_from(row, attached), row.at, row.is_gone)


def _attachment_from(row: Row[*tuple[Any, ...]]) -> Attachment:
    return Attachment(row.filename, row.content_type, row.size, row.sha256, row.content_id, row.is_inline)


# --- tickets -------------------------------------------------------------------------------------------------------


def pack_ticket(ticket: Ticket) -> Columns:
    """The fields that `save` writes. What follows the work, the mails or the tags, the store keeps."""
    return {
        "status": ticket.status,
        "subject": ticket.subject,
        "requester_name": ticket.requester.name,
        "requester_address": ticket.requester.address,
        "search_text": search_text(ticket),
        "updated_at": ticket.updated_at,
        "waiting_since": ticket.waiting_since,
        "work_seq": ticket.work_seq,
        "settled_seq": ticket.settled_seq,
        "category": ticket.category,
        "priority": ticket.priority,
        "sentiment": ticket.sentiment,
        "language": ticket.language,
        "summary": ticket.summary,
        "confidence": ticket.confidence,
        "assignee": ticket.assignee,
        "notice": ticket.notice,
        "is_leaving": ticket.is_leaving,
        "merged_into": ticket.merged_into,
        "follows": ticket.follows,
        "snoozed_until": ticket.snoozed_until,
        "snoozed_by": ticket.snoozed_by,
        "came_back": ticket.came_back,
    }


def search_text(ticket: Ticket) -> str:
    return f"#{ticket.number} {ticket.subject} {ticket.requester.name} {ticket.requester.address}".casefold()


def ticket_from(row: Row[*tuple[Any, ...]]) -> Ticket:
    return Ticket(
        id=row.id,
        number=row.number,
        mailbox_id=row.mailbox_id,
        mailbox=row.mailbox,
        status=Status(row.status),
        subject=row.subject,
        requester=Address(row.requester_name, row.requester_address),
        created_at=row.created_at,
        updated_at=row.updated_at,
        waiting_since=row.waiting_since,
        work_seq=row.work_seq,
        settled_seq=row.settled_seq,
        snippet=row.snippet,
        category=row.category,
        priority=Priority(row.priority) if row.priority else None,
        sentiment=Sentiment(row.sentiment) if row.sentiment else None,
        language=row.language,
        summary=row.summary,
        confidence=row.confidence,
        assignee=row.assignee,
        notice=row.notice,
        stopped=row.stopped,
        is_leaving=row.is_leaving,
        merged_into=row.merged_into,
        follows=row.follows,
        first_approved_by=row.first_approved_by,
        tags=tuple(row.tags),
        snoozed_until=row.snoozed_until,
        snoozed_by=row.snoozed_by,
        came_back=CameBack(row.came_back) if row.came_back else None,
        spoken_at=row.spoken_at,
    )


def triage_from(content: Mapping[str, Any]) -> Triage:
    return Triage(
        **{
            **content,
            "priority": Priority(content["priority"]),
            "sentiment": Sentiment(content["sentiment"]),
            "reasons": tuple(content["reasons"]),
        }
    )


def plan_from(content: Mapping[str, Any]) -> Plan:
    steps = (PlanStep(step["action"], step["detail"], tuple(step["missing"])) for step in content["steps"])
    return Plan(tuple(steps), content["written_by"], content["note"], content.get("prompt"))


# --- drafts, decisions, outbox -------------------------------------------------------------------------------------


def pack_draft(draft: Draft) -> Columns:
    return {
        "ticket_id": draft.ticket_id,
        "revision": draft.revision,
        "made_for": draft.made_for,
        "work_seq": draft.work_seq,
        "state": draft.state,
        "subject": draft.subject,
        "body": draft.body,
        "to": pack_addresses(draft.to),
        "cc": pack_addresses(draft.cc),
        "written_by": draft.written_by,
        "created_at": draft.created_at,
        "sources": [[source.id, source.title] for source in draft.sources],
        "flags": [[flag.id, flag.kind, flag.text, flag.reason] for flag in draft.flags],
        "needs_human": draft.needs_human,
        "note": draft.note,
        "bcc": pack_addresses(draft.bcc),
        "signature": draft.signature,
        "quote": draft.quote,
        "attachments": [[file.filename, file.content_type, file.size, file.sha256] for file in draft.attachments],
        "sender": [draft.sender.name, draft.sender.address] if draft.sender else None,
        "prompt": draft.prompt,
    }


def draft_from(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(
        ticket_id=row.ticket_id,
        revision=row.revision,
        work_seq=row.work_seq,
        subject=row.subject,
        body=row.body,
        to=addresses_from(row.to),
        cc=addresses_from(row.cc),
        made_for=row.made_for,
        written_by=row.written_by,
        created_at=row.created_at,
        sources=tuple(Source(*source) for source in row.sources),
        flags=tuple(Flag(*flag) for flag in row.flags),
        state=DraftState(row.state),
        needs_human=row.needs_human,
        note=row.note,
        bcc=addresses_from(row.bcc),
        signature=row.signature,
        quote=row.quote,
        attachments=tuple(Attachment(*file) for file in row.attachments),
        sender=Address(*row.sender) if row.sender else None,
        prompt=row.prompt,
    )


def decision_from(row: Row[*tuple[Any, ...]]) -> Decision:
    return Decision(
        id=row.id,
        ticket_id=row.ticket_id,
        kind=DecisionKind(row.kind),
        revision=row.revision,
        actor=row.actor,
        created_at=row.created_at,
        due_at=row.due_at,
        feedback=row.feedback,
        state=DecisionState(row.state),
        reason=row.reason,
    )


OUTGOING_FIELDS: Final = tuple(Outgoing.__dataclass_fields__)
_PEOPLE: Final = ("to", "cc", "bcc")


def pack_outgoing(outgoing: Outgoing) -> Columns:
    people = {name: pack_addresses(getattr(outgoing, name)) for name in _PEOPLE}
    return {name: getattr(outgoing, name) for name in OUTGOING_FIELDS} | people


def outgoing_from(row: Row[*tuple[Any, ...]]) -> Outgoing:
    fields = {name: getattr(row, name) for name in OUTGOING_FIELDS}
    people = {name: addresses_from(fields[name]) for name in _PEOPLE}
    return Outgoing(**fields | people | {"state": OutboxState(row.state)})


# --- the rest ------------------------------------------------------------------------------------------------------


def event_from(row: Row[*tuple[Any, ...]]) -> AuditEvent:
    return AuditEvent(EventKind(row.kind), row.actor, row.at, row.ticket_id, row.fields)


def mailbox_from(row: Row[*tuple[Any, ...]]) -> MailboxRecord:
    return MailboxRecord(
        id=row.id,
        kind=row.kind,
        address=row.address,
        settings=row.settings,
        cursor=row.cursor,
        state=MailboxState(row.state),
        send_as=row.send_as,
        signature=row.signature,
        watch_until=row.watch_until,
        last_ok_at=row.last_ok_at,
        paused_at=row.paused_at,
    )


def pack_progress(progress: Progress | None) -> Columns | None:
    if progress is None:
        return None
    return {"done": progress.done, "total": progress.total, "since": progress.since.isoformat()}


def progress_from(packed: Mapping[str, Any] | None) -> Progress | None:
    if packed is None:
        return None
    return Progress(packed["done"], packed["total"], datetime.fromisoformat(packed["since"]))


def operator_from(row: Row[*tuple[Any, ...]]) -> Operator:
    return Operator(OperatorId(row.id), row.email, row.name, Role(row.role), row.language, row.time_zone)


def token_from(row: Row[*tuple[Any, ...]]) -> ApiToken:
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return ApiToken(row.id, row.name, scopes, row.created_at, row.expires_at, row.owner_id, row.last_used_at)
