"""Made-up customer mail for a backlog: by number, always the same, written only when it is read."""

import base64
import html
import quopri
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate
from typing import Final

_PEOPLE: Final = (
    *("Anna Keller", "Jörg Weiß", "Maria Rossi", "Tom O'Brien", "Zoë Martin", "Ayşe Demir", "Jan Novák"),
    *("Lena Fischer", "Paul Schmidt", "Inès Laurent", "Bo Lindqvist", "Nora Hansen", "Karl Müller"),
)
_QUESTIONS: Final = (
    ("When will my panels be installed?", "We signed in spring and have heard nothing since. Is there a date?"),
    ("Inverter shows error 301", "The red light is on since Tuesday and the app shows no yield."),
    ("Question about invoice", "The amount differs from the quote. Could you explain the difference?"),
    ("Battery for an existing system", "Can a battery be added to our 9 kW system from 2021?"),
    ("Appointment next week", "Unfortunately Thursday does not suit us. Is Friday possible?"),
    ("Wann kommt der Zähler?", "Die Anlage steht seit drei Wochen fertig auf dem Dach, nur der Zähler fehlt noch."),
    ("Störung am Wechselrichter", "Er zeigt „Netzfehler“ und schaltet sich mittags ab. Was können wir tun?"),
    ("Rückfrage zum Angebot", "Enthält der Preis auch das Gerüst und die Anmeldung beim Netzbetreiber?"),
    ("Photos of the roof", "As discussed on the phone, here are the photos of the roof and the fuse box."),
    ("Monitoring app", "Since the update I cannot log in any more. My password is refused."),
)
_PIXEL: Final = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 24).decode()
_BOUNDARY: Final = "=_made_up"
_KINDS: Final = ("plain", "plain", "html", "plain", "attachment", "html", "plain")


@dataclass(frozen=True)
class Seeded:
    """The n-th mail of a backlog. `answers` is the number of the mail that it follows up, if it does."""

    number: int
    to: str
    at_ms: int
    answers: int | None = None

    @property
    def message_id(self) -> str:
        return f"<seed-{self.number}@customers.example>"

    @property
    def subject(self) -> str:
        mark = "" if self.answers is None else "Re: "
        return f"{mark}{_QUESTIONS[self._about % len(_QUESTIONS)][0]} (order {40_000 + self._about})"

    @property
    def parents(self) -> tuple[str, ...]:
        return () if self.answers is None else (f"<seed-{self.answers}@customers.example>",)

    @property
    def snippet(self) -> str:
        return html.escape(" ".join(self._text.split())[:200])

    @property
    def has_attachment(self) -> bool:
        return self._kind == "attachment"

    def header(self, name: str) -> str:
        """The value of From, To, Subject or Message-ID as text; "" for others."""
        known = {"from": f"{self._name} <{self._address}>", "to": self.to, "subject": self.subject}
        return known.get(name.lower(), self.message_id if name.lower() == "message-id" else "")

    @property
    def raw(self) -> bytes:
        head = [
            f"From: {_encoded(self._name)} <{self._address}>",
            f"To: {self.to}",
            f"Subject: {_encoded(self.subject)}",
            f"Date: {formatdate(self.at_ms / 1000)}",
            f"Message-ID: {self.message_id}",
            *(f"{name}: {parent}" for name in ("In-Reply-To", "References") for parent in self.parents),
            "MIME-Version: 1.0",
        ]
        return "\r\n".join([*head, self._body, ""]).encode()

    @property
    def _about(self) -> int:
        return self.number if self.answers is None else self.answers

    @property
    def _kind(self) -> str:
        return _KINDS[self.number % len(_KINDS)]

    @property
    def _name(self) -> str:
        return _PEOPLE[self._about % len(_PEOPLE)]

    @property
    def _address(self) -> str:
        return f"customer{self._about}@customers.example"

    @property
    def _text(self) -> str:
        question = _QUESTIONS[self._about % len(_QUESTIONS)][1]
        body = question if self.answers is None else "I have not heard from you yet. Could you have a look, please?"
        return f"Hello,\n\n{body}\n\nKind regards\n{self._name}\n"

    @property
    def _body(self) -> str:
        plain = _part("text/plain", self._text)
        if self._kind == "plain":
            return plain
        paragraphs = html.escape(self._text).replace("\n\n", "</p><p>").replace("\n", "<br>")
        others = {
            "html": ("alternative", _part("text/html", f"<html><body><p>{paragraphs}</p></body></html>")),
            "attachment": ("mixed", _photo(self.number)),
        }
        subtype, second = others[self._kind]
        head = f'Content-Type: multipart/{subtype}; boundary="{_BOUNDARY}"\r\n'
        return f"{head}\r\n--{_BOUNDARY}\r\n{plain}\r\n--{_BOUNDARY}\r\n{second}\r\n--{_BOUNDARY}--"


def _part(kind: str, text: str) -> str:
    encoded = quopri.encodestring(text.encode()).decode().replace("\n", "\r\n")
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    return f"{head}\r\n\r\n{encoded}"


def _photo(number: int) -> str:
    name = f"roof-{number}.jpg"
    lines = "\r\n".join(_PIXEL[start : start + 76] for start in range(0, len(_PIXEL), 76))
    head = f'Content-Type: image/jpeg; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"'
    return f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}"


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=200).encode()
