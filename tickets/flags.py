"""Statements of a draft that no source bears out. Whoever wrote the draft, an operator sees and confirms each one.

Two kinds of statement. Where to turn and where to pay (links, addresses, telephone numbers, IBANs) is known only from
the company's own knowledge, never from a mail: that is what a fraud would plant. Facts of the matter (amounts,
percentages, dates, codes) may also come from what the customer wrote.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from tickets.ticket import Flag
from tickets.wording import N_

_CUSTOMER_LIMIT: Final = 50_000  # characters of a customer's text that are read


def _equal(stated: str, known: str) -> bool:
    return stated == known


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of statement: how it looks, how its spellings are made equal, and whether a customer is a source of it.

    `agrees(stated, known)` compares two normalised statements.
    """

    name: str
    pattern: re.Pattern[str]
    normal: Callable[[str], str]
    may_come_from_customer: bool
    reason: str
    agrees: Callable[[str, str], bool] = _equal


def _as_letters(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


def _as_link(text: str) -> str:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.casefold())
    return bare.rstrip("/.,;:!?)'\"")


def _as_phone(text: str) -> str:
    """The digits without the marks of dialling out: `+49 (0)30 1` is `49301`, `030 1` is `301`."""
    return re.sub(r"\(0\)|\D", "", text).lstrip("0")


def _is_same_line(stated: str, known: str) -> bool:
    """The company's number may be written without its country code; a code that is not known is another number."""
    return stated == known or (len(stated) >= 7 and len(known) - len(stated) <= 3 and known.endswith(stated))


def _as_number(text: str) -> str:
    """`1.240,00 EUR`, `EUR 1,240` and `1240 €` are one amount."""
    written = re.sub(r"[^\d.,]", "", text).strip(".,")
    whole, _, cents = re.sub(r"[.,](\d{1,2})$", r"|\1", written).partition("|")
    fraction = cents.rstrip("0")
    return re.sub(r"\D", "", whole).lstrip("0") + (f".{fraction}" if fraction else "")


def _as_date(text: str) -> str:
    return " ".join(re.sub(r"[.,]", " ", text.casefold()).split())


def _is_part_of(stated: str, known: str) -> bool:
    """The year may be left out."""
    return f" {stated} " in f" {known} "


_SPACE: Final = "[\u00a0\u202f ]"
_CURRENCY: Final = r"(?:€|\$|£|EUR|USD|GBP|CHF|[Ee]uros?|[Dd]ollars?|[Cc]ents?|[Ff]ranken)"
_NUMBER: Final = rf"\d(?:[\d.,'’]|{_SPACE}(?=\d{{3}}(?!\d))){{0,14}}"
_MONTH: Final = (
    r"(?:jan|feb|febr|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|sept|okt|oct|nov|dez|dec|janv|févr|avr|juin|juil|août|déc"
    r"|ene|abr|ago|dic|january|february|march|april|june|july|august|september|october|november|december|januar|februar"
    r"|märz|juni|juli|oktober|dezember|janvier|février|mars|avril|juillet|septembre|octobre|novembre|décembre|enero"
    r"|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b\.?"
)
_TOP_LEVEL: Final = (
    r"(?:com|net|org|de|fr|es|eu|io|info|biz|at|ch|uk|me|co|ly|cc|it|nl|be|pl|pt|tv|gg|ru|cn|xyz|top|app|dev|ai|shop"
    r"|site|link|online|cloud|bank|support|solar|energy|example|test)"
)

LINK: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"'()\[\]]{3,500}", re.IGNORECASE)
BARE_LINK: Final = re.compile(
    r"(?<![\w@./-])(?:[\w-]{1,63}\.){1,6}"
    rf"(?:{_TOP_LEVEL}\b(?:/[^\s<>\"'()]{{0,500}})?|[a-z]{{2,24}}/[^\s<>\"'()]{{1,500}})",
    re.IGNORECASE,
)
ADDRESS: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
IBAN: Final = re.compile(
    r"\b[A-Z]{2}\d{2}[ .-]?[A-Z0-9]{4}(?:[ .-]?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){1,7}(?:[ .-]?[A-Z0-9]{1,3})?\b",
    re.IGNORECASE,
)
DATE: Final = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})?(?!\d)"
    rf"|\b\d{{1,2}}(?:\.|st|nd|rd|th|er)? (?:de |of )?{_MONTH}(?: (?:de )?\d{{4}})?"
    rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?",
    re.IGNORECASE,
)
AMOUNT: Final = re.compile(rf"{_CURRENCY}{_SPACE}?{_NUMBER}|\b{_NUMBER}{_SPACE}?{_CURRENCY}(?!\w)")
PERCENTAGE: Final = re.compile(
    rf"\b\d{{1,3}}(?:[.,]\d{{1,3}})?{_SPACE}?(?:%|(?:percent|per cent|prozent|pour cent|por ciento)\b)", re.IGNORECASE
)
PHONE: Final = re.compile(r"(?<![\w.,/-])(?:\+|00|\(?0)\d?(?:[ \u00a0()/.-]{0,3}\d){5,14}(?!\d)")
CODE: Final = re.compile(
    r"\b(?=[A-Z0-9/_-]{0,29}\d)[A-Z]{1,8}[-/_]?\d[A-Z0-9/_-]{2,28}\b|\b\d{4}[-/]\d{3,12}\b"
    r"|(?<![\w.,+-])\d{5,20}(?![\w.,]\d)\b"
)

