"""Drafts and sending, with Gmail's rules for ids, threads and rewritten headers."""

import base64
import binascii
import hashlib
import re
from email.utils import parseaddr

from entrypoints.gmail_double.delivery import recipients_of, require_recipients
from entrypoints.gmail_double.ledger import Accepted
from entrypoints.gmail_double.mailbox import Mailbox, Message, bare_subject
from entrypoints.gmail_double.source import Stored, with_header
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Json, Refusal, not_found


def decode_raw(resource: Json) -> Stored:
    """The mail inside a Message resource; Refusal 400 when `raw` is missing or not base64url."""
    raw = resource.get("raw")
    if not isinstance(raw, str) or not raw:
        raise Refusal(400, "'raw' RFC822 payload message string is required")
    try:
        return Stored(base64.urlsafe_b64decode(raw.rstrip("=") + "=" * (-len(raw.rstrip("=")) % 4)))
    except (binascii.Error, ValueError):
        raise Refusal(400, "Invalid value for ByteString: raw") from None


def wanted_thread(mailbox: Mailbox, resource: Json) -> str | None:
    """The threadId of a Message resource, checked: 400 when malformed, 404 when unknown."""
    wanted = resource.get("threadId")
    if not wanted:
        return None
    if not re.fullmatch(r"[0-9a-f]{1,16}", str(wanted)):
        raise Refusal(400, "Invalid thread_id value")
    if wanted not in mailbox.threads:
        raise not_found()
    return str(wanted)


def create_draft(mailbox: Mailbox, resource: Json, at_ms: int) -> tuple[str, Message]:
    """Store a new draft; gives its draft id, which is not its message id."""
    source, wanted = decode_raw(resource), wanted_thread(mailbox, resource)
    draft_id = f"r{7_000_000_000_000_000_000 + mailbox.mint()}"
    message = mailbox.add(source, ("DRAFT",), at_ms, mailbox.thread_for(source, wanted))
    mailbox.drafts[draft_id] = message.id
    return draft_id, message


def draft_message(mailbox: Mailbox, draft_id: str) -> Message:
    message_id = mailbox.drafts.get(draft_id)
    if message_id is None:
        raise not_found()
    return mailbox.messages[message_id]


def update_draft(mailbox: Mailbox, draft_id: str, resource: Json, at_ms: int) -> Message:
    """Replace the text of a draft: the draft id stays, the message id is a new one."""
    old = draft_message(mailbox, draft_id)
    source, wanted = decode_raw(resource), wanted_thread(mailbox, resource)
    message = mailbox.add(source, ("DRAFT",), at_ms, mailbox.thread_for(source, wanted))
    mailbox.drafts[draft_id] = message.id
    mailbox.delete(old.id)
    return message


def send_draft(double: Double, mailbox: Mailbox, body: Json) -> Message:
    """Send a draft and consume it; a `message.raw` in the body is sent instead of the stored text."""
    draft_id = body.get("id")
    if not draft_id:
        raise Refusal(400, "Missing draft id")
    draft = draft_message(mailbox, str(draft_id))
    given = body.get("message") or {}
    source, wanted = Stored(draft.source.raw), None
    if given.get("raw"):
        source, wanted = decode_raw(given), wanted_thread(mailbox, given)
    sent = _send(double, mailbox, source, _thread_of_draft(mailbox, draft, source, wanted))
    mailbox.delete(draft.id)
    return sent


def _thread_of_draft(mailbox: Mailbox, draft: Message, source: Stored, wanted: str | None) -> str | None:
    """A draft that begins a conversation keeps its thread when it is sent."""
    joined = mailbox.thread_for(source, wanted)
    is_same = bare_subject(source.subject) == bare_subject(draft.source.subject)
    if joined is None and is_same and wanted in (None, draft.thread_id):
        return draft.thread_id
    return joined


def send_message(double: Double, mailbox: Mailbox, resource: Json) -> Message:
    """Send without a draft: nothing marks a repetition, so a second call sends a second mail."""
    source, wanted = decode_raw(resource), wanted_thread(mailbox, resource)
    return _send(double, mailbox, source, mailbox.thread_for(source, wanted))


def _send(double: Double, mailbox: Mailbox, source: Stored, thread_id: str | None) -> Message:
    recipients, at_ms = recipients_of(source), double.now_ms()
    require_recipients(source, recipients, double.treatments)
    rewritten = Stored(_rewritten(mailbox, source))
    # A mail to oneself is one message in both places.
    labels = ("SENT", "INBOX", "UNREAD") if mailbox.address.casefold() in recipients else ("SENT",)
    sent = mailbox.add(rewritten, labels, at_ms, thread_id)
    double.sent.accept(
        Accepted(
            account=mailbox.address,
            gmail_id=sent.id,
            gmail_thread_id=sent.thread_id,
            message_id=rewritten.message_id,
            to=str(source.headers.get("To", "")),
            subject=source.subject,
            send_id=str(source.headers.get("X-CA-Send-Id", "")),
            sha256=hashlib.sha256(source.raw).hexdigest(),
            at_ms=at_ms,
            recipients=recipients,
        )
    )
    double.dispatch(mailbox.address, sent, recipients)
    return sent


def _rewritten(mailbox: Mailbox, source: Stored) -> bytes:
    """The mail as Gmail lets it leave: its own Message-ID, and a From the account may use."""
    digest = hashlib.sha256(f"{mailbox.address} {mailbox.mint()}".encode()).digest()
    token = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    raw = with_header(source.raw, "Message-ID", f"<CA{token}@mail.gmail.com>")
    written_from = str(source.headers.get("From", ""))
    if not mailbox.writes_as(parseaddr(written_from)[1]):
        raw = with_header(raw, "From", mailbox.address)
        raw = with_header(raw, "X-Google-Original-From", " ".join(written_from.split())) if written_from else raw
    return raw
