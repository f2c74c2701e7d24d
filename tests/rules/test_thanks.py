"""What says thank you and nothing else, and what says a word more."""

import pytest

from tests.rules.mails import a_mail
from tickets.mail import Attachment
from tickets.thanks import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you very much, that works now.",
        "Hi Tom, thanks a lot!",
        "Hi Tom,\n\nthank you for the quick reply!\n\nBest regards\nAna Keller\nKeller GmbH\nTel. 030 123",
        "Thank you 👍",
        "Perfect, thank you.\nAna",
        "Vielen Dank für die schnelle Hilfe, jetzt funktioniert alles.\n\nMit freundlichen Grüßen\nAna Keller",
        "Super, danke euch!\nLG Ana",
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
    ],
)
def test_a_word_more_makes_it_a_mail_to_read(text: str) -> None:
    assert not is_thanks(a_mail(text))


def test_thanks_with_a_photo_are_more_than_thanks() -> None:
    photo = Attachment("roof.jpg", "image/jpeg", 5, "a" * 64)

    assert not is_thanks(a_mail("Thanks!", attachments=(photo,)))
    assert is_thanks(a_mail("Thanks!", attachments=(Attachment("logo.png", "image/png", 5, "b" * 64, "c", True),)))


def test_only_what_the_author_wrote_this_time_counts() -> None:
    assert is_thanks(a_mail("Thanks!\n\n> Did you restart it?", visible_text="Thanks!"))
