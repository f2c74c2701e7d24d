"""`make messages`: collects every string that pages say, and brings the catalogs of all languages up to date.

Entries stand in the order of the alphabet and name no lines, so that two changes seldom meet in one place.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parents[1]
LOCALES: Final = ROOT / "templates" / "locale"
TEMPLATE: Final = LOCALES / "desk.pot"
PACKAGES: Final = ("api", "tickets", "persistence")
# Errors are raised with the sentence that a page shows; what they hold besides stands in a Sentence.
ERRORS: Final = [
    "Sentence",
    "FileType",
    "BadInput",
    "BadToken",
    "Conflict",
    "FlagsOpen",
    "ForeignForm",
    "IllegalMove",
    "InFlight",
    "LoginNeeded",
    "MailboxError",
    "ModelUnavailable",
    "NotAllowed",
    "NotFound",
    "OtherRequester",
    "StaleDraft",
    "TooManyLogins",
    "Unsettled",
    "WrongLogin",
]
KEYWORDS: Final = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
} | dict.fromkeys(ERRORS)
# As api/pages.py sets the Jinja environment up; otherwise other strings would be looked up than are collected.
JINJA: Final = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "trim_blocks": "true"}
HEADER: Final = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def sources() -> Iterator[tuple[str, Path]]:
    """The files that can say something, each with Babel's name for its kind."""
    yield from (("python", file) for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    yield from (("jinja2", file) for file in sorted((ROOT / "templates").rglob("*.html")))


def extracted() -> Catalog:
    """Every string of the desk, as a catalog without translations."""
    catalog = Catalog()
    for method, file in sources():
        options = JINJA if method == "jinja2" else {}
        found = extract_from_file(method, file, KEYWORDS, ("Translators:",), options=options, strip_comment_tags=True)
        for _line, message, comments, context in found:
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def languages() -> list[str]:
    return sorted(file.parts[-3] for file in LOCALES.glob("*/LC_MESSAGES/desk.po"))


def catalog_of(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "desk.po").open("rb") as file:
        return read_po(file, locale=language)


def written(catalog: Catalog, language: str = "") -> str:
    """The catalog as its file: our own header, because Babel's holds times that change with every run."""
    text = BytesIO()
    write_po(text, catalog, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=100)
    plurals = catalog.plural_forms if language else "nplurals=INTEGER; plural=EXPRESSION;"
    return HEADER.format(language=language, plurals=plurals) + text.getvalue().decode().strip() + "\n"


def updated(language: str, template: Catalog) -> Catalog:
    """The catalog with all strings of today: known ones translated, new ones empty, gone ones dropped."""
    catalog = catalog_of(language)
    catalog.update(template, no_fuzzy_matching=True)
    return catalog


def main() -> None:
    template = extracted()
    TEMPLATE.write_text(written(template))
    for language in languages():
        catalog = updated(language, template)
        (LOCALES / language / "LC_MESSAGES" / "desk.po").write_text(written(catalog, language))
        missing = sum(1 for message in catalog if message.id and not all(translations_of(message.string)))
        sys.stdout.write(f"{language}: {len(catalog)} strings, {missing} without a translation\n")


def translations_of(string: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The translation, or each of its plural forms."""
    return string if isinstance(string, tuple) else (string or "",)


if __name__ == "__main__":
    main()
