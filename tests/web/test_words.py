"""How pages say things: ages, names, what happened, where a ticket stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api import filters
from api.stage import Stage, fingerprint, stage_of
from api.timeline import sentence
from tests.web.site import Site
from tickets.audit import REQUIRED, AuditEvent, EventKind
from tickets.desk import TicketView
from tickets.mail import Address, MailboxId
from tickets.outbox import OutboxState, Outgoing
from tickets.people import CONSOLE
from tickets.status import Status
from tickets.ticket import DecisionId, Draft, DraftState, Ticket, TicketId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = Address("Anna Keller", "anna@keller.example")


def a_ticket(**changes: Any) -> Ticket:
    ticket = Ticket(
        id=TicketId(uuid4()),
        number=7,
        mailbox_id=MailboxId(uuid4()),
        mailbox="support@helios.example",
        status=Status.NEEDS_ACTION,
        subject="Inverter",
        requester=ANNA,
        created_at=NOW,
        updated_at=NOW,
        waiting_since=NOW,
        settled_seq=1,
    )
    return replace(ticket, **changes)


def a_draft(ticket: Ticket, state: DraftState = DraftState.OPEN) -> Draft:
    return Draft(ticket.id, 1, 1, "Re: Inverter", "Hello", (ANNA,), (), "mail:1", "local", NOW, state=state)


def a_delivery(ticket: Ticket, state: OutboxState) -> Outgoing:
    decision = DecisionId(uuid4())
    return Outgoing(
        uuid4(), decision, ticket.id, ticket.mailbox_id, 1, 1, state, NOW, NOW, b"", "<1@x>", (ANNA,), "operator:ada"
    )


def a_view(ticket: Ticket, draft: Draft | None = None, outgoing: Outgoing | None = None, **changes: Any) -> TicketView:
    view = TicketView(ticket, (), {}, None, None, draft, outgoing, False, ())
    return replace(view, **changes)


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=58), "58m"),
        (timedelta(hours=3, minutes=5), "3h 05m"),
        (timedelta(days=12), "12d"),
        (timedelta(seconds=-30), "now"),
    ],
)
def test_an_age_fits_its_column(waited: timedelta, said: str) -> None:
    assert filters.age(NOW - waited, NOW) == said


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(days=1, hours=3), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_a_sentence_says_how_long_ago(waited: timedelta, said: str) -> None:
    assert filters.ago(NOW - waited, NOW) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Lind", "AL"), ("bea@helios.example", "BE"), ("Jean Paul Roux", "JR"), ("", "?"), ("李雷", "李雷")],
)
def test_a_face_shows_two_letters(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


@pytest.mark.parametrize(("confidence", "filled"), [(None, 0), (0.0, 1), (0.41, 2), (0.72, 3), (1.0, 4)])
def test_confidence_is_shown_in_four_bars(confidence: float | None, filled: int) -> None:
    assert filters.bars(confidence) == filled


def test_what_the_author_did_not_write_this_time_is_folded() -> None:
    assert filters.elided("Yes.\r\n\r\n> Really?", "Yes.") == "> Really?"
    assert filters.elided("Yes.", "Yes.") == ""


def test_paragraphs_keep_their_line_breaks() -> None:
    assert filters.paragraphs("Hi,\r\n\r\nThanks\r\nMark\n \n\n") == ["Hi,", "Thanks\nMark"]


@pytest.mark.parametrize(
    ("written_by", "said"),
    [
        ("local", "written without a model"),
        ("architect/large", "written by architect/large"),
        ("operator:ada@helios.example", "written by you"),
        ("operator:bea@helios.example", "written by bea@helios.example"),
    ],
)
def test_a_draft_says_who_wrote_it(written_by: str, said: str) -> None:
    assert filters.author(written_by, "ada@helios.example") == said


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_words(kind: EventKind) -> None:
    event = AuditEvent(kind, "agent", NOW, fields=dict.fromkeys(REQUIRED.get(kind, ()), "x"))

    said = sentence(event)

    assert said[0].isupper()
    assert "not recorded" not in said
    assert "{" not in said


def test_an_event_without_a_field_is_told_all_the_same() -> None:
    assert sentence(AuditEvent(EventKind.BOUNCED, "sync", NOW)) == "The reply came back undelivered"
    assert (
        sentence(AuditEvent(EventKind.ASSIGNED, "a", NOW, fields={"assignee": None})) == "Took the ticket off everybody"
    )


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (OutboxState.APPROVED, Stage.LEAVING),
        (OutboxState.DRAFTING, Stage.SENDING),
        (OutboxState.DRAFTED, Stage.SENDING),
        (OutboxState.SENDING, Stage.SENDING),
        (OutboxState.UNKNOWN, Stage.UNKNOWN),
        (OutboxState.NEEDS_HUMAN, Stage.ASK),
        (OutboxState.SENT, Stage.REVIEW),
        (OutboxState.FAILED, Stage.REVIEW),
        (OutboxState.CANCELLED, Stage.REVIEW),
    ],
)
def test_a_delivery_under_way_comes_before_everything_else(state: OutboxState, stage: Stage) -> None:
    ticket = a_ticket()

    assert stage_of(a_view(ticket, a_draft(ticket), a_delivery(ticket, state))) is stage


def test_a_ticket_without_a_delivery_stands_where_its_draft_stands() -> None:
    fresh, asked, done = a_ticket(status=Status.NEW, settled_seq=0), a_ticket(), a_ticket(status=Status.DONE)
    waiting, stopped = a_ticket(status=Status.WAITING_OTHERS), a_ticket(settled_seq=0, stopped=True)

    assert stage_of(a_view(fresh)) is Stage.WORKING
    assert stage_of(a_view(asked, a_draft(asked), redraft_pending=True)) is Stage.WORKING
    assert stage_of(a_view(asked, a_draft(asked, DraftState.REJECTED))) is Stage.NO_DRAFT
    assert stage_of(a_view(stopped)) is Stage.NO_DRAFT
    assert stage_of(a_view(waiting, a_draft(waiting, DraftState.SENT))) is Stage.ANSWERED
    assert stage_of(a_view(done, a_draft(done))) is Stage.CLOSED


async def test_an_open_page_notices_every_change_and_nothing_else(site: Site) -> None:
    ticket, desk = await site.ticket(), site.services.desk
    first = fingerprint(await desk.show(ticket.id))
    again = fingerprint(await desk.show(ticket.id))

    await desk.assign(ticket.id, "admin@desk.example", by=CONSOLE)

    assert first == again
    assert fingerprint(await desk.show(ticket.id)) != first
