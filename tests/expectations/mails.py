"""What a mail's source expects of it, held against what the parser reads."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.mime import parse
from tests.expectations.manifest import Case, Check, words
from tickets.automatic import is_auto_reply
from tickets.mail import Mail

Reader = Callable[[Mail], object]
Same = Callable[[Any, Any], bool]

# How a delivery report is understood, counted apart: sources disagree on what is hard, and make up status codes.
DETAILS: Final = frozenset({"hard", "dsn_status"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One mail after the attempt to read it; `error` names the exception."""

    case: Case
    seconds: float
    mail: Mail | None
    error: str | None = None
    checks: tuple[Check, ...] = field(default=())

    @property
    def is_bounce_there(self) -> bool | None:
        """Whether the source calls it a bounce; None when it does not say so in any way."""
        said = self.case.expected.get("is_bounce")
        if said is not None:
            return bool(said)
        return None if "bounce" in self.case.kinds or self.case.expected.get("is_dsn") else False


def look_at(case: Case) -> Seen:
    """Read one mail and hold it against its expectations; never raises for what the parser does."""
    raw = case.path.read_bytes()
    started = time.perf_counter()
    try:
        mail = parse(raw).mail
    except Exception as error:  # that is what is counted here
        return _failed(case, time.perf_counter() - started, f"{type(error).__name__}: {error}")
    seconds = time.perf_counter() - started
    return Seen(case, seconds, mail, checks=tuple(_checks(case, mail)))


def _failed(case: Case, seconds: float, error: str) -> Seen:
    checks = tuple(Check(case, kind, False, wanted, error) for kind, wanted in case.expected.items())
    return Seen(case, seconds, None, error, checks)


def _checks(case: Case, mail: Mail) -> Iterator[Check]:
    for kind, wanted in case.expected.items():
        known = CHECKS.get(kind)
        if known is None or (kind == "dsn_status" and not _real_codes(wanted)):
            yield Check(case, kind, None, wanted, None)
            continue
        read, is_same = known
        found = read(mail)
        yield Check(case, kind, is_same(wanted, found), wanted, found)


def _exactly(wanted: object, found: object) -> bool:
    return wanted == found


def _same_words(wanted: object, found: object) -> bool:
    return words(str(wanted)) == words(str(found))


def _same_address(wanted: object, found: object) -> bool:
    return str(wanted).casefold() == str(found).casefold()


def _same_addresses(wanted: object, found: object) -> bool:
    named = [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list | tuple) else []
    return [str(each).casefold() for each in named] == [str(each).casefold() for each in found]  # type: ignore[attr-defined]


def _same_id(wanted: object, found: object) -> bool:
    return str(wanted).strip("<> ") == str(found).strip("<> ")


def _contains(wanted: object, found: object) -> bool:
    return words(str(wanted)) in words(str(found))


def _names_one_of(wanted: object, found: object) -> bool:
    return any(code in str(found) for code in _real_codes(wanted))


def _is_among(wanted: object, found: object) -> bool:
    """A report on several recipients is kept as one: any of its verdicts will do."""
    return found in wanted if isinstance(wanted, list) else found == wanted


def _real_codes(wanted: object) -> list[str]:
    """Without the codes that a source gives to reports without one (5.0.9xx, 4.0.9xx)."""
    codes = wanted if isinstance(wanted, list) else [wanted]
    return [str(code) for code in codes if code and not str(code)[1:].startswith((".0.9", ".9"))]


def _is_report(mail: Mail) -> bool:
    return mail.bounce is not None or "delivery-status" in mail.headers.get("content-type", "").lower()


CHECKS: Final[Mapping[str, tuple[Reader, Same]]] = {
    "subject": (lambda mail: mail.subject, _same_words),
    "from_email": (lambda mail: mail.sender.address, _same_address),
    "from_name": (lambda mail: mail.sender.name, _same_words),
    "to_emails": (lambda mail: [each.address for each in mail.to], _same_addresses),
    "cc_emails": (lambda mail: [each.address for each in mail.cc], _same_addresses),
    "reply_to": (lambda mail: [each.address for each in mail.reply_to], _same_addresses),
    "message_id": (lambda mail: mail.message_id, _same_id),
    "in_reply_to": (lambda mail: mail.in_reply_to or "", _same_id),
    "attachments": (lambda mail: len(mail.attachments), _exactly),
    "attachment_names": (lambda mail: [each.filename for each in mail.attachments], _exactly),
    "body_text": (lambda mail: mail.text, _same_words),
    "body_contains": (lambda mail: f"{mail.text}\n{mail.html}", _contains),
    "html_contains": (lambda mail: mail.html or "", _contains),
    "reply_text": (lambda mail: mail.visible_text, _same_words),
    "is_auto_reply": (is_auto_reply, _exactly),
    "is_bounce": (lambda mail: mail.bounce is not None, _exactly),
    "is_dsn": (_is_report, _exactly),
    "is_feedback_report": (lambda mail: "FeedbackReport" in mail.defects, _exactly),
    "hard": (lambda mail: mail.bounce.is_permanent if mail.bounce else None, _is_among),
    "dsn_status": (lambda mail: mail.bounce.reason if mail.bounce else "", _names_one_of),
}
