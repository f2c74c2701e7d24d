"""Senders who pose as the desk or somebody in it, and the many who resemble it without meaning to."""

import pytest

from tests.rules.mails import a_mail
from tickets.authenticity import SEVERAL_SENDERS, WarningKind, sender_warnings
from tickets.cautions import GRAVE
from tickets.mail import Address

NAMES = ("Ada Keller", "Helios Support", "Ian McIntyre", "Solardesk")
CUSTOMERS = ("sunfield.example", "keller.example", "gmail.com", "gmx.de", "yahoo.com", "mail.com")


def kinds(
    address: str, name: str = "", own: tuple[str, ...] = ("helios.example",), defects: tuple[str, ...] = ()
) -> list[WarningKind]:
    mail = a_mail(sender=Address(name, address), defects=defects)
    found = sender_warnings(mail, own_domains=own, operator_names=NAMES, known=CUSTOMERS)
    return [warning.kind for warning in found]


@pytest.mark.parametrize(
    "domain",
    [
        "helios.example.evil.com",
        "mail.helios.example.evil.co.uk",
        "he1ios.example.evil.com",
        "helios.example.com",
        "helios-support.example",
        "helios-support.com",
        "helios-whatever.example",
        "support-helios.net",
        "heliossupport.com",
        "heliosrechnung.de",
        "helios-clients.fr",
        "he1ios-support.com",
        "helios-example.com",
        "helios.exarnple",
        "he1ios.exarnple",
        "heilos.exarnple",
        "helios.ex\u0430mple",  # Cyrillic
        "helios.co",
        "helios.co.uk",
        "he1ios.co",
        "he\u200blios.example",
        "\uff48elios.example",  # fullwidth
        "sunfield.exarnple",  # a customer's
        "sunfield.example.evil.com",
        "gmail.corn",
    ],
)
def test_a_domain_that_is_read_as_the_desks_or_a_customers_is_named(domain: str) -> None:
    assert WarningKind.LOOK_ALIKE in kinds(f"a@{domain}")


@pytest.mark.parametrize(
    "name",
    [
        "\u0410da Keller",  # Cyrillic
        "\u0391da \u039aeller",  # Greek
        "\uff21\uff44\uff41 \uff2beller",  # fullwidth
        "A\u200bda Kel\u200bler",
        "Ada\u2060 Kel\u00adler",
        "\u202eAda Keller\u202c",
        "\U0001d400da Keller",  # mathematical bold
        "AdaKeller",
        "ada.keller",
        "Ada KeIler",  # a capital I
        "HeliosSupport",
        "\u0397elios Support",  # Greek, whose small form looks like another letter
        "HELIOSSUPPORT Team",
        "Helios\u3164Support",
        "Sol\u0430r Desk",
        "IAN MCINTYRE",
    ],
)
def test_a_name_of_the_desks_is_recognised_however_it_is_written(name: str) -> None:
    assert kinds("eve@evil.test", name) == [WarningKind.BORROWED_NAME]
    assert kinds("ada@helios.example", name) == []


@pytest.mark.parametrize(
    "name",
    [
        "support(at)helios.example",
        "support [at] helios.example",
        "support AT helios.example",
        "support_at_helios.example",
        "support @ helios . example",
        "support at helios dot example",
        "support(at)helios(dot)example",
        "support\uff20helios.example",
        "sup\u200bport@hel\u200bios.example",
        "b\u00fcro {at} mail.helios.example",
        "supp\u043ert(at)heli\u043es.example",  # Cyrillic
        "supporthelios.example",  # what is left of an unquoted (at)
        "helios.example",
        "The team of helios.example",
    ],
)
def test_an_address_of_the_desks_in_a_strangers_name_is_recognised_however_it_is_written(name: str) -> None:
    assert kinds("eve@evil.test", name)[:1] == [WarningKind.OTHER_ADDRESS_SHOWN]


