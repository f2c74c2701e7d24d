"""What customers write themselves and what must never be folded: a false cut is worse than a leftover."""

import pytest

from tickets.quoting import elided, is_forward_subject, split

OWN_WORDS = {
    "a date": "On Monday I wrote: please call",
    "first person": "On 20 November 2026 at 10:00 I wrote to support@helios.example:",
    "first person de": "Am 20.11.2026 um 10:00 schrieb ich Ihnen:",
    "first person fr": "Le 20 novembre 2026 à 10:00, j'ai écrit :",
    "third person": "On 20 November 2026 at 10:00 he wrote:",
    "an article": "On 20 November 2026 at 10:00 the technician wrote:",
    "ours": "On 20.11.2026 at 10:00 our installer wrote:",
    "unser": "Am 20.11.2026 um 10:00 schrieb unser Monteur:",
    "nothing sure": "Our installer wrote:",
    "a received mail": "Am 20.11.2026 um 10:00 erhielt ich diese Mail von support@helios.example:",
    "a log line": "host 192.0.2.22 [192.0.2.22]: 550 5.1.1 <ada@kunde.example>:",
    "a long sentence": "At 10:00 on 20 November 2026 we were all on the roof with the ladder when the phone rang and "
    "somebody from the office told us that support@helios.example wrote:",
    "route": "From: roof to: inverter",
    "cable list": "From: roof\nTo: inverter\nLength: 12 m",
    "delivery": "From: Munich\nTo: Berlin\nDate: Monday",
    "form": "Name: Ada\nTo: install\nSubject: roof",
    "contact form": "From: Ada <ada@kunde.example>\nSubject: roof",
    "times": "Date: 20.11.2026\nTo: Ada\nNo: 5",
    "heading": "----- Roof -----",
    "heading with label words": "----- Kitchen -----\nThe fuse is out.",
    "underline": "Roof\n====",
    "dash list": "- roof\n- inverter",
    "sent verb": "Sent the phone back yesterday, it was broken.",
    "sent from": "Sent from the roof this photo shows the crack.",
    "get": "Get Outlook running again, please.",
    "wrapped": "The photos of the roof were all\nsent from my iPhone on Monday.",
    "disclaimer": "Disclaimer: I am no electrician, but the fuse looks burnt.",
    "this mail": "This message is about the inverter.",
    "forwarded": "I forwarded your message:",
    "above": "The number above this line on the label is 4711.",
    "dash name": "Thanks\n—Ada",
    "closing": "Best regards,\nAda",
}


@pytest.mark.parametrize("words", OWN_WORDS.values(), ids=OWN_WORDS.keys())
@pytest.mark.parametrize("below", ["", "\nPlease call me.\n\nAda"], ids=["last", "inside"])
def test_a_customers_own_words_stay(words, below):
    text = f"Hello,\n\nmy inverter is dead.\n\n{words}{below}"

    assert split(text).visible == text


@pytest.mark.parametrize("words", OWN_WORDS.values(), ids=OWN_WORDS.keys())
def test_a_customers_own_words_stay_above_the_history(words):
    reply = split(f"Hello,\n{words}\n\nOn 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n\n> Which error?\n")

    assert reply.visible == f"Hello,\n{words}"


def test_the_line_right_above_an_attribution_is_the_authors():
    text = "Der Termin am 3.3.2026 passt\nAm 20.11.26 um 10:00 schrieb Helios:\n> Passt der 3.3.?\n"

    assert split(text).visible == "Der Termin am 3.3.2026 passt"


def test_dashes_between_several_sections_are_no_signature():
    text = "Roof: one tile broken.\n--\nInverter: E07.\n--\nBattery: fine.\n--\nWhen do you come?"

    assert "Inverter: E07." in split(text).visible


def test_answers_between_the_lines_keep_their_questions():
    text = "> Which error?\nE07.\n\n> Since when?\nMonday.\n\n> Regards\n> Helios\n"

    reply = split(f"On 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n\n{text}")

    assert reply.visible == "> Which error?\nE07.\n\n> Since when?\nMonday."


def test_a_long_quote_between_two_passages_is_folded():
    quote = "> old\n" * 80

    assert split(f"Yes.\n\n{quote}\nSee you.").visible == "Yes.\n\n\nSee you."


FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: Roof <r@roof.example>\nSubject: Bill\n\nYou owe us.",
    "thunderbird de": "-------- Weitergeleitete Nachricht --------\nBetreff: Rechnung\nVon: Dach\n\nBitte zahlen.",
    "thunderbird fr": "-------- Message transféré --------\nSujet : Facture\nDe : Toit\n\nÀ payer.",
    "apple": "> Begin forwarded message:\n> \n> From: Roof <r@roof.example>\n> Subject: Bill\n> \n> You owe us.",
    "apple es": "Inicio del mensaje reenviado:\n\nDe: Techo <r@roof.example>\nAsunto: Factura\n\nDebe pagar.",
    "apple ja": "転送されたメッセージ：\n\n差出人: Roof <r@roof.example>\n件名: Bill\n\n> You owe us.",
    "zoho": "============ Forwarded message ============\nFrom: Roof <r@roof.example>\n\nYou owe us.\n-- \nRoof",
    "notes": "----- Forwarded by Ada/Home on 11/20/2026 10:00 AM -----\n\nYou owe us.",
    "an older reply inside": "---------- Forwarded message ---------\nFrom: Roof\n\nYes.\n\n"
    "On 20 Nov 2026 at 10:00, Ada <ada@kunde.example> wrote:\n\n> Do I owe you?",
}


@pytest.mark.parametrize("text", FORWARDS.values(), ids=FORWARDS.keys())
def test_what_a_forward_carries_is_visible(text):
    assert split(f"Is this right?\n\n{text}").visible == f"Is this right?\n\n{text}"


def test_outlook_marks_a_forward_only_in_the_subject():
    text = "Is this right?\n\nFrom: Roof <r@roof.example>\nSent: Friday 10:00\nTo: Ada\nSubject: Bill\n\nYou owe us."

    assert split(text).visible == "Is this right?"
    assert split(text, is_forwarded=True).visible == text


def test_a_forward_within_the_history_is_history():
    reply = split(
        "Thanks.\n\nOn 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n\n> See below.\n>\n"
        "> ---------- Forwarded message ---------\n> From: Roof <r@roof.example>\n> You owe us.\n"
    )

    assert reply.visible == "Thanks."


@pytest.mark.parametrize("subject", ["Fwd: Bill", "FW: Bill", "WG: Rechnung", "TR : Facture", "RV: x", "[x] Fwd: Bill"])
def test_the_subject_of_a_forward(subject):
    assert is_forward_subject(subject)


@pytest.mark.parametrize("subject", ["Re: Fwd: Bill", "AW: WG: x", "Forward facing roof", "I need help", ""])
def test_the_subject_of_something_else(subject):
    assert not is_forward_subject(subject)


def test_what_is_folded_can_be_had_back():
    text = "It works.\n\nOn 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n\n> E07?\n\n-- \nAda\n"

    folded = elided(text, split(text).visible)

    assert folded.startswith("On 20 Nov 2026")
    assert folded.endswith("-- \nAda")
    assert elided(text, "Words from another version of the body") == text.strip()