# In this order: what one kind took, the next ones do not see (an IBAN holds no code, a link no date).
KINDS: Final = (
    Kind("link", LINK, _as_link, False, N_("This link is not in the company's knowledge.")),
    Kind("address", ADDRESS, str.casefold, False, N_("This e-mail address is not in the company's knowledge.")),
    Kind("link", BARE_LINK, _as_link, False, N_("This link is not in the company's knowledge.")),
    Kind("iban", IBAN, _as_letters, False, N_("This account number is not in the company's knowledge.")),
    Kind("date", DATE, _as_date, True, N_("This date is in no source."), _is_part_of),
    Kind("amount", AMOUNT, _as_number, True, N_("This amount is in no source.")),
    Kind("percentage", PERCENTAGE, _as_number, True, N_("This percentage is in no source.")),
    Kind(
        "phone", PHONE, _as_phone, False, N_("This telephone number is not in the company's knowledge."), _is_same_line
    ),
    Kind("code", CODE, _as_letters, True, N_("This number or code is in no source.")),
)


def flags_of(
    body: str, *, sources: Sequence[str], allowed: Collection[str], customer: Sequence[str] = ()
) -> tuple[Flag, ...]:
    """What the draft states without a source, in the order of the text; the same text always gets the same id.

    `sources` is the company's own knowledge, `customer` what the customer wrote, `allowed` what an operator typed or
    the settings allow (whole texts are fine).
    """
    own = _company_states(tuple(sources)) | _stated(allowed)
    everything = own | _stated(text[:_CUSTOMER_LIMIT] for text in customer)
    flags: dict[str, tuple[int, Flag]] = {}
    for kind, at, text in _statements(body):
        known = everything if kind.may_come_from_customer else own
        if not _bears_out(known, kind, text):
            flag = _flag(kind, text)
            flags.setdefault(flag.id, (at, flag))
    return tuple(flag for _, flag in sorted(flags.values(), key=lambda found: found[0]))


def amounts_in(text: str) -> tuple[Decimal, ...]:
    """Every amount of money that a text states, whatever its currency; a number without one is none."""
    found = (kind.normal(words) for kind, _, words in _statements(text) if kind.pattern is AMOUNT)
    return tuple(Decimal(number or "0") for number in found)


def _flag(kind: Kind, text: str) -> Flag:
    digest = hashlib.sha256(f"{kind.name}\n{kind.normal(text)}".encode()).hexdigest()
    return Flag(f"{kind.name}-{digest[:12]}", kind.name, text, kind.reason)


def _statements(text: str) -> Iterable[tuple[Kind, int, str]]:
    """Every statement once, with the place where it begins."""
    for kind in KINDS:
        for found in kind.pattern.finditer(text):
            yield kind, found.start(), found.group().strip().rstrip(".,;:!?")
        text = kind.pattern.sub(lambda found: "\u2028" * len(found.group()), text)


def _stated(texts: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The statements of some texts as names of kinds and normalised words."""
    found = (statement for text in texts for statement in _statements(text))
    return frozenset((kind.name, kind.normal(words)) for kind, _, words in found)


@lru_cache(maxsize=2)
def _company_states(sources: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The knowledge hardly ever changes and is long: read it once."""
    return _stated(sources)


def _bears_out(known: frozenset[tuple[str, str]], kind: Kind, text: str) -> bool:
    stated = kind.normal(text)
    if (kind.name, stated) in known or kind.agrees is _equal:
        return (kind.name, stated) in known
    return any(name == kind.name and kind.agrees(stated, words) for name, words in known)
