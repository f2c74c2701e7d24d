"""The mail that came back with a delivery report: which one of ours it was."""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

from adapters.bounce_reports import own_parts
from adapters.mime_headers import message_ids, raw_field, text_of
from adapters.mime_leaf import content_type, contents_of, payload_of
from tickets.mail import SEND_ID_HEADER

_MAX_CHARACTERS: Final = 200_000
_MAX_SEND_ID: Final = 200
_QUOTED_ID: Final = re.compile(
    r"^[>|\s]{0,20}(?:(?:x-)?original-)?message[- ]id[ \t]{0,10}:\s{0,10}<?([^<>\s]{1,998}@[^<>\s]{1,998})>?",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_SEND_ID: Final = re.compile(
    rf"^[>|\s]{{0,20}}{re.escape(SEND_ID_HEADER)}[ \t]{{0,10}}:\s{{0,10}}(\S{{1,{_MAX_SEND_ID}}})",
    re.IGNORECASE | re.MULTILINE,
)


def original_message_id(message: Message, text: str) -> str | None:
    """From the returned headers, else from the report's own text, else from what it says it answers."""
    for returned in embedded_messages(message):
        ids = message_ids(raw_field(returned, "message-id"))
        if ids:
            return ids[0]
    for quoted in _texts(message, text):
        found = _QUOTED_ID.search(quoted)
        if found:
            return f"<{found[1]}>"
    replied = message_ids(raw_field(message, "in-reply-to")) or message_ids(raw_field(message, "references"))[-1:]
    return replied[0] if replied else None


def original_send_id(message: Message, text: str) -> str | None:
    """Our own marker on the mail that came back. Anybody can write one: it counts only where we know it."""
    for returned in embedded_messages(message):
        marker = text_of(raw_field(returned, SEND_ID_HEADER))[:_MAX_SEND_ID]
        if marker:
            return marker
    quoted = (_QUOTED_SEND_ID.search(each) for each in _texts(message, text))
    return next((found[1] for found in quoted if found), None)


def embedded_messages(message: Message) -> Iterator[Message]:
    """The embedded messages, as far as the standard library has read them as such."""
    for part in own_parts(message):
        payload = payload_of(part)
        if content_type(part)[0] in ("message/rfc822", "message/global") and isinstance(payload, list):
            yield from payload[:1]


def _texts(message: Message, text: str) -> Iterator[str]:
    """Parts that are the returned headers as text, then any other text of the report."""
    others = []
    for part in own_parts(message):
        kind = content_type(part)[0]
        if isinstance(payload_of(part), str) and kind.startswith(("text/", "message/", "application/octet")):
            found = contents_of(part)[:_MAX_CHARACTERS].decode("utf-8", "replace")
            if "headers" in kind or kind.startswith("message/"):
                yield found
            else:
                others.append(found)
    yield text[:_MAX_CHARACTERS]
    yield from others
    for part in own_parts(message):
        if content_type(part)[0] == "message/delivery-status" and isinstance(payload_of(part), list):
            yield contents_of(part)[:_MAX_CHARACTERS].decode("utf-8", "replace")
