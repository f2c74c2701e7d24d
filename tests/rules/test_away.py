"""Until when somebody is away, in the words and orders of many languages; and when that cannot be told."""

from datetime import UTC, date, datetime

import pytest

from tests.rules.mails import a_mail
from tickets.away import away_note, back_on

FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
THIRD = date(2026, 12, 3)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until 3 December.",
        "I'll be back on December 3rd, 2026 and will answer then.",
        "I will return to the office on Thursday, December 3.",
        "I am away from 2026-11-20 to 2026-12-03.",
        "Out 20 Nov - 3 Dec.",
        "I'm away between Nov 20 and Dec 3",
        "Ich bin bis einschließlich 3. Dezember nicht im Büro.",
        "Ich bin vom 20.11. bis zum 03.12.2026 nicht im Haus.",
        "Ab dem 3.12. bin ich wieder erreichbar. Ich bin ab 3. Dezember wieder da.",
        "Je suis absente jusqu'au 3 décembre inclus.",
        "Je serai absent du 20 au 3 décembre.",
        "Estaré fuera de la oficina hasta el 3 de diciembre de 2026.",
        "Sono assente fino al 3 dicembre.",
        "Estou ausente até 3 de dezembro.",
        "Ik ben afwezig tot en met 3 december.",
        "Jag är tillbaka den 3 december.",
        "Jeg er tilbage den 3. december.",
        "Olen lomalla 3.12.2026 saakka.",
        "Jestem nieobecny do 3 grudnia 2026 r.",
        "Jsem na dovolené do 3. prosince.",
        "Я в отпуске до 3 декабря.",
        "12月3日まで休暇をいただいております。",
        "我将于12月3日前不在办公室。",
        "In dringenden Fällen: +49 30 1234. Ich bin bis 03.12.2026 abwesend.",
    ],
)
def test_the_end_of_an_absence_is_read(text: str) -> None:
    assert back_on(a_mail(text), FRIDAY) == THIRD


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Back on Monday.", date(2026, 11, 23)),
        ("Ich bin wieder am Freitag im Büro.", date(2026, 11, 27)),
        ("De retour lundi.", date(2026, 11, 23)),
        ("I am back tomorrow.", date(2026, 11, 21)),
        ("Ich bin morgen wieder da.", date(2026, 11, 21)),
        ("Away until 12/25/2026.", date(2026, 12, 25)),
        ("Away until 25/12/2026.", date(2026, 12, 25)),
        ("I am on leave until 15 January.", date(2027, 1, 15)),
    ],
)
def test_days_are_counted_from_the_mail(text: str, day: date) -> None:
    assert back_on(a_mail(text), FRIDAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am away from 11/21/2026 through 12/04/2026.", date(2026, 12, 4)),
        ("I am away from 21/11/2026 until 04/12/2026.", date(2026, 12, 4)),
        ("Absent jusqu'au 04/12. Votre message du 19/11 attendra.", date(2026, 12, 4)),
    ],
)
def test_a_date_that_can_be_read_in_one_way_only_settles_the_order_of_the_others(text: str, day: date) -> None:
    assert back_on(a_mail(text), FRIDAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office.",
        "Away until 04/12/2026. Yours of 19/11 or 11/19 can wait.",  # both orders
        "Away until 03/12/2026.",  # the third of December, or the twelfth of March
        "I was away until 19 November 2026.",
        "I read my mail 2-3 times a day.",
        "Call 0123 4567 until further notice.",
        "Your mail of 3 December 2026 reached me.",
        "Until 31 February.",
        "Away until 3 December 2036.",
        "",
    ],
)
def test_what_is_not_certain_is_not_told(text: str) -> None:
    assert back_on(a_mail(text), FRIDAY) is None


def test_the_page_shows_it_beside_an_automatic_reply_only() -> None:
    away = a_mail("Back on 3 December", headers={"auto-submitted": "auto-replied"})

    assert away_note(away, FRIDAY) == "Out of office until 3 December"
    assert away_note(a_mail("Back on 3 December"), FRIDAY) is None
    assert away_note(a_mail("Until 15 January", headers={"x-autoreply": "yes"}), FRIDAY) == (
        "Out of office until 15 January 2027"
    )


def test_a_long_text_takes_no_time() -> None:
    assert back_on(a_mail("until 1 " * 50_000 + "." * 100_000), FRIDAY) is None
