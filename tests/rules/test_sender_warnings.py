"""What a careful reader would notice about a sender."""

import pytest

from tests.rules.mails import a_mail
from tickets.authenticity import SenderWarning, WarningKind, reply_to_redirect, sender_warnings
from tickets.mail import Address, Mail

OWN = ("helios-solar.example",)
CUSTOMERS = ("sunfield.example", "keller.example", "gmail.com", "gmx.de")
NAMES = ("Bea Lindqvist", "Helios Support", "Solardesk")


def warned(mail: Mail) -> tuple[SenderWarning, ...]:
    return sender_warnings(mail, own_domains=OWN, operator_names=NAMES, known=CUSTOMERS)


def kinds(sender: str, name: str = "") -> list[WarningKind]:
    return [warning.kind for warning in warned(a_mail(sender=Address(name, sender)))]


@pytest.mark.parametrize(
    "domain",
    [
        "he1ios-solar.example",
        "helios-s0lar.example",
        "heliossolar.example",
        "helios-sollar.example",
        "helios-solra.example",
        "helios-soar.example",
        "helios-solar.example".replace("o", "\u043e"),  # Cyrillic
        "h\u00e9lios-solar.example",
        "mail.helios-so1ar.example",
        "sunfie1d.example",
        "sunfleld.example",
        "kel1er.example",
        "gmai1.com",
        "gmial.com",
    ],
)
def test_a_domain_that_looks_like_ours_or_a_customers_is_named(domain: str) -> None:
    assert WarningKind.LOOK_ALIKE in kinds(f"ana@{domain}")


@pytest.mark.parametrize(
    "domain",
    [
        "helios-solar.example",
        "mail.helios-solar.example",
        "solarium.example",
        "example.net",
        "m\u00fcller.example",
        "gmail.com",
        "mail.com",
        "ymail.com",
        "gmx.net",
        "gmx.at",
        "",
    ],
)
def test_a_domain_of_its_own_raises_no_doubt(domain: str) -> None:
    assert kinds(f"ana@{domain}") == []


def test_look_alike_letters_are_shown_as_they_go_over_the_wire() -> None:
    sender = Address("", "ana@" + "helios-solar.example".replace("a", "\u0430"))

    look_alike, mixed = warned(a_mail(sender=sender))

    assert "xn--" in look_alike.text
    assert "helios-solar.example, your own" in look_alike.text
    assert (mixed.kind, "xn--" in mixed.text) == (WarningKind.MIXED_LETTERS, True)


def test_an_encoded_domain_is_read_before_it_is_compared() -> None:
    encoded = ("helios-solar.example".replace("o", "\u043e")).encode("idna").decode()

    assert WarningKind.LOOK_ALIKE in kinds(f"ana@{encoded}")
    assert kinds("ana@xn--mller-kva.example") == []
    assert kinds("ana@xn--\u00e9.example") == []


@pytest.mark.parametrize(
    ("name", "is_doubtful"),
    [
        ("ceo@helios-solar.example", True),
        ("CEO <ceo@bank.example>", True),
        ("ana@example.net", False),
        ("Ana @ home", False),
        ("", False),
    ],
)
def test_a_name_that_shows_another_address_is_named(name: str, is_doubtful: bool) -> None:
    assert (kinds("ana@example.net", name) == [WarningKind.OTHER_ADDRESS_SHOWN]) is is_doubtful


@pytest.mark.parametrize(
    ("name", "is_borrowed"),
    [
        ("Bea Lindqvist", True),
        ("LINDQVIST, Béa", True),
        ("Helios Support Team", True),
        ("Solardesk", True),
        ("Bea", False),
        ("Bea Keller", False),
        ("Friends of Solardesk", False),
    ],
)
def test_a_colleagues_or_the_desks_name_on_a_foreign_address_is_named(name: str, is_borrowed: bool) -> None:
    assert (kinds("x@example.net", name) == [WarningKind.BORROWED_NAME]) is is_borrowed
    assert kinds("bea@helios-solar.example", name) == []


@pytest.mark.parametrize(
    ("reply_to", "elsewhere"),
    [
        ((), None),
        (("ana@example.net",), None),
        (("office@mail.example.net",), None),
        (("ana@attacker.example",), "ana@attacker.example"),
        (("ana@example.net", "x@attacker.example"), "x@attacker.example"),
    ],
)
def test_an_answer_that_would_go_to_another_organisation_is_named(
    reply_to: tuple[str, ...], elsewhere: str | None
) -> None:
    mail = a_mail(reply_to=tuple(Address("", each) for each in reply_to))

    redirect = reply_to_redirect(mail)

    assert (redirect.address if redirect else None) == elsewhere
    assert [warning.kind for warning in warned(mail)] == [WarningKind.REPLY_TO_ELSEWHERE] * bool(elsewhere)


def test_who_is_not_the_requester_is_named_so_that_nothing_is_told_to_the_wrong_person() -> None:
    requester = Address("Ana Keller", "ana@example.net")
    mail = a_mail(sender=Address("Ben", "ben@example.net"))

    (warning,) = sender_warnings(mail, requester=requester)

    assert warning.kind is WarningKind.OTHER_PERSON
    assert "Ben" in warning.text
    assert "Ana Keller" in warning.text
    assert sender_warnings(a_mail(), requester=requester) == ()
