"""Blanks in ready texts, written `{{customer_name}}`: filled where the desk knows the answer, flagged elsewhere."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from tickets.ticket import Flag
from tickets.wording import N_

SLOT: Final = re.compile(r"\{\{[ \t]*([\w][\w .-]{0,59}?)[ \t]*\}\}")
KIND: Final = "slot"
_REASON: Final = N_("This blank of a ready text is not filled in.")


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with the blanks that have an answer; the others stay as they are, for somebody to see and to fill."""
    return SLOT.sub(lambda slot: known.get(slot[1]) or slot[0], text)


def open_slots(text: str) -> tuple[str, ...]:
    """The names of the blanks, each once, in the order of the text."""
    return tuple(dict.fromkeys(slot[1] for slot in SLOT.finditer(text)))


def slot_flags(text: str) -> tuple[Flag, ...]:
    """One for each blank that a reply still has."""
    return tuple(_flag(name) for name in open_slots(text))


def _flag(name: str) -> Flag:
    digest = hashlib.sha256(f"{KIND}\n{name}".encode()).hexdigest()
    return Flag(f"{KIND}-{digest[:12]}", KIND, f"{{{{{name}}}}}", _REASON)
