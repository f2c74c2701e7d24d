"""Delivery reports: RFC 3464 first, then what servers that never read it write, with the help of flufl.bounce."""

import logging
import re
from email.message import Message
from email.policy import compat32
from typing import Final

from flufl.bounce import all_failures

from adapters import bounce_wording as wording
from adapters.bounce_reports import Delivery, deliveries, own_parts
from adapters.bounce_returned import embedded_messages, original_message_id, original_send_id
from adapters.mime_addresses import addresses, first_address
from adapters.mime_headers import raw_field, raw_fields, text_of
from adapters.mime_leaf import content_type, payload_of
from tickets.mail import Bounce

# It writes tracebacks with pieces of the mail in them.
logging.getLogger("flufl.bounce").disabled = True

_MAX_HEURISTIC_CHARACTERS: Final = 200_000
_ROBOT: Final = re.compile(
    r"mail(?:er)?[-_. ]?daemon|po+st[-_. ]?master|mail (?:delivery|deliver|transfer|transport)|mail(?:er)?[- ]?system"
    r"|mdaemon|mailmarshal|interscan|surfcontrol",
    re.IGNORECASE,
)
_DAEMON: Final = re.compile(r"mail(?:er)?[-_. ]?daemon", re.IGNORECASE)
_PERHAPS_ROBOT: Final = re.compile(r"mail (?:administrator|router|server)|system administrator|exchange", re.IGNORECASE)
_FAILED_SUBJECT: Final = re.compile(
    "|".join(
        (
            r"undeliver|not delivered|delivery (?:status|fail|has failed|problem|error|incomplete|delayed|warning)",
            r"delivery (?:report|notification)|delivery of .{0,80}(?:failed|delayed)|(?:mail|message) delivery",
            r"(?:mail|message|sending) (?:system )?(?:error|failure|failed)|fail(?:ure|ed) (?:notice|delivery|mail)",
            r"returned (?:e-?)?mail|return(?:ed|ing)? (?:message )?to sender|could not be (?:delivered|sent)",
            r"delayed mail|message delayed|error sending|can(?:not|.t) be delivered|\bbounced? |\[bounce\]",
            r"unzustellbar|nicht zustellbar|nicht zugestellt|zustellung .{0,30}fehlgeschlagen|fehler bei der zustell",
            r"non (?:remis|distribu|délivr)|échec (?:de |d.)|remise (?:impossible|retardée)",
            r"non (?:recapit|consegn)|mancat[ao] (?:recapit|consegn)|impossibile (?:recapit|consegn)",
            r"no se (?:ha |puede |pudo )?(?:podido )?(?:entreg|enviar)|no entregado|error de entrega",
            r"não (?:é|foi) possível (?:entreg|envi)|não entregue|falha (?:na|de) entrega",
            r"onbestelbaar|niet (?:bezorgd|afgeleverd)|bezorging .{0,20}mislukt",
            r"niedostarczal|nie (?:można|udało się) dostarczy|nedoručiteln|nem kézbesíthető|teslim edilem",
            r"kan (?:inte|ikke) lever|går inte att leverera|uleverbar|ei voi(?:da|tu)? toimittaa",
            r"недоставлен|не (?:удалось|может быть) доставл|не доставлен|сбой доставки",
            r"配信(?:不能|できません|エラー)|送信(?:エラー|できません)|配達不能",
            r"未(?:送达|送達|遞送|投递)|无法(?:送达|投递|传递)|退信|退件|배달(?:되지| 실패)|전송 실패",
        )
    ),
    re.IGNORECASE,
)
_AWAY_SUBJECT: Final = re.compile(
    r"out of (?:the )?office|auto(?:matic)?[- ]?re(?:ply|spon)|vacation|away from|automatische antwort|abwesen|absence"
    r"|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|自動(?:返信|応答)|^(?:not )?read:"
    r"|^(?:ungelesen|gelesen|lu|non lu)\s?:",
    re.IGNORECASE,
)
_NULL_SENDER: Final = re.compile(r"<>|<?(?:mailer-daemon|null)\b", re.IGNORECASE)
_RECEIPT: Final = "message/disposition-notification"
_FEEDBACK: Final = "message/feedback-report"


def is_feedback_report(message: Message) -> bool:
    """A complaint that a receiver passed on (RFC 5965); it says nothing of whether the mail arrived."""
    kind, options = content_type(message)
    if kind == "multipart/report" and options.get("report-type", "").lower() == "feedback-report":
        return True
    return any(content_type(part)[0] == _FEEDBACK for part in own_parts(message))


