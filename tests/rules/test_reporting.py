"""What reports make of a ticket's record, and of figures: counted by hand here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tickets.audit import AuditEvent, EventKind
from tickets.desk_settings import BusinessHours
from tickets.errors import BadInput
from tickets.mail import MailKind
from tickets.report_tables import percentile, share
from tickets.reporting import Facts, History, MomentKind, facts_of
from tickets.reports import Span, weeks_before
from tickets.service_level import Calendar

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BO = "operator:ada@example.org", "operator:bo@example.org"


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def event(kind: EventKind, hours: float, actor: str = ADA, **fields) -> AuditEvent:
    usual = {
        EventKind.DRAFT_OFFERED: {"revision": 1, "content_hash": "x", "written_by": "m"},
        EventKind.APPROVED: {"revision": 1, "content_hash": "x", "confirmed_flags": []},
        EventKind.SENT: {"revision": 1},
        EventKind.REJECTED: {"reason": "no"},
        EventKind.REDRAFT_ASKED: {"decision_id": "d"},
        EventKind.DRAFT_SUPERSEDED: {"revision": 1, "reason": "r"},
    }.get(kind, {})
    return AuditEvent(kind, actor, at(hours), None, {**usual, **fields})


def facts(*events: AuditEvent, mails: Sequence[tuple[MailKind, float]], **changes) -> Facts:
    history = History(
        created_at=at(0),
        is_done=changes.get("is_done", False),
        is_merged=changes.get("is_merged", False),
        mails=[(kind, at(hours)) for kind, hours in mails],
        events=events,
    )
    found = facts_of(history)
    assert found is not None
    return found


def kinds(found: Facts) -> list[str]:
    return [moment.kind.value for moment in found.moments]


def test_a_reply_that_left_as_the_agent_wrote_it():
    found = facts(
        event(EventKind.DRAFT_OFFERED, 0.1, "agent"),
        event(
            EventKind.APPROVED,
            1,
            send_id="s",
            agents_revision=1,
            unchanged=True,
            words=9,
            words_removed=0,
            words_added=0,
        ),
        event(EventKind.SENT, 1.1, "agent", send_id="s"),
        mails=[(MailKind.CUSTOMER, 0), (MailKind.REPLY, 1.1)],
    )

    assert kinds(found) == ["opened", "mail_in", "draft_offered", "sent_unchanged"]
    assert (found.answered_at, found.answered_by, found.closed_at) == (at(1.1), ADA, None)


def test_an_edited_reply_counts_the_words_that_were_put_in_and_taken_out():
    found = facts(
        event(
            EventKind.APPROVED,
            1,
            BO,
            send_id="s",
            agents_revision=1,
            unchanged=False,
            words=20,
            words_removed=3,
            words_added=5,
        ),
        event(EventKind.SENT, 1.1, "agent", send_id="s"),
        mails=[(MailKind.CUSTOMER, 0)],
    )

    (moment,) = [moment for moment in found.moments if moment.kind is MomentKind.SENT_EDITED]
    assert (moment.by, moment.words, moment.changed) == (BO, 20, 8)


def test_an_approval_that_was_undone_counts_only_as_the_one_that_left():
    found = facts(
        event(EventKind.APPROVED, 1, ADA, send_id="first", agents_revision=1, unchanged=True),
        event(EventKind.UNDONE, 1.01, ADA, revision=1, send_id="first"),
        event(EventKind.APPROVED, 2, BO, send_id="second", agents_revision=None),
        event(EventKind.SENT, 2.1, "agent", send_id="second"),
        mails=[(MailKind.CUSTOMER, 0)],
    )

    assert kinds(found) == ["opened", "mail_in", "sent_own"]


def test_a_draft_that_was_rejected_and_one_that_was_written_anew():
    found = facts(
        event(EventKind.DRAFT_OFFERED, 0.1, "agent"),
        event(EventKind.REDRAFT_ASKED, 0.2),
        event(EventKind.DRAFT_OFFERED, 0.3, "agent"),
        event(EventKind.REJECTED, 0.4),
        mails=[(MailKind.CUSTOMER, 0)],
        is_done=True,
    )

    assert kinds(found) == [
        "opened",
        "mail_in",
        "draft_offered",
        "draft_redone",
        "draft_offered",
        "draft_rejected",
        "closed",
    ]
    assert (found.closed_at, found.closed_by) == (at(0.4), ADA)


def test_a_ticket_that_is_rejected_without_a_draft_rejects_none():
    found = facts(event(EventKind.REJECTED, 1), mails=[(MailKind.CUSTOMER, 0)], is_done=True)

    assert kinds(found) == ["opened", "mail_in", "closed"]


def test_a_reopened_ticket_is_closed_only_once_it_is_closed_again():
    history = [event(EventKind.CLOSED, 2), event(EventKind.REOPENED, 5, "sync")]

    open_again = facts(*history, mails=[(MailKind.CUSTOMER, 0)])
    closed_again = facts(*history, event(EventKind.CLOSED, 9, BO), mails=[(MailKind.CUSTOMER, 0)], is_done=True)

    assert open_again.closed_at is None
    assert kinds(open_again) == ["opened", "mail_in", "closed", "reopened"]
    assert (closed_again.closed_at, closed_again.closed_by) == (at(9), BO)


def test_mails_of_a_merged_ticket_count_where_they_are():
    target = facts(mails=[(MailKind.CUSTOMER, -3), (MailKind.CUSTOMER, 0), (MailKind.REPLY, 2)])

    assert facts_of(History(at(0), True, True, [], [])) is None
    assert (target.opened_at, target.answered_at) == (at(-3), at(2))


def test_machines_answer_nobody():
    found = facts(mails=[(MailKind.CUSTOMER, 0), (MailKind.AUTOMATIC, 1), (MailKind.BOUNCE, 2)])

    assert found.answered_at is None
    assert kinds(found) == ["opened", "mail_in"]


def test_a_colleagues_answer_in_the_mailbox_is_an_answer():
    found = facts(mails=[(MailKind.CUSTOMER, 0), (MailKind.HUMAN_REPLY, 3)])

    assert kinds(found) == ["opened", "mail_in", "sent_outside"]
    assert (found.answered_at, found.answered_by) == (at(3), None)


@pytest.mark.parametrize(
    ("values", "part", "is_"),
    [
        ([], 0.5, None),
        ([3], 0.9, 3),
        ([1, 2, 3, 4], 0.5, 2),
        ([1, 2, 3], 0.5, 2),
        (list(range(1, 11)), 0.9, 9),
        (list(range(1, 12)), 0.9, 10),
    ],
)
def test_percentiles_are_values_that_occurred(values, part, is_):
    assert percentile(values, part) == is_


def test_a_share_of_nothing_is_no_figure():
    assert (share(1, 4), share(0, 0)) == (0.25, None)


def test_a_span_runs_in_weeks_from_monday_in_its_zone():
    tokyo = timezone(timedelta(hours=9))
    span = Span(date(2026, 3, 4), date(2026, 3, 17), tokyo)

    assert [first for first, _ in span.buckets] == [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16)]
    assert span.start == datetime(2026, 3, 3, 15, tzinfo=UTC)
    assert span.buckets[-1][1] == span.end == datetime(2026, 3, 17, 15, tzinfo=UTC)


def test_a_long_span_runs_in_months():
    span = Span(date(2024, 11, 15), date(2026, 1, 3))

    assert [str(first) for first, _ in span.buckets][:3] == ["2024-11-15", "2024-12-01", "2025-01-01"]
    assert len(span.buckets) == 15


def test_twelve_weeks_end_with_this_one():
    span = weeks_before(date(2026, 3, 4), 12)

    assert (span.first, span.last, len(span.buckets)) == (date(2025, 12, 15), date(2026, 3, 4), 12)


def test_a_span_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadInput, match="later last day"):
        Span(date(2026, 3, 2), date(2026, 3, 1))


def test_nights_and_weekends_are_no_business_time():
    calendar = Calendar(BusinessHours())

    assert calendar.between(datetime(2026, 2, 27, 16, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)) == timedelta(
        hours=2
    )
