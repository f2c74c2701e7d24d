"""The approved text as HTML: only what was meant as markup becomes markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reply_html import reply_html


def test_paragraphs_lines_emphasis_and_lists_are_rendered():
    html = reply_html("Dear Ada,\n\nplease:\n\n- switch it **off**\n- wait\n\nKind regards\nHelios")

    assert "<p>Dear Ada,</p>" in html
    assert "<li>switch it <strong>off</strong></li>" in html
    assert "<p>Kind regards<br>\nHelios</p>" in html


def test_a_bare_address_and_a_named_link_are_links():
    html = reply_html("See https://helios.example/a_b?x=1&y=2, or [the guide](https://helios.example/guide).")

    assert '<a href="https://helios.example/a_b?x=1&amp;y=2">https://helios.example/a_b?x=1&amp;y=2</a>,' in html
    assert '<a href="https://helios.example/guide">the guide</a>.' in html


@pytest.mark.parametrize(
    "text",
    [
        "5*3*2 makes 30",
        "the file is_a_name_here",
        "# 12 is the number of your order",
        "    indented",
        "---",
        "a < b > c & d",
        "<b>raw</b>",
        "__init__ and _id_ and _a_b_",
        "C:\\new\\*x and \\_",
        "2026. was the year",
        "1) one",
    ],
)
def test_what_is_no_markup_stays_as_it_was_written(text):
    html = reply_html(text)

    plain = html.removeprefix("<p>").removesuffix("</p>")
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == text.strip()


def test_a_link_that_runs_something_is_no_link():
    html = reply_html("[click](javascript:alert(1)) and [this](data:text/html,x)")

    assert "href" not in html


@pytest.mark.parametrize(
    "address", ["https://en.example/wiki/Foo_(bar)", "https://x.example/z_(v)?a=1", "https://x.example/a,b;c"]
)
def test_an_address_is_linked_whole(address):
    html = reply_html(f"Look ({address}), please: {address}.")

    assert html.count(f'<a href="{address}">{address}</a>') >= 1
    assert html.endswith(f'<a href="{address}">{address}</a>.</p>')


def test_an_answer_below_a_quoted_line_is_not_quoted():
    html = reply_html("> Which serial?\nIt is H-1234.\n> Since when?\nSince Monday.")

    assert html.count("<blockquote>") == 2
    assert "<p>It is H-1234.</p>" in html
    assert html.endswith("<p>Since Monday.</p>")


def test_a_sentence_below_a_list_is_not_part_of_it():
    html = reply_html("- one\n- two\nThat is all.")

    assert html.endswith("</ul>\n<p>That is all.</p>")


def test_numbers_stay_as_they_were_written():
    html = reply_html("2026. x\n10. ten\n3) three")

    assert html == "<p>2026. x<br>\n10. ten<br>\n3) three</p>"


def test_no_image_is_ever_made():
    assert "<img" not in reply_html("![photo](https://elsewhere.example/track.png)")


@given(st.text(max_size=300))
def test_only_these_elements_can_come_out(text):
    tags = set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)", reply_html(text)))

    assert tags <= {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote"}
