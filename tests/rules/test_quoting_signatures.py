"""Signatures, what phones and mail apps add, and legal notices."""

import pytest

from tickets.quoting import split

FOOTERS = [
    "Sent from my iPhone",
    "Sent from my Galaxy",
    "Sent from my TI-85",
    "sent from a mobile device",
    "(Sent from my phone)",
    "Sent from Outlook for iOS<https://apps.example/ios>",
    "Sent from [Mail](https://apps.example/mail) for Windows",
    "Sent from Yahoo Mail for iPhone",
    "Sent from Proton Mail for Android.",
    "Sent with [Proton Mail](https://apps.example/p) secure email.",
    "Sent via Superhuman",
    "Get Outlook for iOS",
    "Get [Outlook for Android](https://apps.example/android)",
    "Get BlueMail for Android",
    "Von meinem iPhone gesendet",
    "Von meinem/meiner Galaxy gesendet",
    "Gesendet von Mail für Windows",
    "Gesendet mit der GMX Mail App",
    "Holen Sie sich Outlook für iOS",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon appareil Galaxy",
    "Envoyé à partir de Outlook pour Android",
    "Télécharger Outlook pour iOS",
    "Enviado desde mi iPhone",
    "Enviado desde Outlook para Android",
    "Obtener Outlook para iOS",
    "Enviado do meu iPhone",
    "Obter o Outlook para Android",
    "Inviato da iPhone",
    "Inviato dal mio telefono Huawei",
    "Scarica Outlook per iOS",
    "Verstuurd vanaf mijn iPhone",
    "Outlook voor Android",
    "Skickat från min iPhone",
    "Hämta Outlook för iOS",
    "Sendt fra min iPhone",
    "Hent Outlook til Android",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Pobierz Outlook dla Android",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "Az iPhone-omról küldve",
    "Trimis de pe iPhone-ul meu",
    "Στάλθηκε από το iPhone μου",
    "iPhoneから送信",
    "发自我的 iPhone",
    "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄",
    "Virus-free.www.avast.com",
]
NOTICES = {
    "en": "CONFIDENTIALITY NOTICE: This e-mail is intended only for the recipient.\nAny disclosure is prohibited.",
    "en untitled": "This e-mail and any attachments are confidential and may be privileged. If you are not the\n"
    "intended recipient, delete it.",
    "de": "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der Empfänger sind oder sie irrtümlich\n"
    "erhalten haben, löschen Sie sie.",
    "fr": "Ce message est confidentiel et réservé à son destinataire. Toute divulgation est interdite.",
    "es": "AVISO LEGAL: Este mensaje es confidencial y va dirigido a su destinatario.",
    "it": "Questo messaggio è riservato al destinatario. È vietata la divulgazione.",
}


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_a_phone_or_an_app_adds_is_signature(footer):
    reply = split(f"It works again.\n\n{footer}\n")

    assert reply.visible == "It works again."
    assert footer in reply.signature


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_above_the_history_is_folded_too(footer):
    history = "On 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n> Does it work?\n"

    assert split(f"It works again.\n\n{footer}\n\n{history}").visible == "It works again."


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())
@pytest.mark.parametrize("rule", ["", "________________\n"], ids=["bare", "ruled"])
def test_a_plainly_marked_legal_notice_is_folded(notice, rule):
    assert split(f"It works again.\n\nAda\n\n{rule}{notice}\n").visible == "It works again.\n\nAda"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAda Lovelace\nAnalytical Street 1",
        "--\nAda\n\nSent from my iPhone",
        "Sent from my iPhone\n-- \nAda\nStreet 1\nCity\nPhone\nWeb",
        "-- \nAda\n\n-- \nYou received this message because you are subscribed to the group.",
        "_______________________________________________\nsolar mailing list\nsolar@lists.example",
    ],
)
def test_a_signature_with_its_parts_is_folded(signature):
    reply = split(f"It works again.\n\n{signature}\n")

    assert reply.visible == "It works again."
    assert reply.signature.strip() == signature


def test_a_signature_between_answer_and_history_is_folded():
    text = "It works again.\n\n-- \nAda\n\nOn 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n\n> And?\n"

    assert split(text).visible == "It works again."


def test_a_mail_with_nothing_but_a_signature_shows_it():
    text = "On 20 Nov 2026 at 10:00, Helios <s@helios.example> wrote:\n> And?\n\n-- \nAda\n"

    assert split(text).visible == "-- \nAda"


def test_a_forward_under_a_bare_signature_is_shown_whole():
    text = "-- \nAda\n\nFrom: Roof <r@roof.example>\nSent: Friday 10:00\nTo: Ada\nSubject: Bill\n\nYou owe us."

    assert "You owe us." in split(text).visible
