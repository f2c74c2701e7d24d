"""What a customer wrote this time, and what is only history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.quoting import Part, assemble, split

ATTRIBUTIONS = {
    "en": "On Tue, Mar 3, 2026 at 9:14 AM Helios Support <support@helios.example> wrote:",
    "de": "Am 03.03.2026 um 09:14 schrieb Helios Support <support@helios.example>:",
    "de-2": "Helios Support <support@helios.example> schrieb am Di., 3. März 2026, 09:14:",
    "fr": "Le mar. 3 mars 2026 à 09:14, Helios Support <support@helios.example> a écrit :",
    "es": "El mar, 3 mar 2026 a las 9:14, Helios Support (<support@helios.example>) escribió:",
    "it": "Il giorno mar 3 mar 2026 alle ore 09:14 Helios Support <support@helios.example> ha scritto:",
    "nl": "Op di 3 mrt 2026 om 09:14 schreef Helios Support <support@helios.example>:",
    "pt": "Em ter., 3 de mar. de 2026 às 09:14, Helios Support <support@helios.example> escreveu:",
}
OUTLOOK = {
    "en": "From: Helios Support\nSent: Tuesday, March 3, 2026 9:14 AM\nTo: Ada\nSubject: RE: Inverter",
    "de": "Von: Helios Support\nGesendet: Dienstag, 3. März 2026 09:14\nAn: Ada\nBetreff: AW: Wechselrichter",
    "fr": "De : Helios Support\nEnvoyé : mardi 3 mars 2026 09:14\nÀ : Ada\nObjet : RE: Onduleur",
    "es": "De: Helios Support\nEnviado el: martes, 3 de marzo de 2026 9:14\nPara: Ada\nAsunto: RE: Inversor",
    "it": "Da: Helios Support\nInviato: martedì 3 marzo 2026 09:14\nA: Ada\nOggetto: R: Inverter",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
@pytest.mark.parametrize("quote", ["> Which error is shown?\n> Regards", "Which error is shown?\nRegards"])
def test_history_below_an_attribution_is_not_new(attribution, quote):
    reply = split(f"It shows E07.\n\n{attribution}\n\n{quote}\n")

    assert reply.visible == "It shows E07."
    assert "Which error" in reply.quoted


@pytest.mark.parametrize("block", OUTLOOK.values(), ids=OUTLOOK.keys())
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
def test_an_outlook_header_block_starts_the_history(block, rule):
    reply = split(f"It shows E07.\n\n{rule}{block}\n\nWhich error is shown?\n")

    assert reply.visible == "It shows E07."


def test_an_attribution_folded_over_lines_is_recognised():
    reply = split("Yes.\n\nOn Tue, Mar 3, 2026 at 9:14 AM, Helios Support <\nsupport@helios.example> wrote:\n\n> Ok?\n")

    assert reply.visible == "Yes."


def test_an_answer_below_the_quote_is_what_is_new():
    reply = split("On 3 Mar 2026, at 09:14, Helios <s@helios.example> wrote:\n> Which error?\n\nE07, since Monday.\n")

    assert reply.visible == "E07, since Monday."


def test_a_question_that_is_answered_in_place_stays_visible():
    text = "Hello,\n\n> Which error?\nE07.\n\n> Since when?\nMonday.\n"

    reply = split(text)

    assert reply.visible == text.strip()


@pytest.mark.parametrize(
    "line",
    [
        "On Monday I wrote to you about the inverter and nobody answered.",
        "Our installer wrote: turn it off and on again.",
        "From: the roof it looks fine.",
        "Am Montag schrieb ich Ihnen schon einmal:",
    ],
)
def test_ordinary_sentences_are_not_taken_for_history(line):
    text = f"Hello,\n{line}\nPlease call me.\n\nAda"

    assert split(text).visible == text


@pytest.mark.parametrize(
    "text",
    [
        "See below.\n\n---------- Forwarded message ------\nFrom: Roof <r@roof.example>\nSubject: Bill\n\nYou owe us.",
        "Von: Dach GmbH\nGesendet: Montag\nAn: Ada\nBetreff: Rechnung\n\nBitte zahlen.",
        "Anfang der weitergeleiteten Nachricht:\n\n> Von: Dach\n> Bitte zahlen.",
    ],
)
def test_a_forward_keeps_what_it_forwards(text):
    assert split(text).visible == text


def test_the_signature_is_kept_apart():
    reply = split("It works again.\n\n-- \nAda Lovelace\nAnalytical Street 1\n")

    assert reply.visible == "It works again."
    assert "Analytical Street" in reply.signature


@pytest.mark.parametrize(
    "footer",
    ["Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé depuis mon téléphone", "Get Outlook for Android"],
)
def test_what_a_phone_adds_is_signature(footer):
    reply = split(f"It works again.\n\n{footer}\n")

    assert reply.visible == "It works again."
    assert footer in reply.signature


def test_text_far_below_a_phone_footer_stays_visible():
    text = "Sent from my phone, so short.\n" + "".join(f"Point {n}.\n" for n in range(9))

    assert split(text).visible == text.strip()


def test_a_mail_that_is_only_a_quote_is_shown_whole():
    assert split("> It shows E07.\n").visible == "> It shows E07."


def test_marked_html_segments_keep_their_kind():
    reply = assemble([(Part.NEW, "Thanks.\n\n-- \nAda\n"), (Part.QUOTED, "Old mail\n"), (Part.NEW, "PS: call me.\n")])

    assert reply.visible == "Thanks.\n\nPS: call me."
    assert reply.whole == "Thanks.\n\n-- \nAda\nOld mail\nPS: call me.\n"


LINES = st.sampled_from(
    [
        *ATTRIBUTIONS.values(),
        *OUTLOOK.values(),
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "##- Please type your reply above this line -##",
        "On Tue, Mar 3, 2026, Ada",
        "Ada <a@kunde.example>",
        "<a@kunde.example> wrote:",
        "This e-mail is confidential and only for the intended recipient.",
        "From: a",
        "Subject: b",
        "> old",
        "> wrote:",
        "new",
        "wrote:",
        "",
        "-- ",
        "Sent from my iPhone",
        "|",
        "___",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=40).map("\n".join))


@given(TEXTS)
def test_nothing_is_ever_lost(text):
    reply = split(text)

    assert reply.whole == text
    assert reply.visible.strip() or not text.strip()


@given(TEXTS)
def test_the_visible_lines_are_lines_of_the_text_in_their_order(text):
    rest = iter([line.strip() for line in text.splitlines()])

    assert all(line.strip() in rest for line in split(text).visible.splitlines())


@given(TEXTS, st.booleans())
def test_the_visible_part_of_a_visible_part_is_itself(text, is_forwarded):
    once = split(text, is_forwarded=is_forwarded).visible

    assert split(once, is_forwarded=is_forwarded).visible == once


HOSTILE = {
    "attributions": "On Mon 2026 wrote\n" * 20_000,
    "sure attributions": "On Mon, 2 Nov 2026 at 10:00, A <a@kunde.example> wrote:\n" * 20_000,
    "one long line": "On " + "x" * 100_000 + " wrote:",
    "quotes": ">\n" * 500_000,
    "header lines": "From: a\n" * 50_000,
    "alternating quotes": "> x\ny\n" * 50_000,
    "footers": "Sent from my iPhone\n\n" * 50_000,
    "signature marks": "a\n-- \n" * 50_000,
    "brackets": ("(" * 390 + ":\n") * 3_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bodies_are_taken_apart_whole(text):
    assert split(text).whole == text