def test_the_warning_shows_the_address_as_it_is_meant() -> None:
    mail = a_mail(sender=Address("Support(AT)helios.example", "eve@evil.test"))

    (warning,) = sender_warnings(mail, own_domains=["helios.example"])

    assert warning.text == "The name shows support@helios.example, but the mail came from eve@evil.test."


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ada@helios.example", "Ada Keller"),
        ("support@mail.helios.example", "support(at)helios.example"),
        ("ana@helio.test", "Ana"),
        ("ana@heliostat.test", "Ana"),
        ("ana@heliosat.com", "Ana"),
        ("ana@helion.com", "Ana"),
        ("ana@perihelios.test", "Ana"),
        ("ana@helios-klinik.de", "Ana"),
        ("ana@gmail.de", "Ana"),
        ("ana@gmx.net", "Ana"),
        ("ana@gmx.at", "Ana"),
        ("ana@yahoo.com.br", "Ana"),
        ("ana@yahoo.co.uk", "Ana"),
        ("ana@ymail.com", "Ana"),
        ("ana@web.de", "Ana"),
        ("ana@sunfield.test", "Ana"),
        ("ana@sunfield-solar.example", "Ana"),
        ("ana@sunfieldservice.example", "Ana"),
        ("ana@keller.test", "Ana Keller"),
        ("ana@example.com", "Ana"),
        ("ana@shop.example.com", "Ana"),
        ("ada@keller.example", "Ada"),
        ("ada@keller.example", "Ada Kellermann"),
        ("eva@keller.example", "Eva Keller"),
        ("h@evil.test", "Helios"),
        ("h@evil.test", "Support"),
        ("h@evil.test", "Helios Klinik"),
        ("h@firm.test", "Support at Home"),
        ("h@firm.test", "Ana at Sunfield"),
        ("h@firm.test", "Kunst (at) Firma"),
        ("h@firm.test", "Ana @ home"),
        ("h@firm.test", "Dot Keller"),
        ("h@firm.test", "Dr. Ana M. Keller"),
        ("h@firm.test", "perihelios.example"),
        ("h@firm.test", "helios.examples"),
        ("h@firm.test", "Friends of Solardesk"),
        ("h@firm.test", "\u0410\u0434\u0430 \u041a\u0435\u043b\u043b\u0435\u0440"),  # a whole Cyrillic name
        ("h@firm.test", "\u0395\u03bb\u03ad\u03bd\u03b7 \u03a0\u03b1\u03c0\u03ac"),
        ("h@firm.test", "\u7530\u4e2d \u592a\u90ce"),
        ("h@firm.test", "\U0001f469\u200d\U0001f527 Ana"),
        ("h@m\u00fcller.test", "J\u00fcrgen M\u00fcller"),
        ("ana@m\u00fcller.test", "ana@mu\u0308ller.test"),
        ("ana@mu\u0308ller.test", "ana@mu\u0308ller.test"),
        ("", ""),
    ],
)
def test_a_harmless_sender_raises_no_doubt(address: str, name: str) -> None:
    assert kinds(address, name) == []


@pytest.mark.parametrize(
    ("own", "address", "name"),
    [
        ("gmx.de", "ana@gmx.net", ""),
        ("gmx.de", "ana@gmx.at", ""),
        ("gmail.com", "ana@gmail.de", ""),
        ("web.de", "ana@web-service.de", ""),
        ("gmail.com", "ana@firm.test", "ana.keller gmail.com"),
        ("a.de", "ana@firm.test", "firma.de"),
        ("abc.de", "ana@abc.com", ""),
        ("sun.example", "ana@sun-energy.example", ""),
        ("solar.example", "ana@mysolar.example", ""),
        ("", "ana@firm.test", "Ana"),
        ("localhost", "ana@firm.test", "Ana"),
    ],
)
def test_a_desk_at_a_provider_or_with_a_short_name_doubts_no_neighbours(own: str, address: str, name: str) -> None:
    assert kinds(address, name, own=(own,)) == []


def test_a_provider_whose_domain_stands_ahead_of_another_is_named_even_so() -> None:
    assert kinds("ana@gmail.com.evil.test", own=("gmail.com",)) == [WarningKind.LOOK_ALIKE]


def test_several_domains_of_the_desks_own_do_not_doubt_each_other() -> None:
    assert kinds("ada@helios.co", "Ada Keller", own=("helios.example", "helios.co")) == []


def test_a_mail_of_several_senders_is_named_first_and_says_whom_the_reply_reaches() -> None:
    mail = a_mail(sender=Address("Ceo", "ceo@he1ios.example"), defects=(SEVERAL_SENDERS,))

    first, second = sender_warnings(mail, own_domains=["helios.example"])

    assert (first.kind, second.kind) == (WarningKind.SEVERAL_SENDERS, WarningKind.LOOK_ALIKE)
    assert "ceo@he1ios.example" in first.text


def test_whoever_may_pretend_to_be_somebody_else_has_to_be_confirmed() -> None:
    only_informs = {WarningKind.REPLY_TO_ELSEWHERE, WarningKind.OTHER_PERSON}

    assert set(GRAVE) == set(WarningKind) - only_informs


def test_a_very_long_name_is_read_all_the_same() -> None:
    assert kinds("eve@evil.test", "Ada Keller " + "x " * 2_000) == [WarningKind.BORROWED_NAME]
    assert kinds("eve@evil.test", " . " * 1_300 + "(" * 500) == []
