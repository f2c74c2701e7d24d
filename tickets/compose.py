"""One approved reply as the bytes that leave: headers from stored facts, and exactly the text that was approved.

Nothing is added that the operator has not seen. Every header is built from address objects and checked ids; nothing
that came by mail is ever split into recipients.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID

from tickets.errors import BadInput
from tickets.mail import SEND_ID_HEADER, Address, Mail, reply_references
from tickets.wording import Sentence

MAX_NAME: Final = 200  # a line of a mail ends at 998 bytes, and a quoted name cannot be folded
MAX_REFERENCES: Final = 30  # the first, which names the conversation, and the latest
_MAX_ID: Final = 900  # a line of a mail ends at 998 bytes, and an id cannot be folded

_MEDIA_TYPE: Final = re.compile(r"(?:application|audio|font|image|model|text|video)/[A-Za-z0-9.+_-]{1,100}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ID: Final = re.compile(r"<[!-~]{1,900}>")
_TOKEN: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_EAI_LOCAL: Final = re.compile(r"[^\W_][\w.+-]{0,63}")  # RFC 6531: letters of any script
_IDS: Final = frozenset({"references", "in-reply-to", "message-id"})
_PEOPLE: Final = frozenset({"from", "to", "cc", "bcc", "reply-to"})


@dataclass(frozen=True, slots=True)
class File:
    """A file that comes along: its name as the recipient sees it, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


class _PlainFolding(EmailPolicy):
    """Folds what the standard library's own folding breaks.

    It turns a long Message-ID into encoded words, and moves a comma of an encoded name out of its quotes.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        kind = name.lower()
        if kind in _IDS:
            return f"{name}: ".encode() + self._folded(str(value).split())
        if kind in _PEOPLE:
            return f"{name}: ".encode() + self._folded(_people(value.addresses), ",")
        if kind == "subject":
            return f"Subject: {_words(str(value), len('Subject: '))}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)

    def _folded(self, items: Sequence[str], separator: str = "") -> bytes:
        # ASCII but for an address whose own name is not (RFC 6532): there is no other way to write that one.
        return (f"{separator}{self.linesep} ".join(items) + self.linesep).encode()


_POLICY: Final = _PlainFolding(linesep="\r\n", max_line_length=78)


def new_message_id(domain: str, token: str) -> str:
    """`<token@domain>`; the token is unique and carries whatever the desk signs. Raises BadInput."""
    if not _TOKEN.fullmatch(token) or not _DOMAIN.fullmatch(domain):
        raise BadInput("A Message-ID needs a token of letters and digits and a domain. Check the mailbox's address.")
    return f"<{token}@{domain}>"


def reply_mime(
    *,
    sender: Address,
    to: Sequence[Address],
    cc: Sequence[Address],
    subject: str,
    body: str,
    parent: Mail | None,
    send_id: UUID,
    message_id: str,
    date: datetime,
    bcc: Sequence[Address] = (),
    html: str | None = None,
    files: Sequence[File] = (),
    reply_to: Sequence[Address] = (),
    is_automatic: bool = False,
) -> bytes:
    """The complete message with CRLF line ends, as it is stored at approval and sent later.

    `body` is the whole plain text; `html`, if any, the same as a document beside it. `bcc` is written as a header:
    whoever hands the mail over takes it out. An automatic one says so (RFC 3834): nobody's machine answers it, and no
    desk takes it for a customer's. Raises BadInput for a header that cannot be written.
    """
    if not to:
        raise BadInput("A reply needs a recipient. Add one, then approve again.")
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(sender)
    message["To"] = [_mailbox(each) for each in to]
    if cc:
        message["Cc"] = [_mailbox(each) for each in cc]
    if bcc:
        message["Bcc"] = [_mailbox(each) for each in bcc]
    if reply_to:
        message["Reply-To"] = [_mailbox(each) for each in reply_to]
    if is_automatic:
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message["Subject"] = _one_line(subject, "subject")
    message["Date"] = format_datetime(date.astimezone(UTC))
    message["Message-ID"] = _id(message_id)
    if parent is not None:
        _thread(message, parent)
    message[SEND_ID_HEADER] = str(send_id)
    text = body.rstrip("\n").encode("utf-8", "replace").decode()
    message.set_content(f"{text}\n", charset="utf-8", cte="quoted-printable")
    if html is not None:
        written = html.encode("utf-8", "replace").decode()
        message.add_alternative(written, subtype="html", charset="utf-8", cte="quoted-printable")
    for file in files:
        _attach(message, file)
    return message.as_bytes()


def _attach(message: EmailMessage, file: File) -> None:
    """Its name goes into the header as RFC 2231 has it; what is no plain media type travels as bytes."""
    known = file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    maintype, _, subtype = known.partition("/")
    name = _one_line(file.name, "name of a file") or "attachment"
    message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=name[:MAX_NAME])


def _thread(message: EmailMessage, parent: Mail) -> None:
    """RFC 5322 section 3.6.4; ids that no header can carry are left out."""
    if _ID.fullmatch(parent.message_id):
        message["In-Reply-To"] = parent.message_id
    known = [each for each in reply_references(parent) if _ID.fullmatch(each)]
    if len(known) > MAX_REFERENCES:
        known = [known[0], *known[1 - MAX_REFERENCES :]]
    if known:
        message["References"] = " ".join(known)


def _id(message_id: str) -> str:
    if not _ID.fullmatch(message_id):
        raise BadInput("The Message-ID of the reply cannot be written into a header. Check the mailbox's address.")
    return message_id


def _one_line(text: str, what: str) -> str:
    if _CONTROL.search(text):
        raise BadInput(
            Sentence("The %(what)s contains a line break or a control character. Write it in one line.", what=what)
        )
    return text.encode("utf-8", "replace").decode().strip()


def _mailbox(address: Address) -> HeaderAddress:
    name, spec = _one_line(address.name, "name"), _one_line(address.address, "address")
    local, _, domain = spec.rpartition("@")
    try:
        wire = domain if domain.isascii() else domain.encode("idna").decode()
        if not local or not _DOMAIN.fullmatch(wire):
            raise ValueError(wire)
        if local.isascii():
            return HeaderAddress(display_name=name, addr_spec=f"{local}@{wire}")
        if not _EAI_LOCAL.fullmatch(local):
            raise ValueError(local)
        return HeaderAddress(display_name=name, username=local, domain=wire)
    except (ValueError, IndexError, MessageError) as error:
        raise BadInput("An address of this reply cannot be written to. Answer in the mailbox itself.") from error


def _people(addresses: Sequence[HeaderAddress]) -> list[str]:
    return [f"{_phrase(each.display_name)} <{each.addr_spec}>".lstrip() for each in addresses]


def _phrase(name: str) -> str:
    name = name[:MAX_NAME]
    if not name.isascii() or "=?" in name:
        return _words(name, 8)
    if _ATOMS.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(text: str, first_line_used: int) -> str:
    """Encoded words where needed (RFC 2047), folded; readable ASCII stays as it is."""
    if text.isascii() and "=?" not in text and len(text) + first_line_used <= 900:
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name=" " * first_line_used).encode(linesep="\r\n")
