"""The account of received mail on both databases: counted from the rows, by day, through the index."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy import event as database_event

from persistence.accounting import SqlAccounting
from persistence.engine import Database
from persistence.mailboxes import SqlMailboxes
from persistence.rows import audit_events, mails, skipped_mails
from tests.ports.store_builders import NOW, SECRET, Desk, a_mail, new_mailbox
from tickets.accounting import DayAccount
from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.errors import NotFound
from tickets.mail import MailboxId, MailKind
from tickets.ports import Incoming, Skipped
from tickets.ticket import Ticket

DAY = NOW.date()


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


async def received(desk: Desk, *ids: str, days_ago: int = 0, mailbox_id: MailboxId | None = None) -> None:
    at = NOW - timedelta(days=days_ago)
    async with desk.store.begin() as tx:
        await tx.receive(mailbox_id or desk.mailbox.id, [(id_, at) for id_ in ids])


async def filed(desk: Desk, ticket: Ticket | None, provider_id: str, kind: MailKind = MailKind.CUSTOMER) -> None:
    mail = replace(a_mail(), message_id=f"<{provider_id}@example.org>")
    await desk.received(ticket, mail, provider_id=provider_id, kind=kind)


async def accounts(desk: Desk) -> dict[tuple[UUID, date | None], DayAccount]:
    accounting = SqlAccounting(desk.database)
    both = (*await accounting.days(DAY - timedelta(days=13)), *await accounting.earlier(DAY - timedelta(days=13)))
    return {(account.mailbox_id, account.day): account for account in both}


async def test_each_place_is_counted_and_skipped_mails_with_their_reasons(desk: Desk) -> None:
    ticket = await desk.opened()
    await received(desk, "a", "b", "c", "d", "e", "f", "g")
    await filed(desk, ticket, "a")
    await filed(desk, ticket, "b", MailKind.BOUNCE)
    await filed(desk, None, "c", MailKind.AUTOMATIC)
    async with desk.store.begin() as tx:
        await tx.quarantine(desk.mailbox.id, Incoming("d", b"raw", NOW), "too large")
        for id_, reason in (("e", "spam"), ("f", "spam"), ("g", "draft")):
            await tx.skip(desk.mailbox.id, Skipped(id_, reason))

    day = (await accounts(desk))[desk.mailbox.id, DAY]

    assert (day.on_tickets, day.automatic, day.quarantined, day.skipped) == (1, 2, 1, 3)
    assert dict(day.reasons) == {"spam": 2, "draft": 1}
    assert (day.received, day.unaccounted) == (7, 0)


async def test_mail_in_no_place_or_in_two_is_named(desk: Desk) -> None:
    ticket = await desk.opened()
    await received(desk, "kept", "lost", "twice")
    for id_ in ("kept", "lost", "twice"):
        await filed(desk, ticket, id_)
    second_place = {"mailbox_id": desk.mailbox.id, "provider_id": "twice", "reason": "spam", "is_final": True}
    async with desk.database.write() as connection:
        await connection.execute(insert(skipped_mails), second_place)
        await connection.execute(delete(mails).where(mails.c.provider_id == "lost"))

    day = (await accounts(desk))[desk.mailbox.id, DAY]
    astray = await SqlAccounting(desk.database).astray(day, DAY, 10)

    assert (day.on_tickets, day.lost, day.doubled, day.received) == (1, 1, 1, 3)
    assert astray == ("lost", "twice")
    assert await SqlAccounting(desk.database).astray(day, DAY, 1) == ("lost",)


async def test_a_mail_that_came_to_its_place_meanwhile_is_not_skipped_as_well(desk: Desk) -> None:
    ticket = await desk.opened()
    await received(desk, "sent", "aside")
    await filed(desk, ticket, "sent", MailKind.REPLY)
    async with desk.store.begin() as tx:
        await tx.quarantine(desk.mailbox.id, Incoming("aside", b"raw", NOW), "too large")
        for id_ in ("sent", "aside"):
            await tx.skip(desk.mailbox.id, Skipped(id_, "our own reply"))

    day = (await accounts(desk))[desk.mailbox.id, DAY]

    assert (day.on_tickets, day.quarantined, day.skipped, day.doubled) == (1, 1, 0, 0)


async def test_mailboxes_and_days_are_kept_apart_and_what_is_older_is_summed_up(desk: Desk) -> None:
    other = await new_mailbox(desk.database, "sales@helios.example")
    await received(desk, "today")
    await received(desk, "today", mailbox_id=other.id)
    await received(desk, "first-day", days_ago=13)
    await received(desk, "older", "oldest", days_ago=14)
    await received(desk, "ancient", days_ago=900)

    found = await accounts(desk)
    older = await SqlAccounting(desk.database).astray(found[desk.mailbox.id, None], DAY - timedelta(days=13), 10)

    assert {key: account.lost for key, account in found.items()} == {
        (desk.mailbox.id, DAY): 1,
        (other.id, DAY): 1,
        (desk.mailbox.id, DAY - timedelta(days=13)): 1,
        (desk.mailbox.id, None): 3,
    }
    assert older == ("ancient", "older", "oldest")


async def test_the_days_come_newest_first(desk: Desk) -> None:
    for days_ago in (3, 0, 8):
        await received(desk, f"id-{days_ago}", days_ago=days_ago)

    days = [account.day for account in await SqlAccounting(desk.database).days(DAY - timedelta(days=13))]

    assert days == sorted((day for day in days if day), reverse=True)


async def test_a_mail_rescued_from_spam_is_counted_once(desk: Desk) -> None:
    ticket = await desk.opened()
    await received(desk, "rescued")
    async with desk.store.begin() as tx:
        await tx.skip(desk.mailbox.id, Skipped("rescued", "spam", is_final=False))
    await received(desk, "rescued")
    await filed(desk, ticket, "rescued")

    day = (await accounts(desk))[desk.mailbox.id, DAY]

    assert (day.on_tickets, day.skipped, day.received) == (1, 0, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_listed_days_are_found_through_an_index_in_every_table(desk: Desk) -> None:
    async with desk.database.read() as connection:
        seen: list[str] = []

        def keep(_c: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        database_event.listen(desk.database.reader.sync_engine, "before_cursor_execute", keep)
        await SqlAccounting(desk.database).days(DAY)
        database_event.remove(desk.database.reader.sync_engine, "before_cursor_execute", keep)
        plan = await connection.execute(text("EXPLAIN QUERY PLAN " + seen[-1].replace("?", "'x'")))
        steps = [row.detail for row in plan]

    assert not any(step.startswith("SCAN") for step in steps), steps
    assert any("ix_received_mails_mailbox_id_day" in step for step in steps)


# --- connections ------------------------------------------------------------------------------------------------------


def event(kind: EventKind, desk: Desk) -> AuditEvent:
    return AuditEvent(kind, "operator:ada@helios.example", NOW, fields={"mailbox": str(desk.mailbox.id)})


async def test_disconnecting_forgets_the_token_and_connecting_keeps_the_cursor(desk: Desk) -> None:
    mailboxes = SqlMailboxes(desk.database, SECRET)
    await mailboxes.connected(desk.mailbox.id, "token", event(EventKind.MAILBOX_CONNECTED, desk))
    async with desk.store.begin() as tx:
        await tx.move_cursor(desk.mailbox.id, "cursor")

    await mailboxes.disconnected(desk.mailbox.id, event(EventKind.MAILBOX_DISCONNECTED, desk))
    (off,) = await desk.store.mailboxes()
    token = await mailboxes.refresh_token(desk.mailbox.id)
    await mailboxes.connected(desk.mailbox.id, "new", event(EventKind.MAILBOX_CONNECTED, desk))
    (on,) = await desk.store.mailboxes()

    assert (off.state, off.cursor, token) == (MailboxState.DISCONNECTED, "cursor", None)
    assert (on.state, on.cursor) == (MailboxState.OK, "cursor")
    assert await mailboxes.refresh_token(desk.mailbox.id) == "new"
    assert await mailboxes.connected_at(desk.mailbox.id) == NOW


async def test_a_mailbox_that_is_not_there_cannot_be_changed(desk: Desk) -> None:
    mailboxes, nobody = SqlMailboxes(desk.database, SECRET), MailboxId(UUID(int=0))

    with pytest.raises(NotFound):
        await mailboxes.changed(nobody, None, "", event(EventKind.MAILBOX_CHANGED, desk))
    with pytest.raises(NotFound):
        await mailboxes.disconnected(nobody, event(EventKind.MAILBOX_DISCONNECTED, desk))


async def test_a_pause_is_recorded_once_keeps_the_cursor_and_leaves_a_withdrawn_permission_to_be_seen(
    desk: Desk,
) -> None:
    mailboxes = SqlMailboxes(desk.database, SECRET)
    async with desk.store.begin() as tx:
        await tx.move_cursor(desk.mailbox.id, "cursor")
        await tx.mailbox_is(desk.mailbox.id, MailboxState.RECONNECT_REQUIRED, "withdrawn", NOW)

    for _ in range(2):
        await mailboxes.paused(desk.mailbox.id, event(EventKind.MAILBOX_PAUSED, desk))
    (paused,) = await desk.store.mailboxes()
    for _ in range(2):
        await mailboxes.resumed(desk.mailbox.id, event(EventKind.MAILBOX_RESUMED, desk))
    (resumed,) = await desk.store.mailboxes()

    assert (paused.is_read, paused.paused_at, paused.cursor) == (False, NOW, "cursor")
    assert (resumed.is_read, resumed.cursor, resumed.state) == (True, "cursor", MailboxState.RECONNECT_REQUIRED)
    async with desk.database.read() as connection:
        kinds = (await connection.execute(select(audit_events.c.kind).order_by(audit_events.c.id))).scalars().all()
    assert [kind for kind in kinds if kind in ("mailbox_paused", "mailbox_resumed")] == [
        "mailbox_paused",
        "mailbox_resumed",
    ]
