"""How a mail of a ticket looks to scripts, with what the desk reads out of it."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from msgspec import Struct
from msgspec import field as named

from api.sender_notes import bounced_reply
from tickets.automatic import AutomaticFacts
from tickets.cautions import GRAVE
from tickets.desk import TicketView
from tickets.file_types import file_type
from tickets.mail import Address, Attachment, Message, SenderVerdict


class AttachmentOut(Struct):
    """`type` is what the sender called it; `size` is in bytes.

    `warning` says what to beware of before opening it: programs, macros, web pages, archives; null for the harmless.
    """

    filename: str
    type: str
    size: int
    sha256: str
    warning: str | None = None

    @classmethod
    def of(cls, file: Attachment) -> Self:
        return cls(file.filename, file.content_type, file.size, file.sha256, file_type(file).warning)


class WarningOut(Struct):
    """A doubt about a sender. A `grave` one is among the draft's flags until it is approved."""

    kind: str
    text: str
    grave: bool


class BounceOut(Struct):
    """A delivery report: for whom, for good or for now, why, and which of this ticket's messages it is about."""

    recipient: str | None
    is_permanent: bool
    reason: str
    reply: UUID | None


class MessageOut(Struct, kw_only=True):
    """A mail. `visible_text` is what its author wrote this time, `text` the whole body.

    `warnings` are doubts about the sender of a customer's mail; `facts` what the headers say of machines, null for our
    own mails; `away_until` the day that an out-of-office names; `bounce` what a delivery report says. `is_gone`: it was
    deleted in the mailbox since.
    """

    id: UUID
    kind: str
    direction: Literal["in", "out"]
    sender: Address = named(name="from")
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    sent_at: datetime
    text: str
    visible_text: str
    attachments: list[AttachmentOut]
    sender_verdict: SenderVerdict | None
    warnings: list[WarningOut]
    facts: AutomaticFacts | None
    away_until: date | None
    bounce: BounceOut | None
    is_gone: bool

    @classmethod
    def of(cls, message: Message, view: TicketView) -> Self:
        mail, away = message.mail, view.away.get(message.id)
        doubts = view.warnings.get(message.id, ())
        return cls(
            id=message.id,
            kind=message.kind,
            direction="out" if message.is_ours else "in",
            sender=mail.sender,
            to=mail.to,
            cc=mail.cc,
            subject=mail.subject,
            sent_at=mail.sent_at or message.at,
            text=mail.text,
            visible_text=mail.visible_text,
            attachments=[AttachmentOut.of(file) for file in mail.attachments],
            sender_verdict=view.verdicts.get(message.id),
            warnings=[WarningOut(doubt.kind, doubt.text, doubt.kind in GRAVE) for doubt in doubts],
            facts=view.facts.get(message.id),
            away_until=away.until if away else None,
            bounce=_bounce(message, view),
            is_gone=message.is_gone,
        )


def _bounce(message: Message, view: TicketView) -> BounceOut | None:
    said = message.mail.bounce
    if said is None:
        return None
    return BounceOut(said.recipient, said.is_permanent, said.reason, bounced_reply(view, message.mail))
