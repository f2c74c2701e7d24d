"""The desk in the reader's language and time zone.

Catalogs are gettext's, written as templates/locale/LANGUAGE/LC_MESSAGES/desk.po and compiled in memory when the desk
starts. English is the language of the source: what a catalog lacks is said in English. Who reads is known per request,
in a context variable, so that templates, filters and titles need not hand a translator on.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from tickets.people import Operator
from tickets.wording import Sentence, Sentences

ENGLISH: Final = "en"
DOMAIN: Final = "desk"

_CONTINENTS: Final = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the answer to this request: a language, its catalog, and a zone (None: none was chosen)."""

    language: str = ENGLISH
    catalog: NullTranslations = field(default_factory=NullTranslations)
    zone_name: str = ""

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.zone_name) if self.zone_name else UTC


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that the desk speaks, each with its catalog."""

    catalogs: Mapping[str, NullTranslations]

    @classmethod
    def read(cls, folder: Path) -> "Languages":
        """English, and each catalog below the folder."""
        files = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
        return cls({ENGLISH: NullTranslations()} | {file.parts[-3]: _compiled(file) for file in files})

    @property
    def names(self) -> dict[str, str]:
        """Each language's code and its own name for itself."""
        return {code: (Locale.parse(code).get_display_name(code) or code).capitalize() for code in self.catalogs}

    def reader(self, language: str, zone_name: str = "") -> Reader:
        """A reader of that language, or of English when the desk does not speak it."""
        known = language if language in self.catalogs else ENGLISH
        return Reader(known, self.catalogs[known], zone_name)

    def asked_for(self, accept_language: str) -> Reader:
        """The reader that a browser's Accept-Language describes (RFC 9110 section 12.5.4)."""
        return self.reader(negotiate_locale(_by_preference(accept_language), list(self.catalogs), sep="-") or ENGLISH)

    def of_operator(self, operator: Operator, otherwise: Reader) -> Reader:
        """What the operator chose; what they did not choose stays as the browser asked."""
        zone = operator.time_zone if is_zone(operator.time_zone) else ""
        if operator.language not in self.catalogs:
            return replace(otherwise, zone_name=zone)
        return self.reader(operator.language, zone)


_reader: Final[ContextVar[Reader]] = ContextVar("reader")
_NOBODY: Final = Reader()


def reader() -> Reader:
    """Who reads; outside a request somebody who reads English."""
    return _reader.get(_NOBODY)


def read_by(somebody: Reader) -> None:
    """From here on, this request is answered for them."""
    _reader.set(somebody)


def said(message: str) -> str:
    """The message in the reader's language, its places still open."""
    return reader().catalog.gettext(message)


def told(error: Exception) -> str:
    """What an error says, in the reader's language where a catalog knows its sentence."""
    first = error.args[0] if error.args else ""
    return worded(first if isinstance(first, Sentence | Sentences) else str(error))


def worded(text: str) -> str:
    """A text of the rules in the reader's language, and what stands in its places, too."""
    if isinstance(text, Sentences):
        return worded(text.between).join(map(worded, text.parts))
    if isinstance(text, Sentence):
        places = {name: worded(place) if isinstance(place, str) else place for name, place in text.places.items()}
        return said(text.template) % places
    return said(text) if text.strip() else text


def _(message: str, **named: object) -> str:
    """The message in the reader's language, its %(named)s places filled."""
    return said(message) % named


def ngettext(one: str, many: str, num: int, **named: object) -> str:
    """The message for that many; %(num)s is the number."""
    return reader().catalog.ngettext(one, many, num) % ({"num": num} | named)


def jinja_callables() -> dict[str, Any]:
    """For Jinja's i18n extension, which fills the places itself, so that values are escaped."""
    return {
        "gettext": said,
        "ngettext": lambda one, many, num: reader().catalog.ngettext(one, many, num),
        "pgettext": lambda context, message: reader().catalog.pgettext(context, message),
        "npgettext": lambda context, one, many, num: reader().catalog.npgettext(context, one, many, num),
    }


def is_zone(name: str) -> bool:
    """Whether the time zone database has a zone of that name."""
    return name in available_timezones()


def zones() -> list[str]:
    """The zones that people choose from: continents and UTC, without aliases of old and offsets."""
    named = {name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS and "/" in name}
    return ["UTC", *sorted(named)]


@dataclass(frozen=True, slots=True)
class Polyglot:
    """Wraps the application: each request is first answered for whom its Accept-Language describes."""

    app: ASGIApp
    languages: Languages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            read_by(self.languages.asked_for(_accepted(scope)))
        await self.app(scope, receive, send)


def _accepted(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")


def _by_preference(accept_language: str) -> list[str]:
    """`de-AT,de;q=0.9,en;q=0.5` as `[de-AT, de, en]`; what weighs nothing or cannot be read is left out."""
    weighed = []
    for part in accept_language[:1000].split(","):
        name, _separator, weight = part.strip().partition(";q=")
        try:
            weighed.append((float(weight or 1), name))
        except ValueError:
            continue
    return [name for weight, name in sorted(weighed, key=lambda known: -known[0]) if weight > 0 and name]


def _compiled(file: Path) -> GNUTranslations:
    with file.open("rb") as text:
        catalog = read_po(text, locale=file.parts[-3], domain=DOMAIN)
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return GNUTranslations(binary)
