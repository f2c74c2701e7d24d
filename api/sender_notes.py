"""What an operator should know about a sender before believing or answering a mail."""

import re
from typing import Final

from tickets.mail import Address, Mail, SenderVerdict

_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def sender_notes(mail: Mail, verdict: SenderVerdict) -> list[str]:
    """Warnings in words, the gravest first; empty for a mail that raises no doubt."""
    doubts = [
        verdict is SenderVerdict.FAILED
        and "The mail provider says this mail was not sent by whom it claims. Check before you answer.",
        _named_otherwise(mail.sender),
        _answers_elsewhere(mail),
        "xn--" in mail.sender.key and f"The sender's domain is written with look-alike letters: {mail.sender.address}",
    ]
    return [doubt for doubt in doubts if doubt]


def _named_otherwise(sender: Address) -> str | None:
    shown = _ADDRESS.search(sender.name)
    if shown and shown.group().casefold() != sender.key:
        return f"The name shows {shown.group()}, but the mail came from {sender.address}."
    return None


def _answers_elsewhere(mail: Mail) -> str | None:
    others = [address.address for address in mail.reply_to if address.key != mail.sender.key]
    return f"The sender asks for answers to {', '.join(others)}; the reply goes to the sender." if others else None
