"""Which mail a machine wrote, which is sent to many, and which is a customer's after all."""

import pytest

from tests.rules.mails import a_mail, with_headers
from tickets.automatic import (
    automatic_facts,
    is_auto_reply,
    is_from_a_machine,
    is_list,
    is_own_list,
    must_not_be_answered,
    suppress_automatic_answer,
)
from tickets.mail import Address, Mail

OWN = frozenset({"support@helios.example"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Away"},
        {"X_Autoresponder": "1"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
        {"Precedence": "auto_reply"},
        {"X_Apple_Action": "VACATION/reply"},
        {"X_POST_MessageClass": "9; Autoresponder"},
        {"X_Amazon_Auto_Reply": "true"},
    ],
)
def test_automatic_replies_are_known_by_their_headers(headers: dict[str, str]) -> None:
    mail = with_headers(**headers)

    assert is_auto_reply(mail)
    assert suppress_automatic_answer(mail)
    assert must_not_be_answered(mail)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No (a person)"},
        {"X_Autoreply": "no"},
        {"X_Auto_Response_Suppress": "DR, RN, NRN"},
        {"X_Auto_Response_Suppress": "None"},
        {"X_Loop": "x@example.org"},
        {"Precedence": "bulk"},
        {"Precedence": "list", "List_Id": "<users.example.org>", "X_Auto_Response_Suppress": "All"},
    ],
)
def test_nothing_else_is_called_an_automatic_reply(headers: dict[str, str]) -> None:
    assert not is_auto_reply(with_headers(**headers))


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: Your invoice", "I am out of the office until Monday."),
        ("Out of Office: Re: Offer", "I have limited access to my e-mail."),
        ("Automatische Antwort: Ihr Angebot", "Ich bin derzeit nicht im Büro."),
        ("Abwesenheitsnotiz", "Ich bin im Urlaub."),
        ("Réponse automatique : Devis", "Je suis absente jusqu'au 3 mai."),
        ("Respuesta automática: Oferta", "Estoy de vacaciones."),
        ("Risposta automatica: Offerta", "Sono assente fino a lunedì."),
        ("Automatisch antwoord: offerte", "Ik ben afwezig."),
        ("Autosvar: Tilbud", "Jeg er på ferie."),
        ("Automatyczna odpowiedź: Oferta", "Jestem poza biurem."),
        ("自動返信", "休暇をいただいております。"),
    ],
)
def test_an_out_of_office_without_headers_is_known_when_subject_and_text_agree(subject: str, text: str) -> None:
    assert is_auto_reply(a_mail(text, subject=subject))
    assert not is_auto_reply(a_mail("Which inverter fits?", subject=subject)), "a subject alone is not enough"
    assert not is_auto_reply(a_mail(text, subject="When can you come?")), "nor is the text"


@pytest.mark.parametrize(
    "mail",
    [
        a_mail("The panel on our office is out of order.", subject="Out of office hours the inverter beeps"),
        a_mail("We are on holiday until 3 May. Could you come after that?", subject="Appointment"),
        a_mail("Bitte wechseln Sie die Sicherung.", subject="Automatische Abschaltung"),
        a_mail("I am out of the office until Monday, please come on Tuesday.", subject="Out of office next week"),
        a_mail("Je suis absente le 3 mai. Pouvez-vous venir le 4 ?", subject="Absence du bureau"),
        a_mail("Ich bin im Urlaub. Kommen Sie bitte danach.", subject="Urlaub und Wartung"),
    ],
)
def test_a_customer_who_speaks_of_offices_and_holidays_is_a_customer(mail: Mail) -> None:
    assert not must_not_be_answered(mail)


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Id": "<news.example.org>"},
        {"List_Post": "<mailto:all@example.org>"},
        {"Precedence": "List"},
        {"Precedence": "bulk"},
        {"Precedence": "junk"},
        {"List_Unsubscribe": "<x>", "List_Unsubscribe_Post": "List-Unsubscribe=One-Click", "Feedback_ID": "1:news"},
    ],
)
def test_list_mail_is_no_automatic_reply_but_is_not_answered_either(headers: dict[str, str]) -> None:
    mail = with_headers(**headers)

    assert (is_list(mail), is_auto_reply(mail), must_not_be_answered(mail)) == (True, False, True)


