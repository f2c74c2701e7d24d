"""When a wait is too long, what a notice says of it, and what it never says."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID, uuid4

import pytest

from tickets.desk_settings import BusinessHours
from tickets.errors import BadInput
from tickets.mail import Address, MailboxId
from tickets.notices import LISTED, Notice, NoticeKind, headline, letter, outgoing, told_to_webhooks
from tickets.service_level import Calendar
from tickets.ticket import TicketId
from tickets.waiting import MAX_RECIPIENTS, Notifications, WaitingTicket, overdue, require_no_circle
from tickets.webhook_chat import chat_text
from tickets.webhooks import SUBSCRIBED, WebhookEvent

MONDAY_NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Calendar(BusinessHours())
SITE = "https://desk.example"
NOTICE = Notice(UUID(int=7), NoticeKind.WAITING, MONDAY_NINE, 1, after_min=60, recipients=("lead@helios.example",))


def waiting(since: datetime = MONDAY_NINE, number: int = 12, subject: str = "Roof on fire") -> WaitingTicket:
    return WaitingTicket(TicketId(uuid4()), number, subject, since)


def is_overdue(since: datetime, now: datetime, after_min: int = 60) -> bool:
    return bool(overdue([waiting(since)], OFFICE, after_min, now))


def test_a_wait_is_too_long_once_so_much_opening_time_has_passed() -> None:
    assert not is_overdue(MONDAY_NINE, MONDAY_NINE + HOUR - timedelta(seconds=1))
    assert is_overdue(MONDAY_NINE, MONDAY_NINE + HOUR)


def test_a_night_does_not_count() -> None:
    half_past_four, next_morning = MONDAY_NINE + 7.5 * HOUR, MONDAY_NINE + 24 * HOUR

    assert not is_overdue(half_past_four, next_morning + timedelta(minutes=29))
    assert is_overdue(half_past_four, next_morning + timedelta(minutes=30))


def test_nobody_is_told_while_the_desk_is_closed() -> None:
    assert not is_overdue(MONDAY_NINE, MONDAY_NINE + 12 * HOUR)
    assert not is_overdue(MONDAY_NINE, MONDAY_NINE + timedelta(days=5))


@pytest.mark.parametrize(
    ("count", "minutes", "said"),
    [
        (1, 1, "1 ticket has waited longer than 1 minute"),
        (2, 90, "2 tickets have waited longer than 90 minutes"),
        (3, 120, "3 tickets have waited longer than 2 hours"),
        (3, 24 * 60, "3 tickets have waited longer than 1 day"),
    ],
)
def test_the_headline_counts_in_words_people_use(count: int, minutes: int, said: str) -> None:
    assert headline(count, minutes) == said


def test_a_letter_names_numbers_and_links_and_no_subject_unless_wanted() -> None:
    ticket = waiting(subject="Roof\non fire")

    _, plain = letter(NOTICE, [ticket], SITE, "Europe/Berlin", "Helios")
    subjects = Notice(**{name: getattr(NOTICE, name) for name in NOTICE.__slots__} | {"shows_subjects": True})
    _, wanted = letter(subjects, [ticket], SITE, "Europe/Berlin", "Helios")

    assert f"#12  waiting since 2026-03-02 10:00\n{SITE}/boards/tickets/{ticket.id}" in plain
    assert "Roof" not in plain
    assert "#12  waiting since 2026-03-02 10:00  Roof on fire" in wanted


def test_a_long_list_is_cut_and_its_rest_counted() -> None:
    many = [waiting(number=number) for number in range(LISTED + 3)]

    subject, text = letter(NOTICE, many, SITE, "UTC", "Helios")

    assert subject == f"[Helios] {LISTED + 3} tickets have waited longer than 1 hour"
    assert text.count("waiting since") == LISTED
    assert "and 3 more" in text


def test_the_mail_says_that_a_machine_wrote_it_and_where_answers_go() -> None:
    text = letter(NOTICE, [waiting()], SITE, "UTC", "Helios")

    sent = outgoing(NOTICE, text, MailboxId(uuid4()), Address("Helios", "support@helios.example"))

    mail = message_from_bytes(sent.mime, policy=policy.default)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] == mail["To"] == "lead@helios.example"
    assert mail["X-CA-Send-Id"] == str(NOTICE.id)
    assert outgoing(NOTICE, text, sent.mailbox_id, Address("Helios", "support@helios.example")).mime == sent.mime


def test_a_chat_room_reads_links_and_no_subject() -> None:
    one, two = waiting(), waiting(number=13)

    text = chat_text(WebhookEvent.WAITING, told_to_webhooks(60, [one, two], SITE), SITE)

    assert text == (
        f"2 tickets have waited longer than 1 hour: <{SITE}/boards/tickets/{one.id}|#12>, "
        f"<{SITE}/boards/tickets/{two.id}|#13>."
    )


@pytest.mark.parametrize("event", [each for each in SUBSCRIBED if each is not WebhookEvent.WAITING])
def test_every_event_has_words_for_a_chat_room(event: WebhookEvent) -> None:
    assert "|#7> " in chat_text(event, {"ticket_id": "x", "number": 7, "status": "NEW"}, SITE)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"after_min": 0}, "at least a minute"),
        ({"email_to": ("nobody",), "email_from": "s@x.example"}, "is no address"),
        ({"email_to": ("a@b.example\r\nBcc: x@y.example",), "email_from": "s@x.example"}, "is no address"),
        ({"email_to": ("a@b.example",)}, "mailbox that the notices leave by"),
        ({"email_to": ("a@b.example",) * (MAX_RECIPIENTS + 1), "email_from": "s@x.example"}, "at most"),
        ({"statuses": ()}, "new tickets"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(value: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Notifications(**value)  # type: ignore[arg-type]


def test_a_notice_never_goes_to_a_mailbox_of_the_desk() -> None:
    with pytest.raises(BadInput, match="would come back"):
        require_no_circle(["Support@Helios.example"], ["support@helios.example"])
