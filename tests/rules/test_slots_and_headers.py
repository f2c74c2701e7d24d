"""Blanks of ready texts, and the header of a mail for people to read."""

from tickets.mail_headers import MAX_HEAD, HeaderField, header_fields
from tickets.slots import filled, open_slots, slot_flags


def test_blanks_with_an_answer_are_filled_and_the_others_stay() -> None:
    text = "Hello {{ customer_name }}, we come on {{day}}."

    assert filled(text, {"customer_name": "Ada", "day": ""}) == "Hello Ada, we come on {{day}}."


def test_an_answer_is_never_read_as_a_blank_again() -> None:
    assert filled("{{a}}", {"a": "{{b}}", "b": "secret"}) == "{{b}}"


def test_each_open_blank_is_flagged_once_under_the_same_id() -> None:
    text = "{{day}} or {{day}} at {{arrival window}}"

    assert open_slots(text) == ("day", "arrival window")
    assert [flag.text for flag in slot_flags(text)] == ["{{day}}", "{{arrival window}}"]
    assert slot_flags(text)[0].id == slot_flags("{{day}}")[0].id


def test_braces_that_are_no_blank_are_left_alone() -> None:
    assert open_slots("{day} {{}} {{ a\nb }} {% if %} {{1}") == ()


def test_header_fields_are_unfolded_and_decoded() -> None:
    raw = b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nReceived: from a\r\n\tby b\r\n\r\nBody: no field"

    fields, is_cut = header_fields(raw)

    assert fields == (HeaderField("Subject", "Grüße"), HeaderField("Received", "from a by b"))
    assert not is_cut


def test_broken_lines_and_encodings_do_no_harm() -> None:
    raw = b"From somebody\nX: =?nonsense?Q?a?=\nY: \xff\x00\n: none\n\n"

    fields, _ = header_fields(raw)

    assert [field.name for field in fields] == ["X", "Y"]
    assert "\0" not in fields[1].value


def test_an_endless_header_is_cut() -> None:
    fields, is_cut = header_fields(b"X: " + b"a" * (MAX_HEAD * 2))

    assert is_cut
    assert len(fields[0].value) < 5_000