def is_read_receipt(message: Message) -> bool:
    """It was read, or deleted unread (RFC 8098): a program says so, whatever else it says in its header."""
    kind, options = content_type(message)
    if kind == _RECEIPT:
        return True
    if kind != "multipart/report":
        return False
    named = options.get("report-type", "").lower()
    is_named = named == "disposition-notification"
    return is_named or (not named and any(content_type(part)[0] == _RECEIPT for part in own_parts(message)))


def bounce_of(message: Message, text: str) -> Bounce | None:
    """What the report says; None for a mail that is none. `text` is its readable part."""
    if is_feedback_report(message):
        return None
    message = _report_inside(message)
    notice = wording.notice_of(text)
    lost = _lost(message, notice)
    if lost is None:
        return None
    is_late = lost.is_delayed or (not lost.action and wording.says_late(notice))
    return Bounce(
        original_message_id=original_message_id(message, text),
        recipient=lost.recipient or None,
        is_permanent=not is_late and wording.is_for_good(lost.status, lost.diagnostic, notice),
        reason=wording.reason_of(lost.status, lost.diagnostic, notice),
        original_send_id=original_send_id(message, text),
        is_delayed=is_late,
    )


def _report_inside(message: Message) -> Message:
    """Gateways wrap the report of another server in a notice of their own."""
    if deliveries(message) or not _ROBOT.search(_sender(message)):
        return message
    return next((inner for inner in embedded_messages(message) if deliveries(inner)), message)


def _lost(message: Message, notice: str) -> Delivery | None:
    reported = deliveries(message)
    lost = next((each for each in reported if each.is_lost), None)
    if lost is not None:
        return lost if lost.recipient else _with_recipient(lost, _recipient(message, notice))
    if any(each.has_arrived for each in reported) or not _is_failure(message, notice):
        return None
    return Delivery(_recipient(message, notice), action="", status="", diagnostic="")


def _with_recipient(lost: Delivery, recipient: str) -> Delivery:
    return Delivery(recipient, lost.action, lost.status, lost.diagnostic)


def _is_failure(message: Message, notice: str) -> bool:
    """A robot that says so in some way; from anybody else who expects no answer, two signs at least."""
    if raw_field(message, "x-failed-recipients"):
        return True
    subject = text_of(raw_field(message, "subject"))
    names_failure = _FAILED_SUBJECT.search(subject) is not None
    if is_read_receipt(message) or (_AWAY_SUBJECT.search(subject) and not names_failure):
        return False
    is_robot = _ROBOT.search(_sender(message)) is not None or content_type(message)[0] == "multipart/report"
    if not (is_robot or _PERHAPS_ROBOT.search(_sender(message)) or _has_null_sender(message)):
        return False
    # A person may write from a postmaster's address, but never from the daemon's.
    is_daemon = _DAEMON.search(_sender(message)) is not None
    signs = names_failure + (wording.says_failed(notice) or (is_daemon and wording.names_code_and_address(notice)))
    wanted = 1 if is_robot else 2
    return signs >= wanted or signs + bool(_by_heuristics(message)) >= wanted


def _sender(message: Message) -> str:
    return text_of(raw_field(message, "from"))[:300]


def _has_null_sender(message: Message) -> bool:
    envelope = f"{raw_field(message, 'return-path')} {raw_field(message, 'x-envelope-from')}"
    return _NULL_SENDER.search(envelope) is not None


def _recipient(message: Message, notice: str) -> str:
    named = text_of(raw_field(message, "x-failed-recipients")).split(",")[0].strip()
    if named:
        return named
    own = {each.key for name in ("to", "from", "cc") for each in addresses(raw_fields(message, name))}
    written = wording.addresses_in(notice)
    guessed = _by_heuristics(message)
    if guessed and (guessed in written or not written):
        return guessed
    return next((found for found in written if found.casefold() not in own), guessed)


def _by_heuristics(message: Message) -> str:
    leaves = [part for part in message.walk() if not part.is_multipart()]
    if sum(len(payload_of(part)) for part in leaves) > _MAX_HEURISTIC_CHARACTERS:
        return ""
    try:
        temporary, permanent = all_failures(_well_formed(message))
    except Exception:  # its detectors were written for well-formed reports
        return ""
    either = permanent or temporary
    found = sorted(each.decode("ascii", "replace") if isinstance(each, bytes) else each for each in either)
    return next((each for each in found if "@" in each), "")


def _well_formed(message: Message) -> Message:
    """A copy with plain header fields and a sender: without them a detector raises, and the others are not asked."""
    plain = Message(policy=compat32)
    for name, value in message.raw_items():
        plain[name] = str(value).encode("ascii", "replace").decode()
    if not first_address(raw_field(plain, "from")):
        del plain["From"]
        plain["From"] = "MAILER-DAEMON@unknown.invalid"
    payload = payload_of(message)
    if isinstance(payload, str):
        plain.set_payload(payload)
    else:
        for part in payload:
            plain.attach(part)
    return plain
