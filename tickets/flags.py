"""Statements of a draft that no source bears out. Whoever wrote the draft, an operator sees and confirms each one.

Two kinds of statement. Where to turn and where to pay (links, addresses, telephone numbers, IBANs) is known only from
the company's own knowledge, never from a mail: that is what a fraud would plant. Facts of the matter (amounts,
percentages, dates, codes) may also come from what the customer wrote.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tickets.ticket import Flag

_LIMIT: Final = 200_000  # characters of a source that are read


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of statement: how it looks, how two ways to write it are made equal, and where it may come from."""

    name: str
    pattern: re.Pattern[str]
    normal: Callable[[str], str]
    may_come_from_customer: bool
    reason: str


def _as_letters(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


def _as_link(text: str) -> str:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.casefold())
    return bare.rstrip("/.,;:!?)'\"")


def _as_phone(text: str) -> str:
    """The national part: a country code or a leading 0 makes no difference."""
    digits = re.sub(r"\(0\)|\D", "", text)
    return digits[-8:]


def _as_number(text: str) -> str:
    """`1.240,00 EUR`, `EUR 1,240` and `1240 €` are one amount."""
    written = re.sub(r"[^\d.,]", "", text).strip(".,")
    whole, _, cents = re.sub(r"[.,](\d{1,2})$", r"|\1", written).partition("|")
    fraction = cents.rstrip("0")
    return re.sub(r"\D", "", whole).lstrip("0") + (f".{fraction}" if fraction else "")


def _as_date(text: str) -> str:
    return " ".join(re.sub(r"[.,]", " ", text.casefold()).split())


_CURRENCY: Final = r"(?:€|\$|£|EUR|USD|GBP|CHF|[Ee]uros?|[Dd]ollars?|[Cc]ents?|[Ff]ranken)"
_NUMBER: Final = r"\d(?:[\d.,'’]|[\u00a0\u202f ](?=\d{3}(?!\d))){0,14}"
_MONTH: Final = (
    r"(?:jan|feb|febr|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|sept|okt|oct|nov|dez|dec|janv|févr|avr|juin|juil|août|déc"
    r"|ene|abr|ago|dic|january|february|march|april|june|july|august|september|october|november|december|januar|februar"
    r"|märz|juni|juli|oktober|dezember|janvier|février|mars|avril|juillet|septembre|octobre|novembre|décembre|enero"
    r"|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b\.?"
)

KINDS: Final = (
    Kind(
        "link",
        re.compile(r"(?:https?://|www\.)[^\s<>\"'()\[\]]{3,500}", re.IGNORECASE),
        _as_link,
        False,
        "This link is not in the company's knowledge.",
    ),
    Kind(
        "address",
        re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
        str.casefold,
        False,
        "This e-mail address is not in the company's knowledge.",
    ),
    Kind(
        "link",
        re.compile(
            r"(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,6}(?:com|net|org|de|fr|es|eu|io|info|biz|at|ch|uk|me|xyz|top|app|shop|site"
            r"|online|example|test|ru|cn)\b(?:/[^\s<>\"'()]{0,500})?",
            re.IGNORECASE,
        ),
        _as_link,
        False,
        "This link is not in the company's knowledge.",
    ),
    Kind(
        "iban",
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        _as_letters,
        False,
        "This account number is not in the company's knowledge.",
    ),
    Kind(
        "date",
        re.compile(
            rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d{{2}})?(?!\d)"
            rf"|\b\d{{1,2}}(?:\.|st|nd|rd|th|er)? (?:de )?{_MONTH}(?: (?:de )?\d{{4}})?"
            rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?",
            re.IGNORECASE,
        ),
        _as_date,
        True,
        "This date is in no source.",
    ),
    Kind(
        "amount",
        re.compile(rf"{_CURRENCY}[\u00a0\u202f ]?{_NUMBER}|\b{_NUMBER}[\u00a0\u202f ]?{_CURRENCY}(?!\w)"),
        _as_number,
        True,
        "This amount is in no source.",
    ),
    Kind(
        "percentage",
        re.compile(r"\b\d{1,3}(?:[.,]\d{1,3})?[\u00a0\u202f ]?(?:%|(?:percent|per cent|prozent)\b)", re.IGNORECASE),
        _as_number,
        True,
        "This percentage is in no source.",
    ),
    Kind(
        "phone",
        re.compile(r"(?<![\w.,/-])(?:\+|00|\(?0)\d?(?:[ \u00a0()/.-]{0,3}\d){5,14}(?!\d)"),
        _as_phone,
        False,
        "This telephone number is not in the company's knowledge.",
    ),
    Kind(
        "code",
        re.compile(
            r"\b(?=[A-Z0-9/_-]{0,29}\d)[A-Z]{1,8}[-/_]?\d[A-Z0-9/_-]{2,28}\b|(?<![\w.,+-])\d{5,20}(?![\w.,]\d)\b"
        ),
        _as_letters,
        True,
        "This number or code is in no source.",
    ),
)


def flags_of(
    body: str, *, sources: Sequence[str], allowed: Collection[str], customer: Sequence[str] = ()
) -> tuple[Flag, ...]:
    """What the draft states without a source, in the order of the text; the same text always gets the same id.

    `sources` is the company's own knowledge, `customer` what the customer wrote, `allowed` what an operator typed or
    the settings allow (whole texts are fine).
    """
    own = _Stated((*sources, *allowed))
    everything = _Stated((*sources, *allowed, *customer))
    flags: dict[str, tuple[int, Flag]] = {}
    for kind, at, text in _statements(body):
        known = everything if kind.may_come_from_customer else own
        if kind.normal(text) not in known.of(kind):
            flag = _flag(kind, text)
            flags.setdefault(flag.id, (at, flag))
    return tuple(flag for _, flag in sorted(flags.values(), key=lambda found: found[0]))


def _flag(kind: Kind, text: str) -> Flag:
    digest = hashlib.sha256(f"{kind.name}\n{kind.normal(text)}".encode()).hexdigest()
    return Flag(f"{kind.name}-{digest[:12]}", kind.name, text, kind.reason)


def _statements(text: str) -> Iterable[tuple[Kind, int, str]]:
    """Every statement once: what the first kind took, a later one does not see (an IBAN holds no code)."""
    for kind in KINDS:
        for found in kind.pattern.finditer(text):
            yield kind, found.start(), found.group().strip().rstrip(".,;:!?")
        text = kind.pattern.sub(lambda found: "\u2028" * len(found.group()), text)


class _Stated:
    """The statements of some texts, normalised, by kind."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._by_name: dict[str, set[str]] = {kind.name: set() for kind in KINDS}
        for text in texts:
            for kind, _, statement in _statements(text[:_LIMIT]):
                self._by_name[kind.name].add(kind.normal(statement))

    def of(self, kind: Kind) -> set[str]:
        return self._by_name[kind.name]
