"""The machine-readable part of a delivery report (RFC 3464)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from adapters.mime_headers import text_of
from adapters.mime_leaf import content_type, contents_of, payload_of

_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FAILED: Final = "failed"
_DELAYED: Final = "delayed"
_DONE: Final = frozenset({"delivered", "relayed", "expanded"})
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MAX_PARTS: Final = 200
_MAX_REPORT_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one report says of one recipient; fields that it left out are empty."""

    recipient: str
    action: str
    status: str
    diagnostic: str

    @property
    def is_lost(self) -> bool:
        return self.action in (_FAILED, _DELAYED) or (not self.action and self.status[:1] in ("4", "5"))

    @property
    def is_delayed(self) -> bool:
        """The server still tries."""
        return self.action == _DELAYED

    @property
    def has_arrived(self) -> bool:
        return self.action in _DONE or (not self.action and self.status.startswith("2"))


def deliveries(message: Message) -> tuple[Delivery, ...]:
    """What the report says, recipient by recipient; empty for a mail without such a part.

    A report inside an embedded message is somebody else's: a customer who forwards a bounce does not send one.
    """
    return tuple(
        _delivery(fields) for part in own_parts(message) if _is_report(part) for fields in _groups(part) if fields
    )


def own_parts(message: Message) -> Iterator[Message]:
    """The parts of the message, not those of messages embedded in it."""
    waiting = [message]
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        children = payload_of(part)
        if isinstance(children, list) and not content_type(part)[0].startswith("message/"):
            waiting.extend(children)


def _is_report(part: Message) -> bool:
    return content_type(part)[0] in _REPORTS


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The fields of each recipient; the standard library gives every group as a message of its own."""
    payload = payload_of(part)
    if isinstance(payload, list):
        for group in payload:
            yield {name.lower(): text_of(str(value)) for name, value in group.raw_items()}
        return
    text = contents_of(part)[:_MAX_REPORT_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
    for block in re.split(r"\n[ \t]*\n", text):
        pairs = (line.partition(":") for line in re.sub(r"\n[ \t]+", " ", block).split("\n"))
        yield {name.strip().lower(): value.strip() for name, has_colon, value in pairs if has_colon}


def _delivery(fields: dict[str, str]) -> Delivery:
    status = _STATUS.search(fields.get("status", ""))
    comment = fields.get("status", "")[status.end() :].strip(" ()") if status else ""
    return Delivery(
        recipient=_recipient(fields),
        action=fields.get("action", "").lower().split(" ")[0],
        status=status.group() if status else "",
        diagnostic=_after_type(fields.get("diagnostic-code", "")) or comment,
    )


def _recipient(fields: dict[str, str]) -> str:
    """The final recipient; the original one where the final is a file or a program of the receiving server."""
    named = [_after_type(fields.get(name, "")).strip("<> ") for name in ("final-recipient", "original-recipient")]
    return next((each for each in named if "@" in each), "")


def _after_type(value: str) -> str:
    """`rfc822; jane@example.org` and `smtp; 550 no such user`: the part behind the type."""
    kind, has_type, rest = value.partition(";")
    return rest.strip() if has_type and " " not in kind.strip() else value.strip()
