"""What stands on a reply beside its text: who it is from, the signature, the customer's words below it.

Everything here is fixed when a draft is written, so that the operator sees it before approving it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from tickets.errors import BadInput
from tickets.mail import Address, MailboxId, Message
from tickets.people import Actor
from tickets.storage import TicketStore
from tickets.ticket import Conversation, Draft

MAX_QUOTED_LINES: Final = 200
OPERATOR: Final = "operator:"

# What stands above a quoted mail, by the language of the conversation: who wrote it, on which day.
_ATTRIBUTION: Final = {
    "en": "On {day}, {name} wrote:",
    "de": "Am {day} schrieb {name}:",
    "fr": "Le {day}, {name} a écrit :",
    "es": "El {day}, {name} escribió:",
    "it": "Il giorno {day}, {name} ha scritto:",
    "nl": "Op {day} schreef {name}:",
    "pt": "Em {day}, {name} escreveu:",
    "pl": "Dnia {day} {name} pisze:",
}


class Signing(StrEnum):
    """Whose signature stands below the text."""

    MAILBOX = "mailbox"
    OWN = "own"  # the operator's, then the mailbox's
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every reply from a mailbox bears."""

    sender: Address
    signature: str


async def letterhead(store: TicketStore, mailbox_id: MailboxId, desk_name: str) -> Letterhead:
    """The mailbox's own, or the one of the alias that an administrator chose."""
    record = next((each for each in await store.mailboxes() if each.id == mailbox_id), None)
    if record is None:
        raise BadInput("The mailbox of this ticket is not configured any more. Add it again, then write the reply.")
    return Letterhead(Address(desk_name, record.send_as or record.address), record.signature.strip())


async def signature_for(store: TicketStore, head: Letterhead, signing: Signing, by: Actor) -> str:
    """The signature as it will stand there; people without one of their own use the mailbox's."""
    if signing is Signing.NONE:
        return ""
    if signing is Signing.MAILBOX or not by.name.startswith(OPERATOR):
        return head.signature
    own = (await store.signature_of(by.name.removeprefix(OPERATOR))).strip()
    return "\n".join(part for part in (own, head.signature) if part)


def quote_of(message: Message, language: str | None) -> str:
    """The customer's words of that mail, each line behind `> `, below a line that names them."""
    mail = message.mail
    day = (mail.sent_at or message.at).strftime("%Y-%m-%d %H:%M %Z").strip()
    attribution = _ATTRIBUTION.get(language or "en", _ATTRIBUTION["en"]).format(day=day, name=mail.sender.label)
    lines = (mail.visible_text or mail.text).strip().splitlines()
    kept = [f"> {line}".rstrip() for line in lines[:MAX_QUOTED_LINES]]
    return "\n".join([" ".join(attribution.split()), *kept, *(["> [...]"] if len(lines) > MAX_QUOTED_LINES else [])])


def quote_for(conversation: Conversation) -> str:
    """The quote of the mail that a reply answers; "" when there is none."""
    last = conversation.last_from_customer
    return quote_of(last, conversation.ticket.language) if last else ""


def everyone_else(conversation: Conversation, to: Sequence[Address], own: frozenset[str]) -> tuple[Address, ...]:
    """Whom else the customer's last mail went to: what "reply to all" adds as Cc."""
    last = conversation.last_from_customer
    if last is None:
        return ()
    left_out = own | {address.key for address in to}
    others = (last.mail.sender, *last.mail.to, *last.mail.cc)
    return tuple({each.key: each for each in others if each.address and each.key not in left_out}.values())


def plain_text(draft: Draft) -> str:
    """The reply as a text/plain part: the approved text to the letter, the signature (RFC 3676), the quote."""
    signature = f"-- \n{draft.signature}" if draft.signature else ""
    return "\n\n".join(part for part in (draft.body.rstrip(), signature, draft.quote) if part)


def html_text(draft: Draft, body_html: str) -> str:
    """The same as a small HTML document; `body_html` is the rendered body. Nothing in it loads or runs."""
    parts = [f"<div>{body_html}</div>"]
    if draft.signature:
        parts.append(f'<p style="color:#666">-- <br>{_lines(draft.signature)}</p>')
    if draft.quote:
        attribution, _, quoted = draft.quote.partition("\n")
        words = "\n".join(line.removeprefix(">").removeprefix(" ") for line in quoted.split("\n"))
        style = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex;color:#555"
        parts.append(
            f'<p>{escape(attribution)}</p><blockquote type="cite" style="{style}">{_lines(words)}</blockquote>'
        )
    body = "\n".join(parts)
    font = "font-family:system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body style="{font}">\n{body}\n</body></html>'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
