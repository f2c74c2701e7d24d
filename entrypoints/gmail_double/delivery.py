"""What becomes of a mail after Gmail has accepted it: it reaches accounts of this double, or it comes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from entrypoints.gmail_double.bounces import DELAYED, FAILED, Failure, notification
from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.source import Source, without_header
from entrypoints.gmail_double.wire import Refusal

TREATMENTS = ("accepted", "refused", "bounces", "delayed")


@dataclass(frozen=True)
class Treatment:
    """How mail to one address fares.

    `refused` gives the sender a 400 at once; with `bounces` and `delayed` the mail is accepted, and a
    delivery status notification arrives `after_s` seconds later by the double's clock.
    """

    kind: str = "accepted"
    after_s: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in TREATMENTS:
            raise ValueError(f"unknown treatment {self.kind!r}: use {', '.join(TREATMENTS)}")


Treatments = Mapping[str, Treatment]


@dataclass(frozen=True)
class Due:
    """A mail on its way into a mailbox of this double."""

    at_ms: int
    account: str
    raw: bytes
    thread_id: str | None = None


def recipients_of(source: Source) -> tuple[str, ...]:
    """The addresses in To, Cc and Bcc in lower case, each once."""
    named = getaddresses([source.header(name) for name in ("To", "Cc", "Bcc")])
    return tuple(dict.fromkeys(address.casefold() for _, address in named if "@" in address))


def require_recipients(source: Source, recipients: Sequence[str], treatments: Treatments) -> None:
    """Refusal 400, as Gmail words it, when there is no recipient or one that it refuses."""
    if not recipients:
        raise Refusal(400, "Recipient address required")
    refused = {address for address, treatment in treatments.items() if treatment.kind == "refused"}
    for name in ("To", "Cc", "Bcc"):
        if any(address.casefold() in refused for _, address in getaddresses([source.header(name)])):
            raise Refusal(400, f"Invalid {name} header")


def follow_up(
    sender: str, sent: Message, recipients: Iterable[str], treatments: Treatments, accounts: Iterable[str]
) -> list[Due]:
    """What the sent mail causes: notifications for the sender, the mail itself for accounts of this double."""
    known = set(accounts) - {sender.casefold()}
    due = []
    for recipient in recipients:
        treatment = treatments.get(recipient, Treatment())
        at_ms = sent.internal_ms + int(treatment.after_s * 1000)
        if treatment.kind in ("bounces", "delayed"):
            failure = FAILED if treatment.kind == "bounces" else DELAYED
            due.append(Due(at_ms, sender, _notified(sender, sent, recipient, failure, at_ms), sent.thread_id))
        elif recipient in known:
            due.append(Due(at_ms, recipient, as_delivered(sent)))
    return due


def as_delivered(sent: Message) -> bytes:
    """The sent mail as its recipients get it: without Bcc, which only the sender's own copy keeps."""
    return without_header(sent.source.raw, "Bcc")


def _notified(sender: str, sent: Message, recipient: str, failure: Failure, at_ms: int) -> bytes:
    return notification(sender, as_delivered(sent), sent.source.message_id, recipient, failure, at_ms)
