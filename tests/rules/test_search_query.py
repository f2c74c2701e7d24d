"""Reading what is typed into the search box, and marking it in what is found."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.folding import composed, folded, words_of
from tickets.search import Condition, Facet, Phrase, Place, Query
from tickets.search_marks import Part, marked
from tickets.search_query import read_query

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def read(typed: str, me: str | None = "Ada@Example.org") -> Query:
    return read_query(typed, NOW, me=me)


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize("spelling", ["Müller", "mueller", "MÜLLER", "Muller", "Mu\u0308ller", "Ｍüller"])
def test_one_name_is_one_word_however_it_is_spelled(spelling):
    assert words_of(spelling) == ["muller"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Straße", ["strasse"]),
        ("Søren Łukasz", ["soren", "lukasz"]),
        ("Ærø", ["aro"]),
        ("ÉTÉ, à l'école", ["ete", "a", "l", "ecole"]),
        ("ada.keller@example.org", ["ada", "keller", "example", "org"]),
        ("E-07_b", ["e", "07", "b"]),
        ("返金について", ["返", "金", "に", "つ", "い", "て"]),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_without_case_and_accents(text, words):
    assert words_of(text) == words


@given(st.text())
def test_folding_twice_changes_nothing_that_is_compared(text):
    assert words_of(" ".join(words_of(text))) == words_of(text)
    assert isinstance(folded(text), str)


def test_words_are_wanted_together_and_the_last_one_may_go_on():
    query = read("Inverter err")

    assert query.phrases == (Phrase(("inverter",)), Phrase(("err",), is_prefix=True))


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ('"red light"', Phrase(("red", "light"))),
        ("“rotes Licht”", Phrase(("rotes", "licht"))),
        ('"never closed', Phrase(("never", "closed"))),
        ("a", Phrase(("a",))),
        ("from:Ada@Example.org", Phrase(("ada", "example", "org"), Place.SENDER, is_prefix=True)),
        ('FROM:"Ada Keller"', Phrase(("ada", "keller"), Place.SENDER)),
        ("to:sales", Phrase(("sales",), Place.RECIPIENTS, is_prefix=True)),
        ("subject:offer", Phrase(("offer",), Place.SUBJECT, is_prefix=True)),
        ("https://example.org/x", Phrase(("https", "example", "org", "x"), is_prefix=False)),
        ("12:30", Phrase(("12", "30"), is_prefix=True)),
    ],
)
def test_a_term_is_read_as_a_phrase_in_a_place(typed, phrase):
    query = read(typed)

    assert query.phrases == (phrase,)
    assert query.remarks == ()


def test_a_minus_leaves_out():
    query = read('light -red -"two words" -from:carl -is:done')

    assert [phrase.is_excluded for phrase in query.phrases] == [False, True, True, True]
    assert query.wanted == (Phrase(("light",)),)
    assert query.conditions == (Condition(Facet.STANDING, "done", is_excluded=True),)


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("is:new", Condition(Facet.STANDING, "new")),
        ("is:Needs-Action", Condition(Facet.STANDING, "needs-action")),
        ("is:needs_action", Condition(Facet.STANDING, "needs-action")),
        ("is:snoozed", Condition(Facet.STANDING, "snoozed")),
        ("is:mine", Condition(Facet.ASSIGNEE, "ada@example.org")),
        ("assignee:me", Condition(Facet.ASSIGNEE, "ada@example.org")),
        ("is:unassigned", Condition(Facet.ASSIGNEE, "")),
        ("assignee:nobody", Condition(Facet.ASSIGNEE, "")),
        ("category:Billing", Condition(Facet.CATEGORY, "billing")),
        ('tag:"late delivery"', Condition(Facet.TAG, "late delivery")),
        ("has:attachments", Condition(Facet.HAS, "attachment")),
        ("-has:note", Condition(Facet.HAS, "note", is_excluded=True)),
    ],
)
def test_operators_ask_something_of_the_ticket(typed, condition):
    query = read(typed)

    assert (query.conditions, query.phrases, query.remarks) == ((condition,), (), ())


@pytest.mark.parametrize(
    ("typed", "after", "before"),
    [
        ("after:2026-01-31", day(2026, 1, 31), None),
        ("before:2026-01-31", None, day(2026, 1, 31)),
        ("on:2026-01-31", day(2026, 1, 31), day(2026, 2, 1)),
        ("on:2025-12", day(2025, 12, 1), day(2026, 1, 1)),
        ("on:2025", day(2025, 1, 1), day(2026, 1, 1)),
        ("after:31.1.2026", day(2026, 1, 31), None),
        ("on:today", day(2026, 3, 2), day(2026, 3, 3)),
        ("after:7d before:yesterday", day(2026, 2, 23), day(2026, 3, 1)),
        ("after:2w after:1d", day(2026, 3, 1), None),
    ],
)
def test_days_bound_the_search(typed, after, before):
    query = read(typed)

    assert (query.after, query.before, query.remarks) == (after, before, ())


def test_days_begin_where_the_reader_is():
    query = read_query("on:2026-01-31", NOW, zone=timezone(timedelta(hours=9)))

    assert (query.after, query.before) == (day(2026, 1, 30, 15), day(2026, 1, 31, 15))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("foo:bar", "“foo:” is no operator of this search; it was looked for as words"),
        ("is:strange", "“is:strange” is not known and was left out. Possible are: is:new"),
        ("has:", "“has:” has nothing after it"),
        ("from:!!", "“from:” has nothing after it"),
        ("after:31.2.2026", "“after:31.2.2026” names no day and was left out"),
        ("before:9999y", "names no day"),
        ("after:99999-01", "names no day"),
        ("light -before:today", "days cannot be excluded"),
        ("-light", "add a word to look for"),
        ("word " * 30, "Only the first 20 words"),
        ("x" * 600, "Only the first 500 characters"),
    ],
)
def test_what_is_not_understood_is_said(typed, says):
    query = read(typed)

    assert says in " ".join(map(str, query.remarks))


def test_mine_means_nothing_for_a_token():
    query = read("light is:mine", me=None)

    assert query.conditions == ()
    assert "a token is nobody" in str(query.remarks[0])


@pytest.mark.parametrize(
    ("typed", "number", "possible"),
    [("#123", 123, None), ("123", None, 123), ("#123 light", 123, None), ("123 light", None, None), ("#x", None, None)],
)
def test_a_number_is_a_ticket(typed, number, possible):
    query = read(typed)

    assert (query.number, query.possible_number) == (number, possible)


@given(st.text(max_size=700) | st.from_regex(r"(-?(from|is|has|before|on|x|):?[\"\w.#-]{0,9} ){0,9}", fullmatch=True))
def test_any_text_is_a_query(typed):
    query = read(typed)

    assert all(phrase.words for phrase in query.phrases)
    assert query.wanted or not query.phrases
    assert all(str(remark) for remark in query.remarks)


def text_of(parts: tuple[Part, ...]) -> str:
    return "".join(f"[{part.text}]" if part.is_marked else part.text for part in parts)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('"mueller"', "Hello Frau [Müller], the <b>red</b> light of the Mullers is on"),
        ("mull", "Hello Frau [Müller], the <b>red</b> light of the [Mullers] is on"),
        ('"red light"', "Hello Frau Müller, the <b>red</b> light of the Mullers is on"),
        ('"light of" hello', "[Hello] Frau Müller, the <b>red</b> [light] [of] the Mullers is on"),
        ("-hello on", "Hello Frau Müller, the <b>red</b> light of the Mullers is [on]"),
        ("from:hello is:new", "Hello Frau Müller, the <b>red</b> light of the Mullers is on"),
        ("subject:frau", "Hello [Frau] Müller, the <b>red</b> light of the Mullers is on"),
    ],
)
def test_the_words_are_marked_as_they_were_written(typed, shown):
    text = "Hello\n Frau Mu\u0308ller,  the <b>red</b> light of the Mullers is on"

    assert text_of(marked(text, read(typed), Place.SUBJECT)) == shown


def test_a_long_text_is_cut_around_the_first_mark():
    text = "before " * 100 + "robot " + "after " * 100

    parts = marked(text, read("robot"), length=120)

    shown = text_of(parts)
    assert (shown[:8], shown[-7:]) == ("… before", "after …")
    assert "[robot]" in shown
    assert len(shown) <= 130


@given(st.text(max_size=300), st.text(max_size=20))
def test_marking_takes_nothing_from_the_text(text, typed):
    parts = marked(text, read(typed))

    assert "".join(part.text for part in parts).split() == composed(text).split()
