"""What says thank you and nothing else, and what says a word more."""

import pytest

from tests.rules.mails import a_mail
from tickets.mail import Address, Attachment
from tickets.thanks import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you very much!",
        "Hi Tom, thanks a lot!",
        "Hi Tom,\n\nthank you for the quick reply!\n\nBest regards,\n\nAna Keller\nKeller GmbH",
        "Dear Ms Maier,\nthank you so much.\nA. Keller",
        "Thank you 👍",
        "👍🏻",
        "Thanks,\nAna",
        "Thanks!\nHave a nice weekend\nAna\nSent from my iPhone",
        "Vielen Dank für die schnelle Hilfe!\n\nMit freundlichen Grüßen\nAna Keller",
        "Danke euch!\nLG Ana",
        "Bonjour,\nmerci pour votre réponse rapide.\nCordialement",
        "Muchas gracias por su ayuda.",
        "Grazie mille!",
        "Obrigado!",
        "Hartelijk dank voor de snelle reactie",
        "Tack så mycket!",
        "Mange tak for hjælpen",
        "Kiitos avusta!",
        "Dziękuję bardzo za pomoc",
        "Děkuji!",
        "Спасибо большое!",
        "ありがとうございます。",
        "谢谢！",
        "감사합니다.",
        "شكراً جزيلاً",
        "תודה רבה!",
        "बहुत धन्यवाद।",
        "Cảm ơn bạn",
        "Благодаря ви!",
        "ขอบคุณครับ",
        "Terima kasih banyak",
        "Mulțumesc mult",
        "Σας ευχαριστώ πολύ",
        "Köszönöm szépen a gyors választ",
    ],
)
def test_bare_thanks_are_known_in_many_languages(text: str) -> None:
    assert is_thanks(a_mail(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Great.",
        "No, thanks.",
        "Thanks in advance.",
        "Thanks, but it still fails.",
        "Thanks. Does it work at night?",
        "Thanks. Call me at 555 1234.",
        "Thanks! 0170 5551234",
        "Thank you for nothing.",
        "Thanks, please close my account.",
        "Hello it fails\nthanks",
        "Hi,\nit still fails\nthanks",
        "Danke, und wann kommt der Techniker",
        "Danke, geht aber nicht.",
        "Vielen Dank im Voraus.",
        "Merci d'avance.",
        "Gracias de antemano.",
        "ありがとうございます。まだ動きません。",
        "谢谢，还是不行",
        "Thank you!\n\nBest regards\nAna\n\nPS: When will the invoice come?",
        "Vielen Dank!\n\nViele Grüße\nAna\n\nPS: Der Wechselrichter brennt. Bitte rufen Sie mich an.",
        "Thanks!\nBest would be that you call me back today",
        "Danke!\nLiebe Grüße\nund bitte stornieren Sie meinen Auftrag",
        "Danke!\nLiebe Grüße\nBitte Stornieren",
        "Danke!\nViele Grüße und Storno",
        "Thanks\nSent from my inverter, please help",
        "Hi Please Cancel Everything Now, thanks",
        "Dear Ms Maier Please Call\nthanks",
        "Help! Thanks",
        "Quick reply, thanks",
        "Thanks. Ana calls",
        "Thanks\nBest regards\nAna\nAna\nAna\nAna Keller\nCall",
        "Danke, läuft wieder nicht",
        "Thank you very much, that works now.",
        "Thanks :(",
        "Thanks 👎",
        "👍 1",
        "धन्यवाद, इन्वर्टर बंद है",
        "شكرا لكن لا يعمل",
    ],
)
def test_a_word_more_makes_it_a_mail_to_read(text: str) -> None:
    assert not is_thanks(a_mail(text))


@pytest.mark.parametrize(
    "text", ["Yes, sure. Thanks!", "Ja, gerne. Danke!", "Ok thanks", "Great, thanks!", "Oui, merci"]
)
def test_whoever_agrees_answers_a_question(text: str) -> None:
    assert not is_thanks(a_mail(text))


def test_only_the_senders_own_name_signs() -> None:
    assert is_thanks(a_mail("Thanks\nBest regards\nJo", sender=Address("Jo", "jo@example.net")))
    assert not is_thanks(a_mail("Thanks\nBest regards\nJo"))


def test_a_subject_of_the_senders_own_is_read_too() -> None:
    assert is_thanks(a_mail("Thanks!", subject="Re: Please call me"))
    assert is_thanks(a_mail("Thanks!", subject="Thank you"))
    assert not is_thanks(a_mail("Thanks!", subject="Please call me"))


def test_thanks_with_a_photo_are_more_than_thanks() -> None:
    photo = Attachment("roof.jpg", "image/jpeg", 5, "a" * 64)

    assert not is_thanks(a_mail("Thanks!", attachments=(photo,)))
    assert is_thanks(a_mail("Thanks!", attachments=(Attachment("logo.png", "image/png", 5, "b" * 64, "c", True),)))
    assert not is_thanks(
        a_mail("Thanks!", attachments=(Attachment("p.png", "image/png", 90_000, "b" * 64, "c", True),))
    )


def test_only_what_the_author_wrote_this_time_counts() -> None:
    assert is_thanks(a_mail("Thanks!\n\n> Did you restart it?", visible_text="Thanks!"))
