"""The steps of an answer by rules: what to say, from which article, and what is still missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local_reading import Reading
from adapters.local_words import fold
from tickets.ticket import Article, Category, PlanStep, Triage


@dataclass(frozen=True, slots=True)
class Need:
    """A fact the team needs for this matter, and how a customer's text shows that it is given."""

    name: str
    given: re.Pattern[str]


_SERIAL: Final = Need("serial number", re.compile(r"\b[a-z]{1,4}-?\d{5,}|(?:serial|serien|serie|sn)\D{0,20}\d{3,}"))
_CODE: Final = Need(
    "error code or what the display shows", re.compile(r"\b[efw]-?\d{2,4}\b|\b(?:code|error|fehler)\W{0,3}\d")
)
_INVOICE: Final = Need("invoice number", re.compile(r"\b[a-z]{0,4}-?\d{4,}(?:[-/]\d+)*|\b\d+[-/]\d{2,}"))
_ADDRESS: Final = Need("address of the site", re.compile(r"\b\d{5}\b|strasse|\bstr\.|street|\brue\b|calle|\broad\b"))
_USAGE: Final = Need("annual consumption", re.compile(r"\d[\d., ]*\s?kwh"))
_ORDER: Final = Need("order or customer number", re.compile(r"\b[a-z]{1,4}-?\d{4,}|\b\d{5,}\b"))
_PURCHASE: Final = Need("date of purchase or installation", re.compile(r"\b(?:19|20)\d{2}\b"))

_NEEDS: Final[Mapping[str, tuple[Need, ...]]] = {
    Category.TECHNICAL: (_CODE, _SERIAL),
    Category.SALES: (_ADDRESS, _USAGE),
    Category.BILLING: (_INVOICE,),
    Category.SCHEDULING: (_ORDER,),
    Category.COMPLAINT: (_ORDER,),
    Category.WARRANTY: (_SERIAL, _PURCHASE),
    Category.ACCOUNT: (_ORDER,),
    Category.OTHER: (),
}


def steps_of(reading: Reading, triage: Triage, articles: Sequence[Article]) -> tuple[PlanStep, ...]:
    """In the order in which the reply should say them."""
    missing = _missing(reading, triage.category)
    return (
        *_caution(triage),
        PlanStep("acknowledge", f"Thank the customer and name the matter ({triage.category})."),
        *(PlanStep("inform", f"Use '{article.title}'.") for article in articles[:2]),
        *((PlanStep("ask", "Ask for what the mail does not say.", missing),) if missing else ()),
        PlanStep("next step", "Say who will do what next."),
    )


def _caution(triage: Triage) -> tuple[PlanStep, ...]:
    if not triage.needs_human:
        return ()
    return (
        PlanStep(
            "check",
            "Read the mail yourself first: it is like none before, it instructs the machine, or the model failed.",
        ),
    )


def _missing(reading: Reading, category: str) -> tuple[str, ...]:
    text = fold(f"{reading.mail.subject}\n{reading.text}")
    return tuple(need.name for need in _NEEDS.get(category, ()) if not need.given.search(text))
