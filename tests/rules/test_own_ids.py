"""The Message-IDs of our own replies: only those that this desk made name a ticket."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.own_ids import OwnIds
from tickets.ticket import TicketId

TICKET = TicketId(uuid4())
OURS = OwnIds.of_secret(bytes(range(32)))
MADE = OURS.message_id(TICKET, uuid4(), "helios.example")


def test_an_id_names_its_ticket_without_any_table() -> None:
    restored = OwnIds.of_secret(bytes(range(32)))

    assert restored.ticket_of(MADE) == TICKET


@pytest.mark.parametrize(
    "quoted",
    [MADE.upper(), f" {MADE} ", MADE.strip("<>"), MADE.replace("helios", "relay")],
    ids=["upper case", "padded", "bare", "relayed"],
)
def test_what_servers_do_to_ids_does_no_harm(quoted: str) -> None:
    assert OURS.ticket_of(quoted) == TICKET


def test_an_id_fits_into_a_line_of_mail() -> None:
    assert len(OURS.message_id(TICKET, uuid4(), "a-longer-domain.example")) <= 77


def test_every_reply_has_another_id() -> None:
    assert OURS.message_id(TICKET, uuid4(), "helios.example") != OURS.message_id(TICKET, uuid4(), "helios.example")


def test_another_desks_ids_count_for_nothing() -> None:
    assert OwnIds.of_secret(b"x" * 32).ticket_of(MADE) is None


def test_the_ids_of_a_retired_key_still_count() -> None:
    rotated = OwnIds.of_secret(b"x" * 32, retired=[bytes(range(32))])

    assert rotated.ticket_of(MADE) == TICKET
    assert OURS.ticket_of(rotated.message_id(TICKET, uuid4(), "helios.example")) is None


@pytest.mark.parametrize("position", range(4, 52))
def test_an_id_with_one_letter_changed_counts_for_nothing(position: int) -> None:
    other = "a" if MADE[position] != "a" else "b"

    assert OURS.ticket_of(MADE[:position] + other + MADE[position + 1 :]) is None


@given(st.text(max_size=200))
def test_no_text_is_taken_for_an_id_and_none_breaks_anything(text: str) -> None:
    for made_up in (text, f"<{text}@helios.example>", f"<ca.{text}@helios.example>", f"<ca.{'a' * 48}{text}>"):
        assert OURS.ticket_of(made_up) is None


def test_the_secret_shows_in_no_text_of_it() -> None:
    assert repr(OURS) == "OwnIds()"
