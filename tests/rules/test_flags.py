"""What a draft states without a source is flagged, and what has one is not."""

import pytest

from tickets.flags import flags_of
from tickets.ticket import Flag


def flagged(body: str, *sources: str, customer: str = "", allowed: str = "") -> list[tuple[str, str]]:
    return [(flag.kind, flag.text) for flag in flags(body, *sources, customer=customer, allowed=allowed)]


def flags(body: str, *sources: str, customer: str = "", allowed: str = "") -> tuple[Flag, ...]:
    return flags_of(body, sources=sources, customer=[customer], allowed=[allowed])


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("Pay at https://pay.example/login?x=1.", "link", "https://pay.example/login?x=1"),
        ("Look at www.evil.example/a, please.", "link", "www.evil.example/a"),
        ("Look at pay-verify.evil.com for it.", "link", "pay-verify.evil.com"),
        ("Look at bit.zz/abc now", "link", "bit.zz/abc"),
        ("Write to boss@evil.example!", "address", "boss@evil.example"),
        ("Call +49 30 1234 567.", "phone", "+49 30 1234 567"),
        ("Call 030/1234567 or write.", "phone", "030/1234567"),
        ("Call (0800) 123 456.", "phone", "(0800) 123 456"),
        ("Pay to DE89 3704 0044 0532 0130 00.", "iban", "DE89 3704 0044 0532 0130 00"),
        ("Pay to gb29nwbk60161331926819 today", "iban", "gb29nwbk60161331926819"),
        ("It costs 1.240,00 EUR.", "amount", "1.240,00 EUR"),
        ("It costs €99.", "amount", "€99"),
        ("It costs 30 Euro extra.", "amount", "30 Euro"),
        ("You get 15 % off.", "percentage", "15 %"),
        ("You get 15 percent off.", "percentage", "15 percent"),
        ("We come on 12.03.2027.", "date", "12.03.2027"),
        ("We come on 2027-03-12.", "date", "2027-03-12"),
        ("We come on March 3rd, 2027.", "date", "March 3rd, 2027"),
        ("Wir kommen am 3. März.", "date", "3. März"),
        ("Nous venons le 3 juin 2027.", "date", "3 juin 2027"),
        ("Your order A-2027-01855 is on its way", "code", "A-2027-01855"),
        ("Invoice 2027-118 is paid", "code", "2027-118"),
        ("Use code 4711998 there", "code", "4711998"),
    ],
)
def test_a_statement_without_a_source_is_flagged(body: str, kind: str, text: str) -> None:
    assert flagged(body) == [(kind, text)]


@pytest.mark.parametrize(
    "body",
    [
        "We come between 8:30 and 12, about 24 hours after your call.",
        "Your E07 needs a visit; 10 kWp give about 9.500 kWh, at 75 °C less.",
        "Call the fire brigade on 112. See e.g. step 3 of 5, z.B. oben.",
        "Ask again.Then wait.",
    ],
)
def test_everyday_numbers_are_no_statements(body: str) -> None:
    assert flagged(body) == []


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("It costs 1.240,00 EUR.", "Costs: 1,240.00 EUR"),
        ("It costs € 1240.", "Costs: 1 240 €"),
        ("It costs 12,50 €.", "12.5 EUR"),
        ("Pay to DE89370400440532013000.", "IBAN DE89 3704 0044 0532 0130 00"),
        ("Call 030 23125018.", "Call +49 30 23125 018"),
        ("Call +49 (0)30 23125018.", "Call +49 30 23125 018"),
        ("See helios.example/help/", "See https://www.helios.example/help"),
        ("Write to Support@Helios.example", "support@helios.example"),
        ("Order A-2027-01855.", "A/2027_01855"),
        ("Up to 50% less", "50 percent"),
        ("We come on 3. März.", "Wir kommen am 3. März 2027"),
    ],
)
def test_the_same_statement_in_another_spelling_has_its_source(body: str, source: str) -> None:
    assert flagged(body)
    assert flagged(body, source) == []


@pytest.mark.parametrize("body", ["I paid 99 EUR", "It was on 12.03.2027", "Order A-2027-01855", "A drop of 40 %"])
def test_facts_of_the_matter_may_come_from_the_customer(body: str) -> None:
    assert flagged(body)
    assert flagged(body, customer=body) == []


@pytest.mark.parametrize(
    "body",
    ["https://pay.example", "boss@evil.example", "+49 30 1234 567", "DE89 3704 0044 0532 0130 00", "pay-here.evil.com"],
)
def test_where_to_turn_and_to_pay_never_comes_from_the_customer(body: str) -> None:
    assert len(flagged(body, customer=body)) == 1
    assert flagged(body, allowed=body) == []


def test_another_country_or_prefix_is_another_telephone_number() -> None:
    known = "Call +49 30 23125 018"

    assert flagged("Call +90 30 23125 018", known)
    assert flagged("Call 0900 23125 018", known)


def test_a_link_to_a_known_host_but_another_page_is_flagged() -> None:
    assert flagged("See https://helios.example.evil.com/help", "https://helios.example/help")
    assert flagged("See https://helios.example/other", "https://helios.example/help")


def test_flags_come_in_the_order_of_the_text_and_once_each() -> None:
    body = "Pay 99 EUR at https://a.example by 12.03.2027, that is € 99,00."

    assert [kind for kind, _ in flagged(body)] == ["amount", "link", "date"]


def test_the_id_of_a_flag_stays_when_the_text_around_it_changes() -> None:
    before, after = flags("Pay 99 EUR."), flags("Please pay us 99 EUR soon.")

    assert before[0].id == after[0].id
    assert before[0].id != flags("Pay 98 EUR.")[0].id
