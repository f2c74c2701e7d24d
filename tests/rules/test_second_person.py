"""Which replies two people approve."""

from decimal import Decimal
from uuid import UUID

import pytest

from tests.ports.store_builders import ADA, NOW
from tickets.desk_settings import TwoPerson
from tickets.flags import amounts_in
from tickets.mail import MailboxId
from tickets.second_person import two_needed
from tickets.status import Status
from tickets.ticket import Category, Draft, Ticket, TicketId


def a_ticket(category: Category | None = None) -> Ticket:
    return Ticket(
        id=TicketId(UUID(int=1)),
        number=1,
        mailbox_id=MailboxId(UUID(int=2)),
        mailbox="support@helios.example",
        status=Status.NEEDS_ACTION,
        subject="Refund",
        requester=ADA,
        created_at=NOW,
        updated_at=NOW,
        waiting_since=NOW,
        category=category,
    )


def a_draft(body: str = "We look into it.", subject: str = "Re: Refund") -> Draft:
    return Draft(TicketId(UUID(int=1)), 1, 1, subject, body, (ADA,), (), "mail:1", "local", NOW)


def why(policy: TwoPerson, draft: Draft, category: Category | None = None) -> str | None:
    needed = two_needed(policy, a_ticket(category), draft)
    return needed.reason if needed else None


def test_by_itself_one_person_is_enough() -> None:
    assert why(TwoPerson(), a_draft("We pay 1,000,000 EUR."), Category.BILLING) is None


def test_a_chosen_category_needs_two() -> None:
    policy = TwoPerson(categories=("billing",))

    assert why(policy, a_draft(), Category.BILLING) == "its category is billing"
    assert why(policy, a_draft(), Category.SALES) is None
    assert why(policy, a_draft(), None) is None


@pytest.mark.parametrize(
    ("body", "needs_two"),
    [
        ("We refund 500.01 EUR.", True),
        ("We refund 500 EUR.", False),
        ("Wir erstatten 1.240,00 €.", True),
        ("Wir erstatten 240,99 € und 1 240 €.", True),
        ("You get $ 12,000 back", True),
        ("CHF 501", True),
        ("Order 123456 was placed on 12.05.2026.", False),
        ("Pay to DE89 3704 0044 0532 0130 00.", False),
        ("Call +49 30 1234567.", False),
        ("0 EUR", False),
    ],
)
def test_an_amount_above_the_limit_needs_two(body: str, needs_two: bool) -> None:
    policy = TwoPerson(amount_above=Decimal(500))

    assert (why(policy, a_draft(body)) == "it states an amount above 500") is needs_two


def test_the_subject_counts_and_what_the_customer_is_quoted_with_does_not() -> None:
    policy = TwoPerson(amount_above=Decimal(500))

    assert why(policy, a_draft(subject="Refund of 900 EUR"))
    assert why(policy, Draft(**{**_fields(a_draft()), "quote": "> I want 900 EUR"})) is None


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("from 99,90 € to EUR 1.500", ["99.9", "1500"]),
        ("€0.50", ["0.5"]),
        ("nothing 100 here", []),
    ],
)
def test_amounts_are_read_however_they_are_written(text: str, amounts: list[str]) -> None:
    assert [str(amount) for amount in amounts_in(text)] == amounts


def _fields(draft: Draft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
