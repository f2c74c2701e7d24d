"""The one place where bytes become a Mail.

Reads with the standard library in its oldest, most forgiving mode and does all decoding itself: on real mail the modern
policy raises on unknown charsets, folded addresses and groups. Nothing here raises but Unreadable.
"""

import email
import email.policy
import hashlib
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final
from urllib.parse import unquote

from adapters.bounces import bounce_of
from adapters.mime_addresses import addresses, first_address
from adapters.mime_headers import date_of, message_ids, raw_field, raw_fields, text_of
from adapters.mime_html import html_reply
from adapters.mime_limits import check
from adapters.mime_parts import Leaf, Parts, parts_of
from tickets.errors import Unreadable
from tickets.mail import KEPT_HEADERS, Address, Attachment, Mail, Parsed, missing_message_id
from tickets.quoting import Reply, split

_MAX_DEFECTS: Final = 20


def parse(raw: bytes) -> Parsed:
    """The mail, with every field usable. Raises Unreadable for what exceeds the limits."""
    check(raw)
    try:
        return _read(raw)
    except Unreadable:
        raise
    except (RecursionError, MemoryError) as error:
        raise Unreadable("The message is built so that reading it would not end. Look at the raw mail.") from error
    except Exception as error:  # one mail must never stop the rest; its raw bytes are kept
        raise Unreadable(
            f"The message cannot be read ({type(error).__name__}). Report it with its raw bytes."
        ) from error


def _read(raw: bytes) -> Parsed:
    try:
        return _parsed(raw, email.message_from_bytes(raw, policy=email.policy.compat32))
    except (Unreadable, RecursionError, MemoryError):
        raise
    except Exception:  # the standard library raises on some structures; then the header and the plain bytes must do
        message = BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
        del message["Content-Type"], message["Content-Transfer-Encoding"]
        return _parsed(raw, message)


def _parsed(raw: bytes, message: Message) -> Parsed:
    parts = parts_of(message)
    text, visible = _texts(parts)
    html = "\n".join(parts.html) or None
    ids = message_ids(raw_field(message, "message-id"))
    mail = Mail(
        message_id=ids[0] if ids else missing_message_id(raw),
        subject=text_of(raw_field(message, "subject")),
        sender=_sender(message),
        to=addresses(raw_fields(message, "to")),
        cc=addresses(raw_fields(message, "cc")),
        reply_to=addresses(raw_fields(message, "reply-to")),
        sent_at=date_of(raw_field(message, "date")),
        in_reply_to=next(iter(message_ids(raw_field(message, "in-reply-to"))), None),
        references=message_ids(raw_field(message, "references")),
        text=text,
        visible_text=visible,
        html=html,
        attachments=tuple(_attachment(leaf, html) for leaf in parts.files),
        headers=_kept(message),
        bounce=bounce_of(message, text),
        defects=_defects(message, parts),
    )
    return Parsed(mail, {_sha256(leaf): leaf.contents for leaf in parts.files})


def _sender(message: Message) -> Address:
    found = first_address(raw_field(message, "from")) or first_address(raw_field(message, "sender"))
    return found or Address("", "")


def _texts(parts: Parts) -> tuple[str, str]:
    """The whole text, and what the author wrote this time: the HTML knows best where the history begins."""
    plain = "\n".join(text.replace("\r\n", "\n").replace("\r", "\n") for text in parts.plain)
    if not parts.html:
        return plain, split(plain).visible
    reply = html_reply("\n".join(parts.html))
    if not plain.strip():
        return reply.whole.strip(), reply.visible
    return plain, reply.visible if _knows_history(reply) else split(plain).visible


def _knows_history(reply: Reply) -> bool:
    return bool(reply.quoted.strip()) and reply.visible != reply.whole.strip()


def _kept(message: Message) -> Mapping[str, str]:
    kept: dict[str, str] = {}
    for name, value in message.raw_items():
        key = name.lower()
        if key in KEPT_HEADERS and key not in kept:
            kept[key] = text_of(str(value))
    return kept


def _attachment(leaf: Leaf, html: str | None) -> Attachment:
    return Attachment(
        filename=leaf.filename,
        content_type=leaf.content_type,
        size=len(leaf.contents),
        sha256=_sha256(leaf),
        content_id=leaf.content_id,
        is_inline=leaf.content_id is not None and html is not None and _is_shown(leaf.content_id, html),
    )


def _is_shown(content_id: str, html: str) -> bool:
    """The disposition says little: an image is part of the text when the text shows it."""
    return f"cid:{content_id}" in html or f"cid:{content_id}".lower() in unquote(html).lower()


def _sha256(leaf: Leaf) -> str:
    return hashlib.sha256(leaf.contents).hexdigest()


def _defects(message: Message, parts: Parts) -> tuple[str, ...]:
    names = [type(defect).__name__ for part in message.walk() for defect in part.defects]
    names += ["Encrypted"] * parts.is_encrypted + ["Signed"] * parts.is_signed
    names += [f"Missing{name.title()}" for name in ("from", "date") if not raw_field(message, name)]
    return tuple(dict.fromkeys(names))[:_MAX_DEFECTS]
