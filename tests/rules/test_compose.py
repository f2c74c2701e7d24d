"""The reply as it leaves."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.compose import MAX_REFERENCES, new_message_id, reply_mime
from tickets.errors import BadInput
from tickets.mail import Address, Mail

SUPPORT = Address("Helios Solar", "support@helios.example")
ADA = Address("Ada Lovelace", "ada@example.org")
SEND_ID = UUID("11111111-2222-3333-4444-555555555555")
NOW = datetime(2026, 3, 3, 9, 14, tzinfo=UTC)
QUESTION = Mail(
    message_id="<q1@example.org>",
    subject="Inverter",
    sender=ADA,
    sent_at=NOW,
    text="The inverter shows E07.\n\nAda",
    references=("<q0@example.org>",),
)


def compose(**changed):
    facts = {
        "sender": SUPPORT,
        "to": [ADA],
        "cc": [],
        "subject": "Re: Inverter",
        "body": "Please restart it.\n",
        "parent": QUESTION,
        "send_id": SEND_ID,
        "message_id": "<r1@helios.example>",
        "date": NOW,
    }
    return reply_mime(**{**facts, **changed})


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def content(raw):
    return read(raw).get_content().replace("\r\n", "\n")


def decoded(header):
    return str(make_header(decode_header(header)))


def test_a_reply_carries_its_thread_and_its_send_id():
    message = read(compose())

    assert message["In-Reply-To"] == "<q1@example.org>"
    assert message["References"].split() == ["<q0@example.org>", "<q1@example.org>"]
    assert message["X-CA-Send-Id"] == str(SEND_ID)
    assert message["Message-ID"] == "<r1@helios.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] is None


def test_exactly_the_approved_text_leaves_and_nothing_of_the_parent():
    assert content(compose()) == "Please restart it.\n"


def test_a_reply_without_a_parent_starts_a_thread():
    raw = compose(parent=None)

    assert content(raw) == "Please restart it.\n"
    assert read(raw)["References"] is None


def test_an_overlong_thread_keeps_its_first_and_latest_ids():
    references = tuple(f"<{n}@example.org>" for n in range(100))

    found = read(compose(parent=replace(QUESTION, references=references)))["References"].split()

    assert len(found) == MAX_REFERENCES
    assert found[0] == "<0@example.org>"
    assert found[-2:] == ["<99@example.org>", "<q1@example.org>"]


def test_a_long_message_id_is_neither_folded_nor_encoded():
    long_id = f"<{'x' * 300}@example.org>"

    raw = compose(parent=replace(QUESTION, message_id=long_id))

    assert f"In-Reply-To: {long_id}\r\n".encode() in raw


def test_an_id_that_no_header_can_carry_is_left_out():
    message = read(compose(parent=replace(QUESTION, message_id="<a b@example.org>", references=())))

    assert message["In-Reply-To"] is None
    assert message["References"] is None


@pytest.mark.parametrize("evil", ["Hi\r\nBcc: x@evil.example", "Hi\nX: y", "Hi\x00", "Hi\r"])
def test_line_breaks_in_headers_are_refused(evil):
    for change in (
        {"subject": evil},
        {"sender": Address(evil, SUPPORT.address)},
        {"to": [Address("", f"{evil}@example.org")]},
        {"cc": [Address(evil, "c@example.org")]},
        {"message_id": f"<{evil}@x>"},
    ):
        with pytest.raises(BadInput):
            compose(**change)


@pytest.mark.parametrize(
    "address",
    ["", "ada", "a@b@c.example", "ada@", "ada@ex ample.org", "a,b@c.example", "ä ä@example.org", "ä@@b.example"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadInput):
        compose(to=[Address("Ada", address)])


def test_a_reply_to_nobody_is_refused():
    with pytest.raises(BadInput):
        compose(to=[])


def test_an_international_domain_is_written_in_its_ascii_form():
    assert b"<ada@xn--bcher-kva.example>" in compose(to=[Address("", "ada@bücher.example")])


NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")) | st.just(" "), max_size=80).map(
    lambda text: " ".join(text.split())
)


@given(name=NAMES, subject=NAMES)
def test_any_name_and_subject_arrive_as_written(name, subject):
    message = email.message_from_bytes(compose(to=[Address(name, ADA.address)], subject=subject))

    assert decoded(message["Subject"]) == subject
    [(phrase, address)] = getaddresses([message["To"]])
    assert (decoded(phrase), address) == (name, ADA.address)


@given(body=st.text(), original=st.text())
def test_every_line_is_short_enough_and_ends_with_crlf(body, original):
    raw = compose(body=body, parent=replace(QUESTION, text=original))

    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_message_id_is_built_from_a_token_and_a_domain():
    assert new_message_id("helios.example", "t.1-abc_X") == "<t.1-abc_X@helios.example>"


@pytest.mark.parametrize(("domain", "token"), [("helios.example", "a b"), ("x y", "t"), ("", "t"), ("x", "")])
def test_a_message_id_from_unfit_pieces_is_refused(domain, token):
    with pytest.raises(BadInput):
        new_message_id(domain, token)
