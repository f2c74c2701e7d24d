"""Paragraphs broken for the wire (RFC 3676) are read as they were written."""

import pytest

from adapters.mime_flowed import unflowed
from tests.ports.mime_builders import mail

FLOWED = "Content-Type: text/plain; charset=utf-8; Format=Flowed"


@pytest.mark.parametrize(
    ("wire", "written"),
    [
        ("A long \nparagraph.\n\nAnother.\n", "A long paragraph.\n\nAnother.\n"),
        ("> quoted \n> words\nMine.", "> quoted words\nMine."),
        ("> one \n>> two", "> one\n>> two"),
        (" From here on\n > no quote", "From here on\n> no quote"),
        ("Bye \n-- \nAda", "Bye \n-- \nAda"),
        ("ends with a space \n", "ends with a space "),
        ("", ""),
    ],
)
def test_lines_become_paragraphs(wire, written):
    assert unflowed(wire) == written


def test_a_space_that_was_added_for_the_wire_goes():
    assert unflowed("\u7dca \n\u6025", deletes_space=True) == "\u7dca\u6025"


def test_a_flowed_mail_is_read_as_it_was_written():
    found = mail(
        f"From: ada@example.org\n{FLOWED}\n",
        "My inverter \nbeeps.\n\nOn Monday, support@helios.example \nwrote:\n> Hello \n> Ada\n",
    )

    assert found.text.startswith("My inverter beeps.\n")
    assert found.visible_text == "My inverter beeps."


def test_other_text_keeps_its_lines():
    found = mail("From: ada@example.org\nContent-Type: text/plain\n", "One \ntwo\n")

    assert found.text == "One \ntwo\n"