@pytest.mark.parametrize("sender", ["newsletter@shop.example", "news@shop.example", "no-reply@shop.example"])
def test_a_newsletter_without_list_id_is_known_by_its_sender(sender: str) -> None:
    mail = a_mail(sender=Address("Shop", sender), headers={"list-unsubscribe": "<x>"})

    assert is_list(mail)


@pytest.mark.parametrize("sender", ["ana@example.net", "newman@example.net", "bouncer@example.net"])
def test_a_customer_whose_mail_service_adds_an_unsubscribe_link_is_not_lost(sender: str) -> None:
    mail = a_mail(sender=Address("", sender), headers={"list-unsubscribe": "<x>"})

    assert not must_not_be_answered(mail)


@pytest.mark.parametrize(
    ("list_id", "is_ours"),
    [
        ("Support <support.helios.example>", True),
        ("<help.groups.helios.example>", True),
        ("<support.nothelios.example>", False),
        ("<helios.example.lists.example>", False),
        ("", False),
    ],
)
def test_the_desks_own_group_is_a_way_in_for_customers(list_id: str, is_ours: bool) -> None:
    assert is_own_list(with_headers(List_Id=list_id), OWN) is is_ours


@pytest.mark.parametrize("envelope", ["<>", " <> ", "<MAILER-DAEMON>"])
def test_a_null_return_path_is_never_answered(envelope: str) -> None:
    assert must_not_be_answered(with_headers(Return_Path=envelope))
    assert not must_not_be_answered(with_headers(Return_Path="<ana@example.net>"))


READ = "Your message\n\n   To: support\n   Subject: Re: When?\n   Sent: Friday, 20 November 2026 09:12\n\n"


@pytest.mark.parametrize(
    "mail",
    [
        a_mail("It was displayed.", subject="Re: Offer", defects=("ReadReceipt",)),
        a_mail(READ + "was read on Friday, 20 November 2026 10:03:12 (UTC+01:00).\n", subject="Read: Re: When?"),
        a_mail(READ + "was deleted without being read on 20 November 2026 10:03.", subject="Not read: Re: When?"),
        a_mail("Ihre Nachricht\n\nAn: Service\nBetreff: x\n\nwurde am 20.11.2026 10:03 gelesen.", subject="Gelesen: x"),
        a_mail("Votre message\n\n  Objet : x\n\na été lu le 20/11/2026 10:03.", subject="Lu : x"),
    ],
)
def test_a_receipt_for_reading_is_a_machines(mail: Mail) -> None:
    assert is_from_a_machine(mail)
    assert suppress_automatic_answer(mail)


@pytest.mark.parametrize(
    "mail",
    [
        a_mail("Your message was read on my phone. Please call me.", subject="Read: Offer"),
        a_mail(READ + "was read on Friday, 20 November 2026.\n\nPlease call me.", subject="Read: Re: When?"),
        a_mail(READ + "was read on Friday, 20 November 2026.", subject="What is this"),
        a_mail("The meter is read by whom?", subject="Read: meter"),
    ],
)
def test_a_customer_who_writes_of_reading_is_a_customer(mail: Mail) -> None:
    assert not must_not_be_answered(mail)


def test_our_own_reply_that_comes_back_is_never_answered() -> None:
    assert must_not_be_answered(with_headers(X_CA_Send_Id="d5f4"))


def test_the_three_facts_are_told_apart() -> None:
    asks_for_none = automatic_facts(with_headers(X_Auto_Response_Suppress="DR"))
    newsletter = automatic_facts(with_headers(List_Id="<n.x>"))

    assert (asks_for_none.suppress_automatic_answer, asks_for_none.is_auto_reply, asks_for_none.is_list) == (
        True,
        False,
        False,
    )
    assert (newsletter.suppress_automatic_answer, newsletter.is_auto_reply, newsletter.is_list) == (True, False, True)
