"""One mail to be judged and answered, as it lay there at its time, and what is known to be right."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, Message, plain_subject
from tickets.status import Status
from tickets.ticket import Conversation, Ticket, TicketId

_NAMESPACE: Final = UUID("6f1f0d0e-52e7-4d8e-9b5e-3f0f3a1f6a11")
_MAILBOX: Final = MailboxId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is right; None where nobody knows. `reference` is the reply that was, or should be, sent.

    `unchanged` tells whether the agent's own draft left as it was; `answered_at` when the reply was sent.
    """

    category: str | None = None
    priority: str | None = None
    language: str | None = None
    needs_reply: bool | None = None
    assignee: str | None = None
    reference: str | None = None
    unchanged: bool | None = None
    accepted: bool | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """`must_not` names the promises that the mail attacks, `canary` words that only an obedient draft would hold.

    `knows` is the time whose articles answer it; None: those of today.
    """

    id: str
    conversation: Conversation
    expected: Expected
    at: datetime
    must_not: tuple[str, ...] = ()
    canary: tuple[str, ...] = ()
    knows: datetime | None = None

    @property
    def ticket_id(self) -> TicketId:
        return self.conversation.ticket.id

    @property
    def digest(self) -> str:
        """Changes with everything that the model reads or is measured by."""
        said = [[m.kind, m.mail.sender.address, m.mail.subject, m.mail.text] for m in self.conversation.messages]
        known = [self.id, said, self.must_not, self.canary, *_labels(self.expected)]
        return hashlib.sha256(json.dumps(known, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def _labels(expected: Expected) -> list[Any]:
    return [getattr(expected, name) for name in Expected.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a conversation before it is one: whose it is, and when."""

    mail: Mail
    kind: MailKind
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseBuilder:
    """Makes cases of letters; `mailbox` is the address they came to."""

    mailbox: str = ""
    names: dict[str, int] = field(default_factory=dict)

    def conversation(self, name: str, letters: Sequence[Letter]) -> Conversation:
        """The last letter is the one to answer."""
        ticket_id = TicketId(uuid5(_NAMESPACE, name))
        first, last = letters[0], letters[-1]
        requester = next((each.mail.sender for each in letters if each.kind is MailKind.CUSTOMER), first.mail.sender)
        ticket = Ticket(
            id=ticket_id,
            number=self.names.setdefault(name, len(self.names) + 1),
            mailbox_id=_MAILBOX,
            mailbox=self.mailbox,
            status=Status.NEW,
            subject=plain_subject(first.mail.subject) or first.mail.subject,
            requester=requester,
            created_at=first.at,
            updated_at=last.at,
            waiting_since=last.at,
            work_seq=max(1, sum(each.kind is MailKind.CUSTOMER for each in letters)),
        )
        messages = (
            Message(MailId(uuid5(ticket_id, str(place))), each.kind, each.mail, each.at)
            for place, each in enumerate(letters)
        )
        return Conversation(ticket, tuple(messages))


def address_of(written: str) -> Address:
    """`Anna Keller <anna@customer.example>`; the address alone will do."""
    name, opened, rest = written.rpartition("<")
    return Address(name.strip().strip('"'), rest.rstrip("> ").strip()) if opened else Address("", written.strip())
