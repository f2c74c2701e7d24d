"""What an operator may choose of a reply beside its words: whom it goes to, who signs, what comes along."""

from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum
from typing import Final

from tickets.desk_checks import recipients
from tickets.errors import BadInput
from tickets.letter import Letterhead, Signing, everyone_else, quote_for, signature_for
from tickets.mail import Address, Attachment
from tickets.people import Actor
from tickets.storage import TicketStore
from tickets.ticket import Conversation, Draft
from tickets.wording import Sentence

MAX_RECIPIENTS: Final = 50


class AnswerTo(StrEnum):
    """Whom the reply goes to. Only an operator may choose what a mail's Reply-To asks for."""

    SENDER = "sender"
    REPLY_TO = "reply_to"


@dataclass(frozen=True, slots=True)
class Choices:
    """None leaves it as it is in the draft that is edited. `reply_all` adds the mail's other recipients to `cc`.

    `files` are the sha256 of the attachments to keep.
    """

    answer_to: AnswerTo | None = None
    reply_all: bool = False
    cc: tuple[Address, ...] | None = None
    bcc: tuple[Address, ...] | None = None
    signing: Signing | None = None
    quotes_original: bool | None = None
    files: frozenset[str] | None = None


AS_IT_IS: Final = Choices()


@dataclass(frozen=True, slots=True)
class Around:
    """Everything of a draft that is not its words."""

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    signature: str
    quote: str
    attachments: tuple[Attachment, ...]


async def around(
    store: TicketStore, conversation: Conversation, base: Draft | None, choices: Choices, head: Letterhead, by: Actor
) -> Around:
    """What stands around the words of a new revision of `base` (None: of a first one). Raises BadInput."""
    to = _to(conversation, base, choices.answer_to)
    own = frozenset(record.address.casefold() for record in await store.mailboxes()) | {head.sender.key}
    cc = choices.cc if choices.cc is not None else (base.cc if base else ())
    if choices.reply_all:
        cc = (*cc, *everyone_else(conversation, to, own))
    bcc = choices.bcc if choices.bcc is not None else (base.bcc if base else ())
    cc = _once(cc, {each.key for each in to})
    bcc = _once(bcc, {each.key for each in (*to, *cc)})
    if len(to) + len(cc) + len(bcc) > MAX_RECIPIENTS:
        raise BadInput(
            Sentence(
                "A reply goes to %(max_recipients)s people at most. Take some of them out.",
                max_recipients=MAX_RECIPIENTS,
            )
        )
    kept = base.attachments if base else ()
    if choices.files is not None:
        kept = tuple(file for file in kept if file.sha256 in choices.files)
    return Around(
        sender=head.sender,
        to=to,
        cc=cc,
        bcc=bcc,
        signature=await _signature(store, base, choices.signing, head, by),
        quote=_quote(conversation, base, choices.quotes_original),
        attachments=kept,
    )


def typed_addresses(text: str) -> tuple[Address, ...]:
    """Addresses as people type them, separated by commas. Raises BadInput for what is none."""
    found = tuple(Address(name.strip(), address.strip()) for name, address in getaddresses([text.replace(";", ",")]))
    for place, each in enumerate(found, start=1):
        local, at, domain = each.address.rpartition("@")
        if not (local and at and domain) or any(sign.isspace() or ord(sign) < 32 for sign in each.address):
            raise BadInput(
                Sentence(
                    "Address %(place)s of %(count)s is none. Write name@example.com, separated by commas.",
                    place=place,
                    count=len(found),
                )
            )
    return found if text.strip() else ()


def _to(conversation: Conversation, base: Draft | None, answer_to: AnswerTo | None) -> tuple[Address, ...]:
    if answer_to is None and base is not None:
        return base.to
    last = conversation.last_from_customer
    if answer_to is AnswerTo.REPLY_TO:
        asked = tuple(each for each in (last.mail.reply_to if last else ()) if each.address)
        if not asked:
            raise BadInput("The customer's mail asks for no other address. Answer its sender.")
        return asked
    return recipients(conversation)


async def _signature(
    store: TicketStore, base: Draft | None, signing: Signing | None, head: Letterhead, by: Actor
) -> str:
    if signing is None and base is not None:
        return base.signature
    return await signature_for(store, head, signing or Signing.OWN, by)


def _quote(conversation: Conversation, base: Draft | None, quotes: bool | None) -> str:
    if quotes is None:
        return base.quote if base else ""
    return quote_for(conversation) if quotes else ""


def _once(people: tuple[Address, ...], named_already: set[str]) -> tuple[Address, ...]:
    return tuple({each.key: each for each in people if each.key not in named_already}.values())
