"""A colleague hands a customer's mail on to the desk: the customer is whom it is about, and who gets the answer."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Final

from tickets.mail import Address, Mail, plain_subject
from tickets.quoting_headers import ADDRESS, Label, label_of

_HEAD_BYTES: Final = 20_000
_LOOKED_AT: Final = 400  # lines
_NEARBY: Final = 6  # lines in which a second header line has to follow
_FORWARDED: Final = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|i|enc|doorst|vb|vs|vl|pd|přep|továbbítva|пересл)\s*:", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"^[\s*_]*(?P<name>[^<>\[(]{0,200})[<\[(](?:mailto:)?(?P<address>[^<>\s\])]{1,320}@[^<>\s\])]{1,255})[>\])]"
)
_ATTACHED: Final = "message/rfc822"


def looks_forwarded(mail: Mail) -> bool:
    """The subject says so, or the mail carries another one."""
    has_mail_inside = any(part.content_type == _ATTACHED for part in mail.attachments)
    return has_mail_inside or _FORWARDED.match(mail.subject) is not None


def original_sender(mail: Mail, blobs: Mapping[str, bytes]) -> Address | None:
    """Who wrote the mail that was forwarded, attached or in the text; None when that cannot be told."""
    if not looks_forwarded(mail):
        return None
    for part in mail.attachments:
        if part.content_type == _ATTACHED and (found := _attached_sender(blobs.get(part.sha256, b""))):
            return found
    return _quoted_sender(mail.text)


def as_the_customers(mail: Mail, customer: Address) -> Mail:
    """The forward as the customer's own mail; the raw bytes on record still show who handed it on."""
    note = f"Forwarded by {mail.sender.address}"
    subject = plain_subject(mail.subject)
    return replace(mail, sender=customer, reply_to=(), subject=subject, defects=(*mail.defects, note))


def written_by_form(mail: Mail, own: Collection[str]) -> Mail | None:
    """What a web form sends in the desk's own name, as the mail of whom its Reply-To names; None for nobody."""
    writer = next((each for each in mail.reply_to if each.key and each.key not in own), None)
    if writer is None:
        return None
    note = f"Sent by a form as {mail.sender.address}"
    return replace(mail, sender=writer, reply_to=(), defects=(*mail.defects, note))


def _quoted_sender(text: str) -> Address | None:
    """The From line of the first header block: another header line has to stand near it."""
    lines = text.splitlines()[:_LOOKED_AT]
    for number, line in enumerate(lines):
        if label_of(line) is Label.FROM and _has_another_header(lines[number + 1 : number + 1 + _NEARBY]):
            return _address(line.replace("：", ":").partition(":")[2])
    return None


def _has_another_header(lines: list[str]) -> bool:
    return any(label_of(line) in (Label.DATE, Label.TO, Label.SUBJECT) for line in lines)


def _address(text: str) -> Address | None:
    named = _NAMED.match(text)
    if named:
        name = named["name"].strip(" \"'*_")
        return Address("" if "=?" in name else name, named["address"])  # an encoded name is nobody's name yet
    bare = ADDRESS.search(text)
    return Address("", bare.group().strip("*_.,;")) if bare else None


def _attached_sender(raw: bytes) -> Address | None:
    """Only its header block is read, in the old way, which takes no address apart."""
    head = raw[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    stated = message_from_bytes(head, policy=policy.compat32).get("From")
    return _address(" ".join(str(stated).split())[:998]) if stated else None
