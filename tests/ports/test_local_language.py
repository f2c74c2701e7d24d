"""The language of a mail: said by a library for prose, by few words alone, and never by what was only quoted."""

import subprocess
import sys

import pytest

from adapters.knowledge import FolderKnowledge
from adapters.local_language import LANGUAGES, is_certain, language_of
from adapters.local_model import LocalModel
from adapters.local_wording import acknowledgement, closing, greeting
from adapters.mime import parse
from tests.ports.conversations import a_conversation, about
from tests.ports.test_local_model import SAMPLE

PROSE = {
    "en": "We moved the meter last week and the display has been dark since then. Could somebody have a look at it?",
    "de": "Letzte Woche wurde der Zähler versetzt und seither bleibt die Anzeige dunkel. Kann jemand danach sehen?",
    "fr": "Le compteur a été déplacé la semaine dernière et l'écran reste noir depuis. Quelqu'un peut-il passer ?",
    "es": "La semana pasada movieron el contador y desde entonces la pantalla está negra. ¿Puede venir alguien?",
    "it": "La settimana scorsa hanno spostato il contatore e da allora lo schermo resta nero. Può venire qualcuno?",
    "nl": "Vorige week is de meter verplaatst en sindsdien blijft het scherm zwart. Kan er iemand naar komen kijken?",
}


@pytest.fixture
def model() -> LocalModel:
    return LocalModel(FolderKnowledge(SAMPLE / "knowledge"))


@pytest.mark.parametrize(("language", "text"), PROSE.items())
def test_prose_is_recognised_with_certainty(language: str, text: str) -> None:
    assert (language_of(text), is_certain(text)) == (language, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("E12", "en"),
        ("Thanks!", "en"),
        ("Danke", "de"),
        ("merci bien", "fr"),
        ("gracias", "es"),
        ("Grazie mille", "it"),
        ("Bedankt", "nl"),
    ],
)
def test_a_few_words_are_read_by_function_words_and_are_never_certain(text: str, language: str) -> None:
    assert (language_of(text), is_certain(text)) == (language, False)


def test_a_mail_in_two_languages_is_not_certain() -> None:
    assert not is_certain(f"{PROSE['it']}\n\n{PROSE['en']}")
    assert not is_certain(f"{PROSE['de']}\n\n{PROSE['nl']}")


async def test_neither_the_quoted_mail_nor_the_signature_decides(model: LocalModel) -> None:
    quoted = "\n".join(f"> {line}" for line in [PROSE["en"]] * 6)
    signature = "-- \nBlue Ridge Trading Ltd\nThis message is for the person it is addressed to and may not be shared."
    raw = (
        "From: Anna <anna@example.org>\nTo: desk@example.com\nSubject: Re: 4711\nContent-Type: text/plain;"
        f" charset=utf-8\n\n{PROSE['it']}\n\n{signature}\n\nOn Mon, 2 Nov 2026 at 10:00, Desk wrote:\n{quoted}\n"
    )

    triage = await model.triage(a_conversation(parse(raw.encode()).mail))

    assert triage.language == "it"


@pytest.mark.parametrize("language", ["it", "nl"])
async def test_italian_and_dutch_mails_are_sorted_and_answered_in_their_language(
    model: LocalModel, language: str
) -> None:
    bill = {
        "it": "Buongiorno, ho già pagato la fattura ma l'importo è stato addebitato due volte. Potete rimborsare?",
        "nl": "Goedendag, ik heb de factuur al betaald maar het bedrag is twee keer afgeschreven. Kunt u terugbetalen?",
    }
    conversation = about(bill[language], subject="2026-114")

    triage = await model.triage(conversation)
    reply = await model.draft(conversation, triage, await model.plan(conversation, triage, ()), ())

    assert (triage.language, triage.category) == (language, "billing")
    assert reply.body.startswith(greeting(language, None).rstrip(","))
    assert acknowledgement(language) in reply.body
    assert closing(language, "") in reply.body


def test_each_language_has_its_own_texts() -> None:
    for texts in ([acknowledgement(each) for each in LANGUAGES], [closing(each, "") for each in LANGUAGES]):
        assert len(set(texts)) == len(LANGUAGES)


def test_the_model_of_languages_is_read_only_when_a_mail_is_judged() -> None:
    probe = "import sys, adapters.local_model; sys.exit('numpy' in sys.modules or 'py3langid' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
