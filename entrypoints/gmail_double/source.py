"""The RFC 5322 text behind a message, and what threading, searching and listing need of it."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Protocol

_IDS = re.compile(r"<[^<>\s]+>")
SNIPPET_CHARACTERS = 200


class Source(Protocol):
    """Mail text with the facts that the mailbox looks at often."""

    @property
    def raw(self) -> bytes: ...
    @property
    def message_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def parents(self) -> tuple[str, ...]: ...
    @property
    def snippet(self) -> str: ...
    @property
    def has_attachment(self) -> bool: ...
    def header(self, name: str) -> str:
        """All values of a header as one decoded text; "" when there is none."""
        ...


def decoded(value: object) -> str:
    """A header value as text, encoded words resolved where they can be."""
    text = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError):
        return text


@dataclass(frozen=True)
class Stored:
    """Mail as its bytes arrived."""

    raw: bytes

    @cached_property
    def headers(self) -> Message:
        return BytesHeaderParser().parsebytes(self.raw)

    @cached_property
    def message_id(self) -> str:
        return str(self.headers.get("Message-ID", "")).strip()

    @cached_property
    def subject(self) -> str:
        return decoded(self.headers.get("Subject", ""))

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Message-IDs this mail answers: References, then In-Reply-To."""
        named = f"{self.headers.get('References', '')} {self.headers.get('In-Reply-To', '')}"
        return tuple(_IDS.findall(named))

    @cached_property
    def dated_ms(self) -> int | None:
        """The Date header in milliseconds since 1970; None when it is missing or unreadable."""
        try:
            return int(parsedate_to_datetime(str(self.headers.get("Date"))).timestamp() * 1000)
        except ValueError:
            return None

    @cached_property
    def snippet(self) -> str:
        """The beginning of the first text part, without mark-up; "" for mail nested too deeply to be taken apart."""
        try:
            part = next(text_parts(message_from_bytes(self.raw)), None)
        except RecursionError:
            return ""
        return beginning(part) if part is not None else ""

    @cached_property
    def has_attachment(self) -> bool:
        try:
            return any(part.get_filename() for part in message_from_bytes(self.raw).walk())
        except RecursionError:
            return False

    def header(self, name: str) -> str:
        return " ".join(decoded(value) for value in self.headers.get_all(name, []))


def beginning(part: Message) -> str:
    """The first words of a text part, without mark-up; "" when it holds no text."""
    payload = part.get_payload(decode=True)
    if part.get_content_maintype() != "text" or not isinstance(payload, bytes):
        return ""
    text = utf8_content(part, payload).decode("utf-8", "replace")
    if part.get_content_subtype() == "html":
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return html.escape(" ".join(text.split())[:SNIPPET_CHARACTERS])


def beginning_of_undivided(raw: bytes) -> str:
    """The first words of a mail that is one text, found without looking for parts; "" for any other."""
    return beginning(BytesHeaderParser().parsebytes(raw))


def text_parts(part: Message) -> Iterator[Message]:
    """The text parts of a mail in their order, without those inside attached mails."""
    if part.get_content_maintype() == "multipart":
        payload = part.get_payload()
        for child in payload if isinstance(payload, list) else []:
            if isinstance(child, Message):
                yield from text_parts(child)
    elif part.get_content_maintype() == "text":
        yield part


def utf8_content(part: Message, payload: bytes) -> bytes:
    """The text of a part in UTF-8, as Gmail gives it whatever its charset was."""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace").encode()
    except LookupError:
        return payload


def with_header(raw: bytes, name: str, value: str) -> bytes:
    """The same mail with one header replaced (or added); every other byte stays as it was."""
    newline = _newline(raw)
    return f"{name}: {value}".encode() + newline + without_header(raw, name)


def without_header(raw: bytes, name: str) -> bytes:
    """The same mail without a header; every other byte stays as it was."""
    newline = _newline(raw)
    head, blank, body = raw.partition(newline * 2)
    pattern = rb"(?im)^" + re.escape(name.encode()) + rb":[^\n]*\n?(?:[ \t][^\n]*\n?)*"
    kept = re.sub(pattern, b"", head + newline).rstrip(b"\r\n")
    return kept + (blank or newline * 2) + body


def _newline(raw: bytes) -> bytes:
    return b"\r\n" if raw.partition(b"\n")[0].endswith(b"\r") else b"\n"
