"""Paragraphs broken for the wire (RFC 3676) are read as they were written, and what was never broken is left alone."""

import pytest

from adapters.mime_flowed import unflowed
from tests.ports.mime_builders import mail

FLOWED = "Content-Type: text/plain; charset=utf-8; Format=Flowed"
LONG = "A line that is as long as lines are before they are broken "


@pytest.mark.parametrize(
    ("wire", "written"),
    [
        (f"{LONG}\nfor the wire.\n\nAnother.\n", f"{LONG}for the wire.\n\nAnother.\n"),
        (f"> {LONG}\n> quoted\nMine.", f"> {LONG}quoted\nMine."),
        (f"{LONG}\n{LONG}\nend", f"{LONG}{LONG}end"),
        (" From here on\n > no quote", "From here on\n> no quote"),
        ("\u7dca" * 60, "\u7dca" * 60),
        ("", ""),
    ],
)
def test_lines_become_paragraphs(wire, written):
    assert unflowed(wire) == written


@pytest.mark.parametrize(
    "wire",
    [
        "Yes \nOn 27 Nov 2026, at 10:00, Support <support@helios.example> wrote:\n> a",
        f"{LONG}\n-- \nAda",
        f"{LONG}\n--\nAda",
        f"{LONG}\n\nAnother paragraph",
        f"> {LONG}\n>> another depth",
        "-----Original Message----- \nFrom: Support <support@helios.example> \nSent: Friday \nTo: ada@example.org",
        "From: A long name for somebody at the desk <support@helios.example> \nSent: Friday, 27 November",
    ],
)
def test_what_was_never_broken_stays_apart(wire):
    assert unflowed(wire) == wire


def test_a_space_that_was_added_for_the_wire_goes():
    assert unflowed("\u7dca \n\u6025", deletes_space=True) == "\u7dca\u6025"


def test_a_flowed_mail_is_read_as_it_was_written():
    body = f"{LONG}\nbeeps.\n\nOn Mon, 2 Nov 2026 at 10:00, Helios <support@helios.example> \nwrote:\n> Hello \n> Ada\n"

    found = mail(f"From: ada@example.org\n{FLOWED}\n", body)

    assert found.visible_text == f"{LONG}beeps."


@pytest.mark.parametrize("kind", ["text/plain", "text/html; format=flowed"])
def test_other_text_keeps_its_lines(kind):
    found = mail(f"From: ada@example.org\nContent-Type: {kind}\n", f"<pre>{LONG}\ntwo</pre>\n")

    assert f"{LONG}\ntwo" in (found.html or found.text)
