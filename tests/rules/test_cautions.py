"""Which doubts an approval has to confirm, and that their ids stay the same as long as the doubt does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tickets.authenticity import SenderWarning, WarningKind
from tickets.cautions import cautions, is_caution
from tickets.mail import Address, Mail, MailId, MailKind, Message, SenderVerdict
from tickets.storage import BouncedAddress

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = Address("Anna", "anna@keller.example")
LOOK_ALIKE = SenderWarning(WarningKind.LOOK_ALIKE, "The sender's domain kel1er.example looks like keller.example.")
ELSEWHERE = SenderWarning(WarningKind.REPLY_TO_ELSEWHERE, "The sender asks for answers to x@y.example.")


def a_message(number: int, kind: MailKind = MailKind.CUSTOMER) -> Message:
    return Message(MailId(UUID(int=number)), kind, Mail(f"<{number}@x>", "s", ANNA), NOW)


def refused(*, for_good: bool = True, days_later: int = 0) -> BouncedAddress:
    return BouncedAddress("bo@solar.example", for_good, "550 unknown.", NOW + timedelta(days=days_later))


def test_only_grave_warnings_have_to_be_confirmed() -> None:
    message = a_message(1)

    (flag,) = cautions([message], {message.id: (LOOK_ALIKE, ELSEWHERE)}, {}, ())

    assert (flag.kind, flag.reason) == ("look_alike", LOOK_ALIKE.text)


def test_only_an_address_that_refused_for_good_has_to_be_confirmed() -> None:
    assert cautions([], {}, {}, [refused(for_good=False)]) == ()
    assert [flag.kind for flag in cautions([], {}, {}, [refused()])] == ["bounced"]


def test_the_same_doubt_about_two_mails_is_asked_once_and_keeps_its_id() -> None:
    first, second = a_message(1), a_message(2)
    failed = {first.id: SenderVerdict.FAILED, second.id: SenderVerdict.FAILED}

    once = cautions([first], {}, failed, ())
    twice = cautions([first, second], {}, failed, ())

    assert [flag.id for flag in twice] == [flag.id for flag in once]
    assert len(once) == 1


def test_a_new_refusal_asks_anew() -> None:
    (first,) = cautions([], {}, {}, [refused()])
    (second,) = cautions([], {}, {}, [refused(days_later=1)])

    assert first.id != second.id


def test_a_second_reply_of_ours_asks_about_the_mail_that_it_follows() -> None:
    asked, answered = a_message(1), a_message(2, MailKind.REPLY)

    found = cautions([asked, answered], {asked.id: (LOOK_ALIKE,)}, {}, ())

    assert [flag.kind for flag in found] == ["look_alike"]


def test_machines_between_the_mails_neither_raise_nor_hide_a_doubt() -> None:
    asked, away = a_message(1), a_message(2, MailKind.AUTOMATIC)

    found = cautions([asked, away], {asked.id: (LOOK_ALIKE,)}, {away.id: SenderVerdict.FAILED}, ())

    assert [flag.kind for flag in found] == ["look_alike"]


def test_their_ids_are_told_from_those_of_statements() -> None:
    flags = cautions([], {}, {}, [refused()])

    assert all(is_caution(flag.id) for flag in flags)
    assert not is_caution("amount-0123456789ab")
