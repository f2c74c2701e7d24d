"""Until when an out-of-office says its author is away: dates as people write them, in the languages customers write.

Only a date that the text ties to an end ("until", "back on", the second of a range) counts, and only one that lies
ahead. A date that can be read in two ways is no date: a wrong one would be believed. Another date of the same text
may settle whether its author writes the day or the month first.
"""

import re
import unicodedata
from calendar import month_name
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tickets.automatic import is_auto_reply
from tickets.mail import Mail

LOOKED_AT: Final = 3_000  # characters of the text
LONGEST_DAYS: Final = 550  # parental leave
_NEAR: Final = 45  # characters between the word and its date

# The first letters of each month, without accents, in the languages customers write.
_MONTHS: Final[tuple[str, ...]] = (
    "jan|gen|ene|sty|led|янв|ocak|january|januar|tammi|sij",
    "feb|fev|lut|uno|фев|subat|helmi|febr|velj",
    "mar|mär|mrz|maa|brez|мар|mart|maart|ozu",
    "apr|avr|abr|kwi|dub|апр|nisan|huhti|tra",
    "may|mai|mag|maj|mei|kve|май|мая|mayis|touko|maggio|svi",
    "jun|juin|giu|cze|cerven|июн|haziran|kesa|lip\\b",
    "jul|juil|lug|lip|cervenec|июл|temmuz|heina|srp\\b",
    "aug|aou|ago|sie|srp|авг|agustos|elo|kol",
    "sep|set|wrz|zar|сен|eylul|syys|ruj",
    "oct|okt|ott|out|paz|rij|окт|ekim|loka|lis\\b",
    "nov|lis|marras|ноя|kasim|stu",
    "dec|dez|dic|gru|pros|дек|aralik|joulu",
)
_WEEKDAYS: Final[tuple[str, ...]] = (
    "monday|montag|lundi|lunes|lunedi|segunda-feira|maandag|mandag|måndag|poniedzia\\w+|pondel\\w+|понедельник\\w*",
    "tuesday|dienstag|mardi|martes|martedi|terca-feira|dinsdag|tirsdag|tisdag|wtor\\w+|uter\\w+|вторник\\w*",
    "wednesday|mittwoch|mercredi|miercoles|mercoledi|quarta-feira|woensdag|onsdag|srod\\w+|stred\\w+|сред[аыуе]",
    "thursday|donnerstag|jeudi|jueves|giovedi|quinta-feira|donderdag|torsdag|czwart\\w+|ctvrt\\w+|четверг\\w*",
    "friday|freitag|vendredi|viernes|venerdi|sexta-feira|vrijdag|fredag|piat\\w+|patek|patku|пятниц\\w+",
    "saturday|samstag|sonnabend|samedi|sabado|sabato|zaterdag|lordag|sobot\\w+|суббот\\w+",
    "sunday|sonntag|dimanche|domingo|domenica|zondag|sondag|niedziel\\w+|nedel\\w+|воскресень\\w+",
)
_TOMORROW: Final = (
    r"tomorrow|morgen|demain|manana|domani|amanha|imorgon|i morgen|jutr[oa]|zitra|huomenna|завтра|明日|明天|내일"
)
# Words that stand before the end of an absence.
_ENDS: Final = re.compile(
    r"\b(?:until|till?|through|thru|up to|back (?:on|in the office on|at work on|from)|back"
    r"|return(?:ing|s)?(?: \w+){0,4}? on|return(?:ing)?|available (?:again )?(?:from|on)|again (?:on|from)"
    r"|bis|zuruck|wieder|erreichbar (?:ab|am)|jusqu.?(?:au|a)|retour|reviens|reprends|hasta|regreso|vuelta|volver\w*"
    r"|reincorpor\w+|fino a[l']?|sino a[l']?|rientr\w+|torner\w+|ate|regress\w+|retorn\w+|volt\w+ (?:em|a|no dia)"
    r"|tot(?: en met)?|t/m|terug|weer|till och med|tillbaka|t\.?o\.?m\.?|ater|tilbage|tilbake|til(?: og med)?"
    r"|saakka|asti|palaan"
    r"|do(?: dnia)?|wracam|wroce|powrot\w*|vrat\w+|zpet|по|до|вернусь|буду|kadar|visszater\w*|pana(?: pe| la| in)?)\b",
)
_DASH: Final = r"(?:-|–|—|to|bis|au|al|tot|til|till|do|a|e|ate|по|и|and|und|et|y)"

