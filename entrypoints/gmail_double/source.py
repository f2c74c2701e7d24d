"""The RFC 5322 text behind a message: received bytes, or a seeded mail written only when asked for."""

import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import formatdate
from functools import cached_property
from typing import Protocol

_IDS = re.compile(r"<[^<>\s]+>")
_QUESTIONS = (
    ("When will my panels be installed?", "We signed in spring and have heard nothing since."),
    ("Inverter shows error 301", "The red light is on since Tuesday and the app shows no yield."),
    ("Question about invoice", "The amount differs from the quote. Could you explain the difference?"),
    ("Battery for an existing system", "Can a battery be added to our 9 kW system from 2021?"),
    ("Appointment next week", "Unfortunately Thursday does not suit us. Is Friday possible?"),
)


class Source(Protocol):
    """Mail text with the three facts that threading needs."""

    @property
    def raw(self) -> bytes: ...
    @property
    def message_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def parents(self) -> tuple[str, ...]: ...


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


@dataclass(frozen=True)
class Seeded:
    """The n-th mail of a made-up backlog; its text is written on each reading, so seeding is quick."""

    number: int
    to: str
    at_ms: int

    @property
    def message_id(self) -> str:
        return f"<seed-{self.number}@customers.example>"

    @property
    def subject(self) -> str:
        return f"{_QUESTIONS[self.number % len(_QUESTIONS)][0]} (order {40_000 + self.number})"

    @property
    def parents(self) -> tuple[str, ...]:
        return ()

    @property
    def raw(self) -> bytes:
        mail = EmailMessage()
        mail["From"] = f"Customer {self.number} <customer{self.number}@customers.example>"
        mail["To"] = self.to
        mail["Subject"] = self.subject
        mail["Date"] = formatdate(self.at_ms / 1000)
        mail["Message-ID"] = self.message_id
        text = _QUESTIONS[self.number % len(_QUESTIONS)][1]
        mail.set_content(f"Hello,\n\n{text}\n\nKind regards\nCustomer {self.number}\n")
        return mail.as_bytes()


def with_header(raw: bytes, name: str, value: str) -> bytes:
    """The same mail with one header replaced (or added); every other byte stays as it was."""
    newline = b"\r\n" if raw.partition(b"\n")[0].endswith(b"\r") else b"\n"
    head, blank, body = raw.partition(newline * 2)
    pattern = rb"(?im)^" + re.escape(name.encode()) + rb":[^\n]*\n?(?:[ \t][^\n]*\n?)*"
    kept = re.sub(pattern, b"", head + newline).rstrip(b"\r\n")
    return f"{name}: {value}".encode() + newline + kept + (blank or newline * 2) + body
