"""Every string of the desk is in the catalogs, every catalog is complete, and no page says a word past them."""

import re
from pathlib import Path

import pytest
from babel.messages import Message

from tests.messages import LOCALES, ROOT, TEMPLATE, catalog_of, extracted, languages, translations_of, written

PAGES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(file.relative_to(ROOT / "templates")) for file in PAGES]

# What may stand in a page in every language: marks, keys, names, what a program prints.
NO_WORDS = re.compile(
    r"[\W\d_]*|https?://|gpt-[\d. a-z-]+|(· )?Communication Agent|Ctrl|Enter|Esc|Tab|Alt|Shift|UTC|CSV|[a-zA-Z?/]"
)
SPOKEN = re.compile(r"\b(?:title|placeholder|aria-label|alt|data-words|aria-description)=\"([^\"]*)\"")


def strings() -> list[Message]:
    return [message for message in extracted() if message.id]


def test_the_template_of_the_catalogs_holds_exactly_the_strings_of_the_source() -> None:
    assert TEMPLATE.read_text() == written(extracted()), "run `make messages`"


@pytest.mark.parametrize("language", languages())
def test_every_string_has_a_translation_with_the_same_places(language: str) -> None:
    catalog = catalog_of(language)

    missing = [message.id for message in strings() if not all(_translations(catalog.get(message.id, message.context)))]
    odd = [message.id for message in catalog if message.id and list(message.check(catalog))]

    assert (missing, odd) == ([], [])


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_says_nothing_past_the_catalogs(page: Path) -> None:
    assert bare_words(page.read_text()) == []


def test_the_search_for_bare_words_finds_them_in_text_and_attributes() -> None:
    said = """<b>{% trans %}Said{% endtrans %}</b><i aria-label="{{ _('x') }}">{{ _("Said") }}</i>"""
    page = f'<p title="A tip">bare {said}</p>'

    assert bare_words(page) == ["bare", "A tip"]


def test_there_is_a_catalog_besides_english() -> None:
    assert languages() == ["de"]
    assert (LOCALES / "de" / "LC_MESSAGES" / "desk.po").is_file()


def bare_words(template: str) -> list[str]:
    """Text of the template, and of attributes that are read aloud, that no call for a translation stands around."""
    quiet = re.sub(r"\{%-?\+?\s*trans\b.*?endtrans\s*-?%\}", "", template, flags=re.DOTALL)
    quiet = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "\0", quiet, flags=re.DOTALL)
    text = re.sub(r"<(code|kbd)\b[^>]*>.*?</\1>", "\n", quiet, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|&\w+;", "\n", text)
    found = [*re.split(r"[\n\0]", text), *(word for value in SPOKEN.findall(quiet) for word in value.split("\0"))]
    return [word.strip() for word in found if not NO_WORDS.fullmatch(word.strip())]


def _translations(message: Message | None) -> tuple[str, ...]:
    return translations_of(message.string) if message else ("",)