_DAY: Final = r"(?P<{p}day>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?"
_WORD_MONTH: Final = r"(?P<{p}month>[^\W\d_]{{3,14}})\.?"
_YEAR: Final = r"(?:,?\s+(?:de\s+|del\s+)?(?P<{p}year>20\d\d)\b)?"

_STROKES: Final = str.maketrans({"ß": "s", "ł": "l", "ø": "o"})
_AFTER_LATIN: Final = "\u0250"
_ISO: Final = re.compile(r"\b(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b")
_CJK: Final = re.compile(r"(?:(20\d\d)\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]")
_NUMBERS: Final = re.compile(r"(?<![\d.,/-])(\d{1,2})([./-])\s?(\d{1,2})(?:\2\s?(20\d\d|\d\d)\b|\.?(?![\d:]))")
_DAY_MONTH: Final = re.compile(
    (_DAY + r"\s+(?:de\s+|of\s+)?" + _WORD_MONTH + _YEAR).format(p="")  # 3 December, 3. Dezember 2026, 3 de mayo
)
_MONTH_DAY: Final = re.compile(
    (_WORD_MONTH + r"\s+(?P<{p}day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|:)" + _YEAR).format(p="")
)
_WEEKDAY: Final = tuple(re.compile(rf"\b(?:{names})\b") for names in _WEEKDAYS)
_IS_TOMORROW: Final = re.compile(rf"\b(?:{_TOMORROW})\b")
_BACK_TOMORROW: Final = re.compile(rf"\b(?:{_TOMORROW}) (?:wieder|zuruck|again|de retour)\b")
_DAYS: Final = re.compile(rf"\d{{1,2}}\.?\s*{_DASH}\s*(?:den |dem |zum |il |el )?$")  # "du 20 au", before its date
_RANGE: Final = re.compile(rf"\s*{_DASH}(?:\s+(?:den|dem|zum|le|il|el|the|den))?\s*")
_AFTER: Final = re.compile(
    r"[ .,]{1,3}(?:\w+ ){0,2}(?:wieder|zuruck|again|back|saakka|asti|tillbaka|de retour|kadar)\b"
)
_CJK_END: Final = re.compile(
    r"\s?(?:\([^)]{1,3}\)|（[^）]{1,3}）)?\s?(?:まで|より|から|以降|に戻|前|为止|為止|至|까지|부터)"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in the text, and where it stands."""

    start: int
    end: int
    day: date


def back_on(mail: Mail, received_at: datetime) -> date | None:
    """The last date of absence or the first day back, whichever the mail names; None when none is certain."""
    text = _plain(f"{mail.subject}\n{mail.visible_text or mail.text}"[:LOOKED_AT])
    today = (mail.sent_at or received_at).date()
    dates = sorted(_dates(text, today), key=lambda found: found.start)
    latest = today + timedelta(days=LONGEST_DAYS)
    ends = [found.day for found in dates if _is_an_end(text, found, dates) and today <= found.day <= latest]
    return ends[0] if ends else _day_named(text, today)


def away_note(mail: Mail, received_at: datetime) -> str | None:
    """`Out of office until 3 December`, as the page shows it beside the mail; None for any other mail."""
    if not is_auto_reply(mail):
        return None
    day = back_on(mail, received_at)
    if day is None:
        return None
    year = f" {day.year}" if day.year != received_at.year else ""
    return f"Out of office until {day.day} {month_name[day.month]}{year}"


def _plain(text: str) -> str:
    """Lower case without accents, each sign in its place."""
    latin = text.lower().translate(_STROKES)
    return "".join(unicodedata.normalize("NFD", letter)[0] if letter < _AFTER_LATIN else letter for letter in latin)


def _dates(text: str, today: date) -> Iterator[_Found]:
    for found in _ISO.finditer(text):
        yield from _at(found, _day(int(found[1]), int(found[2]), int(found[3])))
    for found in _CJK.finditer(text):
        yield from _at(found, _dated(found[1], int(found[2]), int(found[3]), today))
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for found in pattern.finditer(text):
            if month := _month(found["month"]):
                yield from _at(found, _dated(found["year"], month, int(found["day"]), today))
    is_day_first = _is_day_first(text)
    for found in _NUMBERS.finditer(text):
        yield from _at(found, _in_numbers(found, today, is_day_first))


def _at(found: re.Match[str], day: date | None) -> Iterator[_Found]:
    if day is not None:
        yield _Found(found.start(), found.end(), day)


def _is_day_first(text: str) -> bool | None:
    """The order in the dates with a slash that allow one order only; None when there are none or they differ."""
    pairs = [(int(found[1]), int(found[3])) for found in _NUMBERS.finditer(text) if found[2] == "/"]
    orders = {first > second for first, second in pairs if min(first, second) <= 12 < max(first, second)}
    return orders.pop() if len(orders) == 1 else None


def _in_numbers(found: re.Match[str], today: date, is_day_first: bool | None) -> date | None:
    """Dots and dashes stand in day.month order; a slash is read only where its order is certain."""
    first, second, year = int(found[1]), int(found[3]), found[4]
    year = f"20{year}" if year and len(year) == 2 else year
    if found[2] == "-" and not year:
        return None  # "2-3 days"
    day_first, month_first = _dated(year, second, first, today), _dated(year, first, second, today)
    if found[2] != "/" or first == second:
        return day_first
    if (day_first is None) != (month_first is None):
        return day_first or month_first
    if is_day_first is None:
        return None
    return day_first if is_day_first else month_first


def _dated(year: str | None, month: int, day: int, today: date) -> date | None:
    """Without a year: the next such day."""
    if year:
        return _day(int(year), month, day)
    this_year = _day(today.year, month, day)
    return this_year if this_year and this_year >= today else _day(today.year + 1, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int | None:
    """By its first letters; the longest that fit decide (Czech `červenec` is July, `červen` June)."""
    fits = [
        (len(stem.removesuffix("\\b")), number)
        for number, stems in enumerate(_MONTHS, 1)
        for stem in stems.split("|")
        if (name == stem.removesuffix("\\b") if stem.endswith("\\b") else name.startswith(stem))
    ]
    return max(fits)[1] if fits else None


def _is_an_end(text: str, found: _Found, dates: list[_Found]) -> bool:
    before = text[max(0, found.start - _NEAR) : found.start]
    before = before[max(before.rfind("\n\n"), before.rfind(". ")) + 1 :]
    other = max((each.end for each in dates if each.end <= found.start), default=-1)
    if other >= 0 and _RANGE.fullmatch(text[other : found.start]):
        return True  # the second date of a range
    if other > found.start - len(before):
        before = text[other : found.start]
    if _ENDS.search(before) or _DAYS.search(before):
        return True
    return (_AFTER.match(text, found.end) or _CJK_END.match(text, found.end)) is not None


def _day_named(text: str, today: date) -> date | None:
    """`Back on Monday`, `wieder ab morgen`."""
    if _BACK_TOMORROW.search(text):
        return today + timedelta(days=1)
    for ends in _ENDS.finditer(text):
        following = re.split(r"[.\n]", text[ends.end() : ends.end() + _NEAR], maxsplit=1)[0]
        if _IS_TOMORROW.search(following):
            return today + timedelta(days=1)
        for number, pattern in enumerate(_WEEKDAY):
            if pattern.search(following):
                return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return None
