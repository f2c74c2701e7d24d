"""One Gmail message as the desk takes it: mail, or left out with a reason."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adapters.raw_headers import send_id
from tickets.ports import Incoming, Skipped

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import Message

# A chat never becomes mail. Spam and trash may be rescued, a draft may be sent: they stay unknown.
_LEFT_OUT: Final = {"DRAFT": False, "CHAT": True, "SPAM": False, "TRASH": False}


def judged(messages: Sequence["Message"]) -> tuple[tuple[Incoming, ...], tuple[Skipped, ...]]:
    """The mails among the messages and the rest, oldest first."""
    oldest_first = sorted(messages, key=lambda message: int(message["internalDate"]))
    verdicts = [_judge(message) for message in oldest_first]
    incoming = tuple(verdict for verdict in verdicts if isinstance(verdict, Incoming))
    return incoming, tuple(verdict for verdict in verdicts if isinstance(verdict, Skipped))


def a_draft(provider_id: str) -> Skipped:
    """A mail that somebody is still writing. Gmail promises a new id for it when it is sent; we do not rely on that."""
    return Skipped(provider_id, "draft", is_final=_LEFT_OUT["DRAFT"])


def decoded(message: "Message") -> bytes:
    """The bytes of a message that came in `raw` format."""
    return base64.urlsafe_b64decode(message["raw"] + "==")


def _judge(message: "Message") -> Incoming | Skipped:
    labels = message.get("labelIds", [])
    at = datetime.fromtimestamp(int(message["internalDate"]) / 1000, UTC)
    for label, is_final in _LEFT_OUT.items():
        if label in labels:
            return Skipped(message["id"], label.lower(), is_final, at)
    raw = decoded(message)
    if "SENT" in labels and send_id(raw):
        return Skipped(message["id"], "our own reply", received_at=at)
    return Incoming(message["id"], raw, at, message.get("threadId"), "SENT" in labels)
