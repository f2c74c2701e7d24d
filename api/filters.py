"""How pages say things: ages, names, dates, languages, sizes. Installed once into the Jinja environment."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment

from api.language import _, ngettext, reader
from api.shelf_words import came_back, short_moment, snoozed_words
from api.timeline import sentence
from tickets.accounting import in_words
from tickets.people import Actor
from tickets.quoting import elided
from tickets.reopening import ONLY_THANKS
from tickets.rousing import NO_ANSWER

WITHOUT_A_MODEL: Final = frozenset({"local", "local model"})

_BREAK: Final = re.compile(r"\n[ \t]*\n+")
_FRESH_S: Final = 600
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def age(at: datetime, now: datetime) -> str:
    """How long ago in the width of a column: `now`, `58m`, `3h 10m`, `5d`."""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < _MINUTE:
        return _("now")
    if seconds < _HOUR:
        return _("%(minutes)sm", minutes=seconds // _MINUTE)
    if seconds < _DAY:
        return _("%(hours)sh %(minutes)02dm", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return _("%(days)sd", days=seconds // _DAY)


def is_fresh(at: datetime, now: datetime) -> bool:
    """Whether it happened a moment ago, so that whoever did it may want it undone."""
    return (now - at).total_seconds() < _FRESH_S


def ago(at: datetime, now: datetime) -> str:
    """How long ago inside a sentence: `12 s ago`, `4 min ago`, `3 h ago`, `5 days ago`."""
    seconds = max(0, int((now - at).total_seconds()))
    if days := seconds // _DAY:
        return ngettext("%(num)s day ago", "%(num)s days ago", days)
    if hours := seconds // _HOUR:
        return _("%(hours)s h ago", hours=hours)
    if minutes := seconds // _MINUTE:
        return _("%(minutes)s min ago", minutes=minutes)
    return _("%(seconds)s s ago", seconds=seconds)


def initials(name: str) -> str:
    """Two letters for a face: of a name's first and last word, or the start of an address."""
    words = re.findall(r"\w+", name.split("@")[0])
    letters = words[0][:1] + words[-1][:1] if len(words) > 1 else "".join(words)[:2]
    return letters.upper() or "?"


def bars(confidence: float | None) -> int:
    """How many of four bars a confidence between 0 and 1 fills; one at least, so that doubt is visible."""
    return 0 if confidence is None else max(1, min(4, round(confidence * 4 + 0.1)))


def paragraphs(text: str) -> list[str]:
    """The text cut at its empty lines; single line breaks stay inside."""
    return [part.strip("\n") for part in _BREAK.split(text.replace("\r\n", "\n").strip()) if part.strip()]


def size(octets: int) -> str:
    """`640 B`, `12 kB`, `3.4 MB`."""
    if octets < 1000:
        return f"{octets} B"
    return f"{octets / 1000:.0f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def when(at: datetime) -> str:
    """A moment in the reader's zone; the page's script says it in the browser's own where none was chosen."""
    here = at.astimezone(reader().zone)
    # Translators: a pattern of CLDR for a day and a time.
    pattern = _("d MMM y, HH:mm")
    return f"{format_datetime(here, pattern, locale=reader().locale)} {here.tzname()}"


def short_day(day: date) -> str:
    """A day in a table's first column: `Mon 2 Mar`."""
    # Translators: a pattern of CLDR for a day of the week and of the month.
    return format_date(day, _("EEE d MMM"), locale=reader().locale)


def machine_time(at: datetime) -> str:
    """The value of a `datetime` attribute."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def language(code: str | None) -> str:
    """A language's name in the reader's language, or its code when it has none."""
    try:
        return Locale.parse(code).get_language_name(reader().locale) or code if code else ""
    except (ValueError, UnknownLocaleError):
        return code or ""


def grouped(number: int) -> str:
    return format_decimal(number, locale=reader().locale)


def actor_name(actor: str, you: str = "") -> str:
    """Who did something, for people: `You`, an address, `The agent`, `Token nightly`."""
    kind, _colon, name = actor.partition(":")
    if name and name == you:
        return _("You")
    if kind == "token":
        return _("Token %(name)s", name=name)
    return name or {"agent": _("The agent"), "sync": _("The mailbox sync"), "retention": _("The retention rules")}.get(
        kind, kind.capitalize()
    )


def author(written_by: str, you: str = "") -> str:
    """Who wrote a text: `written by you`, `written without a model`, `written by architect/large`."""
    if written_by in WITHOUT_A_MODEL:
        return _("written without a model")
    if you and written_by == f"operator:{you}":
        return _("written by you")
    return _("written by %(name)s", name=actor_name(written_by) if ":" in written_by else written_by)


def may(actor: Actor, scope: str) -> bool:
    """Whether buttons that need the scope are shown; the use case checks again."""
    return scope in actor.scopes or "admin" in actor.scopes


def notice_word(notice: str) -> str:
    """What a board's line says of a ticket's notice, which is read in full on its page."""
    if notice.startswith(NO_ANSWER):
        return _("no answer")
    return _("only thanks") if notice == ONLY_THANKS else _("see note")


_FILTERS: Final[dict[str, Callable[..., object]]] = {
    "age": age,
    "ago": ago,
    "is_fresh": is_fresh,
    "initials": initials,
    "bars": bars,
    "paragraphs": paragraphs,
    "elided": elided,
    "filesize": size,
    "when": when,
    "machine_time": machine_time,
    "short_day": short_day,
    "language": language,
    "notice_word": notice_word,
    "grouped": grouped,
    "actor_name": actor_name,
    "author": author,
    "sentence": sentence,
    "may": may,
    "span": in_words,
    "short_moment": short_moment,
    "snoozed_words": snoozed_words,
    "came_back": came_back,
}


def install(env: Environment) -> None:
    """Make the filters known to the pages."""
    env.filters.update(_FILTERS)
    env.trim_blocks = True
    env.lstrip_blocks = True
