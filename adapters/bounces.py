"""Delivery reports: RFC 3464 first, then the heuristics of flufl.bounce for the servers that never read it."""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

from flufl.bounce import all_failures

from adapters.mime_headers import message_ids, parameters, raw_field, text_of
from adapters.mime_parts import content_type, contents_of, payload_of
from tickets.mail import Bounce

_MAX_HEURISTIC_CHARACTERS: Final = 200_000
_MAX_REASON: Final = 500
_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED: Final = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"})
_NOT_DELIVERED: Final = frozenset({"failed", "delayed"})
_ROBOT: Final = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system|mailsystem|mdaemon", re.IGNORECASE)
_QUOTED_ID: Final = re.compile(r"message-id:[ \t]{0,10}(<[^<>\s]{1,998}>)", re.IGNORECASE)
_FAILED_SUBJECT: Final = re.compile(
    r"undeliver|not delivered|delivery (?:status|failure|has failed|problem|error|incomplete|delayed)|mail delivery"
    r"|failure notice|returned mail|return(?:ed)? to sender|mail (?:system )?(?:error|failure)|could not be delivered"
    r"|unzustellbar|nicht zugestellt|non remis|échec de (?:la )?remise|no se (?:ha )?(?:podido )?entreg"
    r"|mancata consegna",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"[\w.+=%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# The address itself is wrong, whatever the code says; and reasons that may be gone tomorrow.
_NO_SUCH_ADDRESS: Final = re.compile(
    r"user unknown|unknown (?:user|recipient|address)|no such (?:user|mailbox|recipient|person|address|account)"
    r"|(?:does not|doesn.t) exist|invalid (?:user|recipient|address|mailbox)|unrouteable"
    r"|(?:host|domain) (?:not found|unknown)|account (?:is |has been )?(?:disabled|closed|suspended)|not our customer"
    r"|has moved|mailbox (?:not found|unavailable)",
    re.IGNORECASE,
)
_PASSING: Final = re.compile(
    r"full|quota|too (?:large|big|many)|exceed|try again|temporar|timed? ?out|block|spam|policy|denied|rejected|relay"
    r"|authenti|hop count|transaction failed|compliant|multiple",
    re.IGNORECASE,
)
_ADDRESS_STATUS: Final = re.compile(r"\b5\.1\.(?:0|1|2|3|6|10)\b|\b5\.2\.1\b")
_FAILURE_CODE: Final = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|\b55\d\b")
_STATUS: Final = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")


def bounce_of(message: Message, text: str) -> Bounce | None:
    """What the report says; None for a mail that is none. `text` is its readable part."""
    reported = _reported(message)
    if reported is None and _reads_like_a_report(message):
        reported = _guessed(message, text)
    if reported is None:
        return None
    recipient, is_permanent, reason = reported
    return Bounce(_original_id(message, text), recipient, is_permanent, reason[:_MAX_REASON])


def _reported(message: Message) -> tuple[str | None, bool, str] | None:
    """(recipient, for good, reason) from the machine-readable part (RFC 3464)."""
    for part in message.walk():
        if content_type(part)[0] not in _REPORTS:
            continue
        for fields in _groups(part):
            action = fields.get("action", "").lower().split(" ")[0]
            status = fields.get("status", "")
            if action in _NOT_DELIVERED or (not action and status[:1] in ("4", "5")):
                reason = fields.get("diagnostic-code") or status or action
                return _recipient(fields), action != "delayed" and _is_for_good(status, reason), _after_type(reason)
    return None


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The fields of each recipient; the standard library gives every group as a message of its own."""
    payload = payload_of(part)
    if isinstance(payload, list):
        for group in payload:
            yield {name.lower(): text_of(str(value)) for name, value in group.raw_items()}
        return
    for block in re.split(r"\n\s*\n", contents_of(part).decode("utf-8", "replace").replace("\r\n", "\n")):
        pairs = (line.partition(":") for line in re.sub(r"\n[ \t]+", " ", block).split("\n"))
        yield {name.strip().lower(): value.strip() for name, has_colon, value in pairs if has_colon}


def _recipient(fields: dict[str, str]) -> str | None:
    named = fields.get("final-recipient") or fields.get("original-recipient") or ""
    return _after_type(named).strip("<> ") or None


def _after_type(value: str) -> str:
    """`rfc822; jane@example.org` and `smtp; 550 no such user`: the part behind the type."""
    kind, has_type, rest = value.partition(";")
    return rest.strip() if has_type and " " not in kind.strip() else value.strip()


def _reads_like_a_report(message: Message) -> bool:
    kind, options = parameters(raw_field(message, "content-type"))
    is_report = kind == "multipart/report" and options.get("report-type", "").lower() != "disposition-notification"
    null_sender = raw_field(message, "return-path").strip() == "<>"
    robot = _ROBOT.search(text_of(raw_field(message, "from"))[:300]) is not None
    return is_report or null_sender or robot or bool(raw_field(message, "x-failed-recipients"))


def _guessed(message: Message, text: str) -> tuple[str | None, bool, str] | None:
    reason = _first_reason(text)
    failed = text_of(raw_field(message, "x-failed-recipients")).split(",")[0].strip()
    recipient = failed or _by_heuristics(message)
    if recipient is None and _FAILED_SUBJECT.search(text_of(raw_field(message, "subject"))):
        own = _ADDRESS.findall(text_of(raw_field(message, "to")) + " " + text_of(raw_field(message, "from")))
        recipient = next((found for found in _ADDRESS.findall(text[:20_000]) if found not in own), "")
    if recipient is None:
        return None
    return recipient or None, _is_for_good(reason, reason), reason


def _by_heuristics(message: Message) -> str | None:
    leaves = [part for part in message.walk() if not part.is_multipart()]
    if sum(len(payload_of(part)) for part in leaves) > _MAX_HEURISTIC_CHARACTERS:
        return None
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # its detectors were written for well-formed reports
        return None
    found = sorted(address for address in permanent or temporary if address)
    if not found:
        return None
    return found[0].decode("ascii", "replace") if isinstance(found[0], bytes) else str(found[0])


def _is_for_good(status: str, reason: str) -> bool:
    """Hard: the address does not exist. A full mailbox or a refused sender may be otherwise tomorrow."""
    if _NO_SUCH_ADDRESS.search(reason) or _ADDRESS_STATUS.search(f"{status} {reason}"):
        return True
    return _FAILURE_CODE.search(f"{status} {reason}") is not None and not _PASSING.search(reason)


def _first_reason(text: str) -> str:
    """The line with the status code, or the first line that says something."""
    lines = [line.strip() for line in text[:20_000].splitlines() if line.strip()]
    return next((line for line in lines if _STATUS.search(line)), lines[0] if lines else "")


def _original_id(message: Message, text: str) -> str | None:
    """The Message-ID of the mail that came back: from its headers, else from the report's own text and threading."""
    for part in message.walk():
        if content_type(part)[0] in _RETURNED:
            found = _returned_id(part)
            if found:
                return found
    quoted = _QUOTED_ID.search(text[:_MAX_HEURISTIC_CHARACTERS])
    if quoted:
        return quoted.group(1)
    replied = message_ids(raw_field(message, "in-reply-to")) or message_ids(raw_field(message, "references"))[-1:]
    return replied[0] if replied else None


def _returned_id(part: Message) -> str | None:
    payload = payload_of(part)
    if isinstance(payload, list) and payload:
        ids = message_ids(raw_field(payload[0], "message-id"))
        return ids[0] if ids else None
    quoted = _QUOTED_ID.search(contents_of(part)[:_MAX_HEURISTIC_CHARACTERS].decode("utf-8", "replace"))
    return quoted.group(1) if quoted else None
