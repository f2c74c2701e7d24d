"""Automatic mail that belongs to no ticket: what an operator is shown of it, so that no customer is lost among it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from tickets.automatic import FEEDBACK_REPORT, automatic_facts, is_read_receipt
from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, SenderVerdict
from tickets.ports import Incoming
from tickets.ticket import TicketId

SHOWN: Final = 200  # characters of the text


@dataclass(frozen=True, slots=True)
class AutomaticLine:
    """One such mail. `why` are the words for what made it automatic, `text` its first words on one line.

    `is_gone`: it was deleted in the mailbox since.
    """

    id: MailId
    mailbox: str
    kind: MailKind
    at: datetime
    sender: Address
    subject: str
    why: tuple[str, ...]
    text: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class AutomaticPage:
    """Some of them, newest first, and the opaque cursor of the page after them (None on the last)."""

    lines: tuple[AutomaticLine, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RecordedMail:
    """A mail on record, with its bytes as they came. `ticket_id` is None while it is on no ticket."""

    id: MailId
    mailbox_id: MailboxId
    ticket_id: TicketId | None
    mail: Mail
    verdict: SenderVerdict
    incoming: Incoming


class AutomaticReads(Protocol):
    """The store's reads of automatic mail."""

    async def automatic_mails(self, limit: int, cursor: str | None) -> AutomaticPage:
        """Those on no ticket. Raises BadInput for a cursor that is none of ours."""
        ...

    async def mail_on_record(self, mail_id: MailId) -> RecordedMail:
        """Without its attachments. Raises NotFound."""
        ...


def why_automatic(mail: Mail, kind: MailKind) -> tuple[str, ...]:
    """What made the desk take it for a machine's, in short words; never empty."""
    if kind is MailKind.BOUNCE or mail.bounce is not None:
        return ("delivery report",)
    if FEEDBACK_REPORT in mail.defects:
        return ("complaint about spam",)
    if is_read_receipt(mail):
        return ("read receipt",)
    facts = automatic_facts(mail)
    said = {"automatic reply": facts.is_auto_reply, "sent to a list": facts.is_list}
    return tuple(words for words, is_so in said.items() if is_so) or ("asks for no automatic answer",)


def first_words(mail: Mail) -> str:
    """The first words of what its author wrote this time, on one line."""
    return " ".join((mail.visible_text or mail.text)[: 4 * SHOWN].split())[:SHOWN]
