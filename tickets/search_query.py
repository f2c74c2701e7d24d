"""Reading a query: what is typed into the search box, taken apart. Total: any text gives a query, never an error."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from tickets.folding import words_of
from tickets.search import LONGEST_QUERY, Condition, Facet, Having, Phrase, Place, Query, Remark, Standing
from tickets.wording import N_

SHORTEST_PREFIX: Final = 2
MOST_TERMS: Final = 20

# A minus, a name with a colon, then a quoted phrase or a word: all but the last may be missing.
_TERM: Final = re.compile(
    r"""(?P<minus>-?)(?:(?P<name>[A-Za-z]+):)?(?:["“”„](?P<quoted>[^"“”]*)(?:["“”]|$)|(?P<word>\S*))""", re.VERBOSE
)
_NUMBER: Final = re.compile(r"#(\d{1,9})")
_AGE: Final = re.compile(r"(\d{1,4})([dwmy])")
_DAYS_OF: Final = {"d": 1, "w": 7, "m": 30, "y": 365}

_PLACES: Final = {
    "from": Place.SENDER,
    "to": Place.RECIPIENTS,
    "cc": Place.RECIPIENTS,
    "subject": Place.SUBJECT,
}
_FACETS: Final = {facet.value: facet for facet in Facet}
_ALIASES: Final = {
    "needs_action": Standing.NEEDS_ACTION,
    "todo": Standing.NEEDS_ACTION,
    "closed": Standing.DONE,
    "waiting-others": Standing.WAITING,
    "attachments": Having.ATTACHMENT,
    "file": Having.ATTACHMENT,
    "notes": Having.NOTE,
}
# They look like operators and are none: links and the marks of replies.
_ORDINARY: Final = frozenset({"http", "https", "mailto", "ftp", "re", "aw", "fw", "fwd", "wg", "tel", "urn"})

NOTHING_AFTER: Final = N_("“%(operator)s” has nothing after it that could be looked for; it was left out.")
UNKNOWN: Final = N_("“%(operator)s” is not known and was left out. Possible are: %(possible)s.")
NO_DAY: Final = N_("“%(operator)s” names no day and was left out. Write after:2026-03-31, after:7d or after:yesterday.")
NOT_LEFT_OUT: Final = N_("“%(operator)s” was left out: days cannot be excluded. Turn before: into after: or back.")

NOBODY: Final = frozenset({"nobody", "none", "unassigned"})


@dataclass(slots=True)
class _Reading:
    """A query in the making."""

    now: datetime
    zone: tzinfo
    me: str | None
    phrases: list[Phrase] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    number: int | None = None
    after: datetime | None = None
    before: datetime | None = None
    remarks: list[Remark] = field(default_factory=list)

    def take(self, term: re.Match[str], *, is_last: bool) -> None:
        name, quoted = (term["name"] or "").lower(), term["quoted"]
        value = quoted if quoted is not None else term["word"]
        is_excluded = term["minus"] == "-"
        if name in _PLACES:
            self._words(value, _PLACES[name], is_excluded, _is_prefix(term, is_last), f"{name}:")
        elif name in _FACETS:
            self._facet(_FACETS[name], value, is_excluded)
        elif name in ("before", "after", "on"):
            self._day(name, value, is_excluded)
        else:
            self._free(term, name, value, is_excluded, is_last)

    def _free(self, term: re.Match[str], name: str, value: str, is_excluded: bool, is_last: bool) -> None:
        if not name and term["quoted"] is None and (numbered := _NUMBER.fullmatch(value)) and not is_excluded:
            self.number = int(numbered[1])
            return
        if name and name not in _ORDINARY:
            self._remark(N_("“%(operator)s” is no operator of this search; it was looked for as words."), f"{name}:")
        self._words(f"{name} {value}", Place.ANYWHERE, is_excluded, _is_prefix(term, is_last))

    def _words(self, text: str, place: Place, is_excluded: bool, is_prefix: bool, of: str = "") -> None:
        words = tuple(words_of(text))
        if not words:
            if of:
                self._remark(NOTHING_AFTER, of)
            return
        is_prefix = is_prefix and len(words[-1]) >= SHORTEST_PREFIX
        self.phrases.append(Phrase(words, place, is_prefix, is_excluded))

    def _facet(self, facet: Facet, value: str, is_excluded: bool) -> None:
        value = value.strip().casefold()
        if not value:
            self._remark(NOTHING_AFTER, f"{facet}:")
        elif facet in (Facet.STANDING, Facet.HAS):
            self._closed(facet, _ALIASES.get(value, value), is_excluded)
        elif facet is Facet.ASSIGNEE and value in ("me", "mine"):
            self._mine(is_excluded)
        else:
            nobody = facet is Facet.ASSIGNEE and value in NOBODY
            self.conditions.append(Condition(facet, "" if nobody else value, is_excluded))

    def _closed(self, facet: Facet, value: str, is_excluded: bool) -> None:
        known: type[Standing | Having] = Standing if facet is Facet.STANDING else Having
        if value not in set(known):
            self._remark(UNKNOWN, f"{facet}:{value}", possible=", ".join(f"{facet}:{each}" for each in known))
        elif value == Standing.MINE:
            self._mine(is_excluded)
        elif value == Standing.UNASSIGNED:
            self.conditions.append(Condition(Facet.ASSIGNEE, "", is_excluded))
        else:
            self.conditions.append(Condition(facet, value, is_excluded))

    def _mine(self, is_excluded: bool) -> None:
        if self.me is None:
            self._remark(N_("“mine” means the person who searches; a token is nobody, so it was left out."))
        else:
            self.conditions.append(Condition(Facet.ASSIGNEE, self.me.casefold(), is_excluded))

    def _day(self, name: str, value: str, is_excluded: bool) -> None:
        span = _span(value.strip().casefold(), self.now.astimezone(self.zone).date())
        if span is None or is_excluded:
            self._remark(NO_DAY if span is None else NOT_LEFT_OUT, f"{name}:{value}")
            return
        first, end = (datetime.combine(day, time(), self.zone).astimezone(UTC) for day in span)
        if name in ("after", "on"):
            self.after = max(filter(None, (self.after, first)))
        if name == "before":
            self.before = min(filter(None, (self.before, first)))
        elif name == "on":
            self.before = min(filter(None, (self.before, end)))

    def _remark(self, said: str, operator: str = "", **named: str) -> None:
        self.remarks.append(Remark(said, {"operator": operator, **named}))


def read_query(text: str, now: datetime, *, me: str | None = None, zone: tzinfo = UTC) -> Query:
    """Take a query apart. `me` is the address behind `mine`; days begin and end in `zone`."""
    reading = _Reading(now, zone, me)
    text = " ".join(text.replace("\0", " ").split())
    shown = text[:LONGEST_QUERY]
    if len(text) > LONGEST_QUERY:
        reading.remarks.append(Remark(N_("Only the first %(num)s characters were read."), {"num": str(LONGEST_QUERY)}))
    terms = [term for term in _TERM.finditer(shown) if term.group()]
    if len(terms) > MOST_TERMS:
        only = N_("Only the first %(num)s words and operators were read.")
        reading.remarks.append(Remark(only, {"num": str(MOST_TERMS)}))
    for place, term in enumerate(terms[:MOST_TERMS], 1):
        reading.take(term, is_last=place == len(terms))
    _say_what_only_excludes(reading)
    return Query(
        text,
        tuple(reading.phrases),
        tuple(reading.conditions),
        reading.number,
        reading.after,
        reading.before,
        tuple(reading.remarks),
    )


def _say_what_only_excludes(reading: _Reading) -> None:
    if reading.phrases and all(phrase.is_excluded for phrase in reading.phrases):
        reading.phrases.clear()
        only = N_("Words can only be left out where others are looked for; add a word to look for.")
        reading.remarks.append(Remark(only))


def _is_prefix(term: re.Match[str], is_last: bool) -> bool:
    """The last word may still be being typed; any other goes on only with a star. A quoted phrase is meant as it is."""
    return term["quoted"] is None and (is_last or term["word"].endswith("*"))


def _span(value: str, today: date) -> tuple[date, date] | None:
    """The first day that a date means and the first one after it; None for what is no date."""
    if value in ("today", "yesterday"):
        day = today if value == "today" else today - timedelta(days=1)
        return day, day + timedelta(days=1)
    if age := _AGE.fullmatch(value):
        return _days_ago(today, int(age[1]) * _DAYS_OF[age[2]])
    if german := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value):
        value = f"{german[3]}-{german[2]}-{german[1]}"
    parts = re.fullmatch(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?", value)
    return _calendar(*(int(part) if part else None for part in parts.groups())) if parts else None


def _days_ago(today: date, days: int) -> tuple[date, date] | None:
    if days >= today.toordinal():
        return None
    day = today - timedelta(days=days)
    return day, day + timedelta(days=1)


def _calendar(year: int | None, month: int | None, day: int | None) -> tuple[date, date] | None:
    """A day, a whole month or a whole year."""
    if year is None or not 1970 <= year <= 9000:
        return None
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return first, first + timedelta(days=1)
    if month is not None:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)
