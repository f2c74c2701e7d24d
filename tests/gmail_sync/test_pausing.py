"""A mailbox that an administrator pauses: whatever comes meanwhile is fetched afterwards, each mail once."""

from sqlalchemy import NullPool, create_engine, text

from persistence.engine import open_database
from persistence.mailboxes import SqlMailboxes
from tests.gmail_sync.desk import Desk
from tickets.audit import AuditEvent, EventKind
from tickets.sync import PAUSED


async def switch(desk: Desk, kind: EventKind) -> None:
    record, database = await desk.record(), open_database(desk.url)
    event = AuditEvent(kind, "operator:ada@helios.example", desk.clock.now(), fields={"mailbox": str(record.id)})
    mailboxes = SqlMailboxes(database, bytes(32))
    await (mailboxes.paused if kind is EventKind.MAILBOX_PAUSED else mailboxes.resumed)(record.id, event)
    await database.close()


async def test_mail_that_comes_in_a_pause_is_fetched_after_it(desk: Desk) -> None:
    desk.arrives()
    await desk.pulled()
    await switch(desk, EventKind.MAILBOX_PAUSED)
    for _ in range(3):
        desk.arrives()

    paused = await desk.pull()
    in_the_pause = desk.count().lost
    await switch(desk, EventKind.MAILBOX_RESUMED)
    await desk.pulled()

    assert (paused.error, in_the_pause) == (PAUSED, 3)
    assert (desk.count().mails, desk.count().lost, desk.count().doubled) == (4, 0, 0)


async def test_a_pause_stops_a_long_listing_which_goes_on_where_it_was(desk: Desk) -> None:
    desk.seed(120)

    def pause() -> None:
        with create_engine(desk.url, poolclass=NullPool).begin() as connection:
            connection.execute(text("UPDATE mailboxes SET paused_at = 1772445600000000"))

    desk.meanwhile("messages.get", pause, skip=60)
    stopped = await desk.pull()
    filed = 120 - desk.count().lost
    await switch(desk, EventKind.MAILBOX_RESUMED)
    await desk.settled()

    assert stopped.unfinished
    assert filed < 120
    assert (desk.count().mails, desk.count().lost, desk.count().doubled) == (120, 0, 0)
