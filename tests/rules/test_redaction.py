"""Personal data leaves a text before it is kept; what the matter is stays."""

import pytest

from tickets.redaction import redacted

ENGLISH = """Hello Mr. Baker,

our inverter SX 5 shows E07 since 12.11.2026. Order INV-2026-00417, 1,249.00 EUR.
Call me: +49 170 1234567, or write to ada@example.org. I live at 12 Mill Lane.

Kind regards
Ada Quill"""
GERMAN = """Guten Tag Frau Specht,

meine IBAN ist DE89 3704 0044 0532 0130 00, ich wohne Lindenallee 7, 80331 München.
Seriennummer SX5-99812345, Kundennummer 4711234.

Mit freundlichen Grüßen
Jörg Überall"""


@pytest.mark.parametrize(
    ("text", "gone", "stays"),
    [
        (ENGLISH, ("Baker", "00417", "170", "ada@", "Mill", "Quill"), ("SX 5", "E07", "12.11.2026", "1,249.00 EUR")),
        (GERMAN, ("Specht", "3704", "Lindenallee", "80331", "99812345", "4711234", "Überall"), ("Seriennummer",)),
        (
            "Card 4007 0707 5369 0781, from 10.0.0.12, see https://x.example/me?id=1",
            ("4007", "10.0", "x.ex"),
            ("from",),
        ),
        (
            "Bonjour Madame Petit,\n\n12 rue des Lilas, 75011 Paris\n\nCordialement\nLuc Brun",
            ("Petit", "Lilas", "Brun"),
            (),
        ),
        ("Hola Ana:\n\nCalle Mayor 12, 28013 Madrid\n\nUn saludo\nPepe Ruiz", ("Ana", "Mayor", "Ruiz"), ("saludo",)),
    ],
)
def test_personal_data_leaves_and_the_matter_stays(text: str, gone: tuple[str, ...], stays: tuple[str, ...]) -> None:
    left = redacted(text)

    assert [word for word in gone if word in left] == []
    assert [word for word in stays if word not in left] == []


def test_names_that_the_ticket_knows_leave_wherever_they_stand() -> None:
    left = redacted("as I, Evelyn, told Zauberwald's office", ["Evelyn Zauberwald"])

    assert left == "as I, [name], told [name]'s office"


def test_a_text_without_personal_data_stays_as_it_is() -> None:
    text = "Hello team, can I change my delivery date? Error 5021, 230 V, 10 kWh in 2026."

    assert redacted(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    assert redacted(redacted(ENGLISH)) == redacted(ENGLISH)
