"""The outbox: one row for each approved reply, and the states it passes through on its way out, once.

APPROVED -> DRAFTING -> DRAFTED -> SENDING -> SENT
                                      \\-> UNKNOWN -> SENT | DRAFTED | NEEDS_HUMAN
APPROVED -> CANCELLED (undo, or the customer wrote first)          definite refusal -> FAILED
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from tickets.mail import Address, MailboxId
from tickets.ticket import DecisionId, TicketId


class OutboxState(StrEnum):
    APPROVED = "APPROVED"
    DRAFTING = "DRAFTING"
    DRAFTED = "DRAFTED"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    NEEDS_HUMAN = "NEEDS_HUMAN"
    SENT = "SENT"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


IN_FLIGHT: Final = frozenset(
    {OutboxState.DRAFTING, OutboxState.DRAFTED, OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.NEEDS_HUMAN}
)
ENDED: Final = frozenset({OutboxState.SENT, OutboxState.FAILED, OutboxState.CANCELLED})

# What scripts and pages are told (`delivery.state`).
DELIVERY_STATE: Final[dict[OutboxState | None, str]] = {
    None: "none",
    OutboxState.APPROVED: "approved",
    OutboxState.DRAFTING: "sending",
    OutboxState.DRAFTED: "sending",
    OutboxState.SENDING: "sending",
    OutboxState.UNKNOWN: "unknown",
    OutboxState.NEEDS_HUMAN: "needs_human",
    OutboxState.SENT: "sent",
    OutboxState.FAILED: "failed",
    OutboxState.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An approved reply. `id` is the X-CA-Send-Id inside `mime`, which is frozen at approval.

    `next_at` is when the delivery may be looked at next (never before `due_at`); None means that only an operator can
    move it. `claim` names the run that is working on it, until `claim_until`. `unknown_since` starts the settle window.
    `provider_thread_id` is the mailbox's own thread, where it has threads.
    """

    id: UUID
    decision_id: DecisionId
    ticket_id: TicketId
    mailbox_id: MailboxId
    revision: int
    work_seq: int
    state: OutboxState
    due_at: datetime
    next_at: datetime | None
    mime: bytes
    message_id: str
    to: tuple[Address, ...]
    approved_by: str
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    sender: str = ""  # the address in From: the mailbox's own or a verified alias
    provider_thread_id: str | None = None
    remote_draft_id: str | None = None
    claim: str | None = None
    claim_until: datetime | None = None
    attempts: int = 0
    unknown_since: datetime | None = None
    detail: str | None = None
    sent_at: datetime | None = None
    is_tidy: bool = False  # nothing of it is left to clear up in the mailbox

    @property
    def is_in_flight(self) -> bool:
        """From the first remote write to the end: nothing may start over it, nothing can stop it."""
        return self.state in IN_FLIGHT


@dataclass(frozen=True, slots=True)
class RemoteDraft:
    """The reply as it lies in the mailbox's drafts, ready to be submitted once."""

    id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The mailbox's word that the reply left: its own id of the mail, and the Message-ID it really bears.

    `is_read_back` is False when that Message-ID could not be read and is the frozen one. `refused` are recipients that
    the server would not take, beside others that it took.
    """

    provider_id: str
    message_id: str
    provider_thread_id: str | None = None
    is_read_back: bool = True
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The reply was found among the sent mails."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Waiting:
    """The reply still lies in the drafts: it did not leave."""

    draft: RemoteDraft


@dataclass(frozen=True, slots=True)
class Absent:
    """Neither among the sent mails nor in the drafts, as far as can be seen now."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The reply is out and on record."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The reply will not leave; the reason is on its outbox row and on the ticket."""


Delivery = Delivered | Refused
