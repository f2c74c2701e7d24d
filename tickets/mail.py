"""A parsed mail and the rules that read it: who wrote, what it answers, whether a machine wrote it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

MailId = NewType("MailId", UUID)
MailboxId = NewType("MailboxId", UUID)

SEND_ID_HEADER: Final = "X-CA-Send-Id"

# The parser keeps the first (topmost) value of each of these, unfolded and decoded, under its lower-case name.
KEPT_HEADERS: Final = frozenset(
    {
        "authentication-results",
        "auto-submitted",
        "content-type",
        "list-id",
        "list-unsubscribe",
        "precedence",
        "return-path",
        "x-auto-response-suppress",
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-failed-recipients",
        "x-loop",
        SEND_ID_HEADER.lower(),
    }
)


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox in the sense of RFC 5322: an address and the name shown with it (may be empty)."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address as it is compared: case does not matter."""
        return self.address.strip().casefold()

    @property
    def label(self) -> str:
        """What a person reads first: the name, or the address when there is none."""
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text; its bytes are stored once, under their sha256."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content_id: str | None = None
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says (RFC 3464): which of our mails failed, for whom, for good or for now."""

    original_message_id: str | None
    recipient: str | None
    is_permanent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, decoded. Every field is always usable: what a sender left out is empty, never missing.

    `text` is the whole body as plain text, `visible_text` the part its author wrote this time; `html` the original
    HTML, uncleaned. `references` is oldest first; ids keep their angle brackets. `message_id` is never empty.
    """

    message_id: str
    subject: str
    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    sent_at: datetime | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    text: str = ""
    visible_text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    bounce: Bounce | None = None
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail and the bytes of its attachments by sha256."""

    mail: Mail
    blobs: Mapping[str, bytes]


class MailKind(StrEnum):
    """Why a mail is on record, and whether it may move anything."""

    CUSTOMER = "customer"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    REPLY = "reply"  # sent by this desk after an approval
    HUMAN_REPLY = "human_reply"  # a colleague answered in the mailbox itself


@dataclass(frozen=True, slots=True)
class Message:
    """A mail on a ticket, as operators and the model read it."""

    id: MailId
    kind: MailKind
    mail: Mail
    at: datetime

    @property
    def is_from_customer(self) -> bool:
        return self.kind is MailKind.CUSTOMER

    @property
    def is_ours(self) -> bool:
        return self.kind in (MailKind.REPLY, MailKind.HUMAN_REPLY)


class SenderVerdict(StrEnum):
    """What our own provider's Authentication-Results say of the sender (RFC 8601)."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"


_RESULT: Final = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)
_BULK: Final = frozenset({"bulk", "list", "junk"})
_RE_PREFIX: Final = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|res|rif|ref|wg|fwd?)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)


def missing_message_id(raw: bytes) -> str:
    """A stable stand-in for a Message-ID that the sender left out."""
    return f"<{hashlib.sha256(raw).hexdigest()}@no-message-id.invalid>"


def plain_subject(subject: str) -> str:
    """The subject without the marks of replying and forwarding."""
    return _RE_PREFIX.sub("", subject).strip()


def reply_subject(subject: str) -> str:
    """`Re: ` and the subject, once."""
    return f"Re: {plain_subject(subject) or '(no subject)'}"


def reply_references(parent: Mail) -> tuple[str, ...]:
    """Message-IDs for the References header, oldest first (RFC 5322 section 3.6.4).

    Falls back to the parent's In-Reply-To when it has no References.
    """
    before = parent.references or ((parent.in_reply_to,) if parent.in_reply_to else ())
    return (*(known for known in before if known != parent.message_id), parent.message_id)


def is_list_mail(mail: Mail) -> bool:
    """Sent to many by a list or a newsletter (RFC 2919, Precedence)."""
    headers = mail.headers
    return "list-id" in headers or "list-unsubscribe" in headers or headers.get("precedence", "").lower() in _BULK


def is_automatic_reply(mail: Mail) -> bool:
    """Written by a machine in answer to something (RFC 3834 and the older headers)."""
    headers = mail.headers
    submitted = headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    if submitted not in ("no", ""):
        return True
    marks = ("x-autoreply", "x-autorespond", "x-autoresponder")
    return any(headers.get(mark, "no").lower() not in ("no", "false", "") for mark in marks)


def must_not_be_answered(mail: Mail) -> bool:
    """Answering this mail could start a loop or reach a machine; it is kept and moves nothing."""
    has_null_sender = mail.headers.get("return-path", "").strip() == "<>"
    return mail.bounce is not None or has_null_sender or is_automatic_reply(mail) or is_list_mail(mail)


def sender_verdict(mail: Mail, authserv_id: str | None) -> SenderVerdict:
    """Reads only the topmost Authentication-Results, and only when our own provider wrote it (RFC 8601 section 5)."""
    results = mail.headers.get("authentication-results", "")
    if not authserv_id or results.split(";")[0].split(" ")[0].strip().lower() != authserv_id.lower():
        return SenderVerdict.UNVERIFIED
    outcome = {method.lower(): result.lower() for method, result in _RESULT.findall(results)}
    if outcome.get("dmarc") == "fail" or (outcome.get("spf") == "fail" and outcome.get("dkim") != "pass"):
        return SenderVerdict.FAILED
    return SenderVerdict.VERIFIED if outcome.get("dmarc") == "pass" else SenderVerdict.UNVERIFIED
