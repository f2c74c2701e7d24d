"""Forgetting by the clock, on both databases: only what is old and closed goes, once, and the record still holds."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from persistence.boards import SqlBoards
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database
from persistence.erasing import SqlErasure
from persistence.leases import SqlLeases
from persistence.record import first_break
from persistence.retention import SqlRetention
from persistence.rows import audit_events, blobs
from tests.ports.store_builders import NOW, SECRET, Desk, a_mail
from tickets.audit import AuditEvent, EventKind
from tickets.desk_settings import Change, Retention
from tickets.erasing import Erasing
from tickets.errors import NotFound
from tickets.mail import Attachment
from tickets.outbox import OutboxState
from tickets.people import CONSOLE
from tickets.ports import Incoming
from tickets.retention import Forgotten, Retaining, without_names
from tickets.status import Status
from tickets.ticket import Ticket, TicketId

FILE = b"a picture of the roof"
ADA = "operator:ada@helios.example"


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


def retaining_of(desk: Desk) -> Retaining:
    """As another process would build it."""

    async def no_thread(_: TicketId) -> None:
        """No workflow runs here."""

    erasing = Erasing(SqlErasure(desk.database), no_thread, desk.clock)
    rows, settings = SqlRetention(desk.database, SECRET), SqlDeskSettings(desk.database)
    return Retaining(rows, erasing, settings, SqlLeases(desk.database), desk.clock, lambda *_, **__: None)


async def keep(desk: Desk, wanted: Retention) -> None:
    settings = SqlDeskSettings(desk.database)
    version = (await settings.stored(Retention)).version
    await settings.write(Change(wanted, version), by=CONSOLE, now=desk.clock.now())


async def with_file(desk: Desk, status: Status) -> Ticket:
    ticket = await desk.opened(status=status)
    async with desk.store.begin() as tx:
        sha256 = await tx.keep_blob(FILE)
    file = Attachment("roof.jpg", "image/jpeg", len(FILE), sha256)
    await desk.received(
        ticket, a_mail(attachments=(file,)), raw=b"raw " + str(ticket.id).encode(), blobs={sha256: FILE}
    )
    return ticket


async def contents(desk: Desk) -> set[bytes]:
    async with desk.database.read() as connection:
        return {bytes(content) for content in (await connection.execute(select(blobs.c.content))).scalars()}


def later(desk: Desk, days: float) -> datetime:
    desk.clock.at += timedelta(days=days)
    return desk.clock.now()


async def test_originals_and_files_go_with_closed_tickets_alone_and_their_text_stays(desk: Desk) -> None:
    closed, open_one = await with_file(desk, Status.DONE), await with_file(desk, Status.NEEDS_ACTION)
    leaving = await with_file(desk, Status.DONE)
    await desk.approved(leaving, state=OutboxState.SENDING)
    later(desk, 31)
    wanted = Retention(originals_after_days=30)
    await keep(desk, wanted)

    would = await retaining_of(desk).would(wanted)
    forgotten = await retaining_of(desk).run_if_due()

    assert would == forgotten == Forgotten(originals=1)
    (message,) = (await desk.store.conversation(closed.id)).messages
    assert message.mail.attachments[0].filename == "roof.jpg"
    with pytest.raises(NotFound):
        await desk.store.raw_mail(closed.id, message.id)
    with pytest.raises(NotFound):
        await desk.store.blob(message.mail.attachments[0].sha256)
    kept = await contents(desk)
    assert FILE in kept  # the tickets that are left name it too
    assert {b"raw " + str(each.id).encode() for each in (open_one, leaving)} <= kept
    assert b"raw " + str(closed.id).encode() not in kept


async def test_closed_tickets_go_once_a_day_whichever_process_comes_first(desk: Desk) -> None:
    old = await with_file(desk, Status.DONE)
    later(desk, 366)
    young = await desk.opened(status=Status.DONE, updated_at=desk.clock.now())
    await keep(desk, Retention(closed_after_days=365))

    first = await retaining_of(desk).run_if_due()
    other_process = await retaining_of(desk).run_if_due()
    run = await retaining_of(desk).last_run()
    later(desk, 1.1)
    next_day = await retaining_of(desk).run_if_due()

    assert first == Forgotten(tickets=1, mails=1)
    assert other_process is None
    assert run
    assert (run.forgotten, run.ended_at is not None) == (first, True)
    assert next_day == Forgotten()
    assert (await desk.store.ticket(young.id)).id == young.id
    with pytest.raises(NotFound):
        await desk.store.ticket(old.id)
    assert FILE not in await contents(desk)


async def test_nothing_runs_while_no_period_is_set(desk: Desk) -> None:
    assert await retaining_of(desk).run_if_due() is None
    assert await retaining_of(desk).last_run() is None


async def test_a_run_that_was_broken_off_is_taken_up_again(desk: Desk) -> None:
    await keep(desk, Retention(closed_after_days=1))
    await SqlRetention(desk.database, SECRET).begin_run(desk.clock.now())

    assert await retaining_of(desk).run_if_due() == Forgotten()


async def test_bytes_of_dismissed_mail_go_after_their_period_unless_a_mail_has_the_same(desk: Desk) -> None:
    for number, raw in enumerate((b"dismissed", b"still waits", b"shared")):
        async with desk.store.begin() as tx:
            await tx.quarantine(desk.mailbox.id, Incoming(f"q{number}", raw, NOW), "too deep")
    ids = {line.size: line.id for line in await SqlBoards(desk.database).quarantined(9)}
    ticket = await desk.opened()
    await desk.received(ticket, raw=b"shared")
    async with desk.store.begin() as tx:
        for raw in (b"dismissed", b"shared"):
            assert await tx.release_quarantined(ids[len(raw)], desk.clock.now())
    later(desk, 8)
    await keep(desk, Retention(dismissed_after_days=7))

    forgotten = await retaining_of(desk).run_if_due()

    assert forgotten == Forgotten(dismissed=2)
    kept = await contents(desk)
    assert b"dismissed" not in kept
    assert {b"still waits", b"shared"} <= kept


async def test_names_leave_the_record_which_can_still_be_verified(desk: Desk) -> None:
    closed, open_one = await desk.opened(status=Status.DONE), await desk.opened(status=Status.NEEDS_ACTION)
    async with desk.store.begin() as tx:
        for ticket in (closed, open_one):
            fields = {"assignee": "bo@helios.example"}
            await tx.record(AuditEvent(EventKind.ASSIGNED, ADA, NOW, ticket.id, fields))
    later(desk, 400)
    wanted = Retention(names_after_days=365)
    await keep(desk, wanted)

    would = await retaining_of(desk).would(wanted)
    forgotten = await retaining_of(desk).run_if_due()

    assert forgotten
    assert (would.events, forgotten.events >= 1) == (forgotten.events, True)
    (taken,) = [each for each in await desk.store.events(closed.id) if each.kind is EventKind.ASSIGNED]
    (left,) = [each for each in await desk.store.events(open_one.id) if each.kind is EventKind.ASSIGNED]
    assert taken.actor.startswith("operator:person-")
    assert str((taken.fields or {})["assignee"]).startswith("person-")
    assert "@" not in f"{taken.actor} {taken.fields}"
    assert left.actor == ADA
    assert await first_break(desk.database) is None
    later(desk, 2)
    assert await retaining_of(desk).run_if_due() == Forgotten()


@pytest.mark.parametrize("change", [{"actor": "operator:eve"}, {"seal": None}])
async def test_an_entry_that_is_changed_after_its_names_were_taken_out_breaks_the_record(
    desk: Desk, change: dict[str, str | None]
) -> None:
    closed = await desk.opened(status=Status.DONE)
    async with desk.store.begin() as tx:
        await tx.record(AuditEvent(EventKind.ASSIGNED, ADA, NOW, closed.id, {"assignee": None}))
    later(desk, 400)
    await keep(desk, Retention(names_after_days=365))
    await retaining_of(desk).run_if_due()

    async with desk.database.write() as connection:
        newest = select(func.max(audit_events.c.id)).where(audit_events.c.seal.is_not(None)).scalar_subquery()
        await connection.execute(update(audit_events).where(audit_events.c.id == newest).values(change))

    assert await first_break(desk.database) is not None


def test_a_name_has_one_pseudonym_and_other_words_stay() -> None:
    event = AuditEvent(EventKind.TAGGED, ADA, NOW, fields={"added": ["vip", "ADA@helios.example"], "removed": []})

    plain = without_names(event, SECRET)
    again = without_names(replace(event, actor="operator:eve@helios.example"), SECRET)

    assert plain.fields
    assert plain.fields["added"] == ["vip", plain.actor.removeprefix("operator:")]
    assert again.actor != plain.actor
