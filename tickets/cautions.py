"""What an operator has to confirm before a reply leaves, beside the statements of its draft.

Who wrote may not be who they seem to be, and where the reply goes may have refused our mail. Approving shows each of
these as a flag and refuses without its confirmation; the text that is approved, and its hash, know nothing of them.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final

from tickets.authenticity import SenderWarning, WarningKind, sender_warnings
from tickets.domains import domain_of
from tickets.mail import Address, MailId, Message, SenderVerdict
from tickets.storage import BouncedAddress, TicketStore
from tickets.ticket import Conversation, Draft, Flag
from tickets.wording import N_

Warnings = Mapping[MailId, tuple[SenderWarning, ...]]

# The other kinds inform: a Reply-To is followed only by choice, and a second person on a ticket is usual.
GRAVE: Final = {
    WarningKind.SEVERAL_SENDERS: N_("Several senders."),
    WarningKind.LOOK_ALIKE: N_("Look-alike sender."),
    WarningKind.MIXED_LETTERS: N_("Mixed alphabets."),
    WarningKind.OTHER_ADDRESS_SHOWN: N_("Another address shown."),
    WarningKind.BORROWED_NAME: N_("Borrowed name."),
}
FAILED: Final = "failed"
BOUNCED: Final = "bounced"


async def warnings_of(store: TicketStore, conversation: Conversation, desk_name: str) -> Warnings:
    """What a careful reader would notice about the senders of the customer's mails."""
    ticket = conversation.ticket
    familiar = await store.familiar(ticket.id)
    own = await own_domains(store)
    return {
        message.id: sender_warnings(
            message.mail,
            own_domains=own,
            operator_names=(*familiar.operator_names, desk_name),
            known=familiar.customer_domains,
            requester=ticket.requester,
        )
        for message in conversation.messages
        if message.is_from_customer
    }


async def own_domains(store: TicketStore) -> tuple[str, ...]:
    """The domains of the desk's mailboxes and of the aliases that replies bear."""
    records = await store.mailboxes()
    own = (domain_of(address) for record in records for address in (record.address, record.send_as or ""))
    return tuple(sorted({domain for domain in own if domain}))


async def bounced_among(store: TicketStore, people: Iterable[Address]) -> Mapping[str, BouncedAddress]:
    """Those of the addresses that refused our mail."""
    keys = {each.key for each in people if each.key}
    return await store.bounced(keys) if keys else {}


def recipients_of(draft: Draft) -> tuple[Address, ...]:
    """Everybody to whom the reply would go."""
    return (*draft.to, *draft.cc, *draft.bcc)


def cautions(
    messages: Sequence[Message],
    warnings: Warnings,
    verdicts: Mapping[MailId, SenderVerdict],
    bounced: Collection[BouncedAddress],
) -> tuple[Flag, ...]:
    """The flags of a reply to these mails: its senders' grave warnings first, then addresses that refused for good."""
    found = [flag for message in _answered(messages) for flag in _of_sender(message, warnings, verdicts)]
    found += [_of_address(address) for address in bounced if address.is_permanent]
    return tuple({flag.id: flag for flag in found}.values())


def is_caution(flag_id: str) -> bool:
    """Whether an id is one of a flag made here, and not of a draft's statement."""
    return flag_id.startswith(("sender:", "address:"))


def _answered(messages: Sequence[Message]) -> list[Message]:
    """The customer's mails since our last one, which a reply answers; for one more reply of ours, the last of them."""
    since = [each for each in takewhile(lambda each: not each.is_ours, reversed(messages)) if each.is_from_customer]
    return since or [each for each in reversed(messages) if each.is_from_customer][:1]


def _of_sender(message: Message, warnings: Warnings, verdicts: Mapping[MailId, SenderVerdict]) -> Iterable[Flag]:
    sender = message.mail.sender
    if verdicts.get(message.id) is SenderVerdict.FAILED:
        reason = f"The mail may not be from {sender.address}: answer only what anybody may know."
        yield _flag("sender", FAILED, sender.key, N_("The sender failed the provider's check."), reason)
    for warning in warnings.get(message.id, ()):
        if warning.kind in GRAVE:
            yield _flag("sender", warning.kind, warning.text, GRAVE[warning.kind], warning.text)


def _of_address(bounced: BouncedAddress) -> Flag:
    since = f"{bounced.at.day} {bounced.at:%B %Y}"
    said = bounced.reason.strip().rstrip(".") or "no reason given"
    text = f"{bounced.key} bounced on {since}."
    return _flag("address", BOUNCED, f"{bounced.key} {bounced.at.isoformat()}", text, f"Its server said: {said}.")


def _flag(about: str, kind: str, identity: str, text: str, reason: str) -> Flag:
    digest = hashlib.sha256(f"{kind}\n{identity}".encode()).hexdigest()
    return Flag(f"{about}:{kind}:{digest[:12]}", kind, text, reason)
