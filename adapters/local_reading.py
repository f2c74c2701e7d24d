"""The customer's side of a conversation as the local model reads it: words, language, subject, what came before."""

from dataclasses import dataclass
from typing import Final

from adapters.local_language import DEFAULT, is_certain, language_of
from adapters.local_words import Words
from tickets.mail import Mail, plain_subject
from tickets.ticket import Conversation

_TEXT_LIMIT: Final = 8000  # characters of a mail that are read


@dataclass(frozen=True, slots=True)
class Reading:
    """The customer's last mail and, as `earlier`, what they wrote before."""

    mail: Mail
    text: str
    language: str
    is_language_certain: bool
    subject: Words
    body: Words
    everything: Words
    earlier: Words


def written_text(mail: Mail) -> str:
    """What the author wrote this time, bounded."""
    return (mail.visible_text.strip() or mail.text.strip())[:_TEXT_LIMIT]


def read(conversation: Conversation) -> Reading:
    """Take the conversation apart; without any mail of the customer it is an empty mail."""
    mails = _mails_from_outside(conversation)
    mail = mails[-1] if mails else Mail("", conversation.ticket.subject, conversation.ticket.requester)
    subject, text = plain_subject(mail.subject), written_text(mail)
    earlier = "\n".join(written_text(before) for before in mails[:-1])[-_TEXT_LIMIT:]
    sample = _language_sample(subject, text, earlier)
    return Reading(
        mail=mail,
        text=text,
        language=language_of(sample) if sample.strip() else DEFAULT,
        is_language_certain=is_certain(sample),
        subject=Words(subject),
        body=Words(text),
        everything=Words(f"{subject}\n{text}"),
        earlier=Words(earlier),
    )


def _mails_from_outside(conversation: Conversation) -> list[Mail]:
    """The customer's mails; those of machines when there are no others."""
    from_customer = [message.mail for message in conversation.messages if message.is_from_customer]
    return from_customer or [message.mail for message in conversation.messages if not message.is_ours]


def _language_sample(subject: str, text: str, earlier: str) -> str:
    """The mail itself; a few words alone are read together with the subject, then with what came before."""
    if is_certain(text):
        return text
    own = f"{subject}\n{text}"
    return own if is_certain(own) or not earlier else f"{own}\n{earlier}"
