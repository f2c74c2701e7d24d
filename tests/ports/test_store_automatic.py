"""Automatic mail on no ticket, on both databases: page by page, newest first, through the index, taken up once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event as database_event
from sqlalchemy import text

from persistence.engine import Database
from tests.ports.store_builders import ADA, NOW, Desk, a_mail, new_mailbox
from tickets.errors import BadInput, NotFound
from tickets.mail import Bounce, MailId, MailKind
from tickets.ticket import Ticket


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


async def automatic(
    desk: Desk, ticket: Ticket | None = None, minutes_ago: int = 0, kind: MailKind = MailKind.AUTOMATIC
) -> UUID:
    return await desk.received(ticket, kind=kind, at=NOW - timedelta(minutes=minutes_ago))


async def paged(desk: Desk, limit: int) -> list[list[UUID]]:
    """The ids on every page."""
    page = await desk.store.automatic_mails(limit, None)
    pages: list[list[UUID]] = [[line.id for line in page.lines]]
    while page.next_cursor:
        page = await desk.store.automatic_mails(limit, page.next_cursor)
        pages.append([line.id for line in page.lines])
    return pages


async def taken_up(desk: Desk, mail_id: UUID) -> bool:
    ticket = await desk.opened()
    async with desk.store.begin() as tx:
        return await tx.take_up(MailId(mail_id), desk.mail(ticket))


async def test_every_one_is_on_one_page_the_newest_first(desk: Desk) -> None:
    ticket = await desk.opened()
    old = await automatic(desk, minutes_ago=9)
    report = await automatic(desk, minutes_ago=5, kind=MailKind.BOUNCE)
    at_once = [await automatic(desk) for _ in range(3)]
    await automatic(desk, ticket)
    await desk.received(ticket)

    assert await paged(desk, 2) == [at_once[:0:-1], [at_once[0], report], [old]]
    assert await paged(desk, 5) == [[*reversed(at_once), report, old]]


async def test_a_line_says_where_from_and_why(desk: Desk) -> None:
    other = await new_mailbox(desk.database, "sales@helios.example")
    failed = Bounce(None, "bo@example.org", is_permanent=True, reason="unknown user")
    await desk.received(None, a_mail(bounce=failed), kind=MailKind.BOUNCE, mailbox_id=other.id)

    (line,) = (await desk.store.automatic_mails(5, None)).lines

    assert (line.mailbox, line.kind, line.at, line.sender) == ("sales@helios.example", MailKind.BOUNCE, NOW, ADA)
    assert (line.subject, line.text) == ("Inverter shows E07", "Hello, the inverter shows E07.")
    assert (line.why, line.is_gone) == (("delivery report",), False)


async def test_the_next_page_is_found_though_the_last_mail_was_taken_up_meanwhile(desk: Desk) -> None:
    oldest, middle, newest = [await automatic(desk, minutes_ago=ago) for ago in (2, 1, 0)]
    page = await desk.store.automatic_mails(2, None)
    await taken_up(desk, middle)

    rest = await desk.store.automatic_mails(2, page.next_cursor)

    assert [line.id for line in page.lines] == [newest, middle]
    assert [line.id for line in rest.lines] == [oldest]


@pytest.mark.parametrize("cursor", ["", "nonsense", "0a6f4f0e5b1e4c529f0a3d1c2b4a5e6f"])
async def test_a_cursor_of_another_list_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(BadInput, match="cursor"):
        await desk.store.automatic_mails(5, cursor)


async def test_a_mail_is_taken_up_once(desk: Desk) -> None:
    mail_id = await automatic(desk)

    first, second = await taken_up(desk, mail_id), await taken_up(desk, mail_id)
    recorded = await desk.store.mail_on_record(MailId(mail_id))
    ticket = await desk.store.ticket_numbered(1)

    assert (first, second) == (True, False)
    assert recorded.ticket_id == ticket.id
    assert [each.kind for each in (await desk.store.conversation(ticket.id)).messages] == [MailKind.CUSTOMER]


async def test_taking_up_counts_on_the_ticket_and_brings_its_people(desk: Desk) -> None:
    ticket, mail_id = await desk.opened(), await automatic(desk)
    async with desk.store.begin() as tx:
        await tx.take_up(MailId(mail_id), desk.mail(ticket))

    async with desk.store.begin() as tx:
        people = await tx.participants(ticket.id)

    assert people == {ADA.key, "support@helios.example"}
    assert (await desk.store.ticket(ticket.id)).snippet == "Hello, the inverter shows E07."


async def test_a_mail_on_record_has_its_bytes(desk: Desk) -> None:
    mail = a_mail()
    mail_id = await desk.received(None, mail, kind=MailKind.AUTOMATIC)

    recorded = await desk.store.mail_on_record(MailId(mail_id))

    assert (recorded.mail, recorded.ticket_id) == (mail, None)
    assert recorded.incoming.raw == f"raw {mail.message_id}".encode()
    with pytest.raises(NotFound, match="no such mail"):
        await desk.store.mail_on_record(MailId(uuid4()))


async def test_a_page_is_read_in_the_order_of_the_index(desk: Desk) -> None:
    await automatic(desk)
    statement, values = await asked(desk)

    async with desk.database.read() as connection:
        if desk.database.is_sqlite:
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
        else:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", values)).all()
    steps = "\n".join(str(row[-1]) for row in plan)

    assert "ix_mails_ticket_id_at" in steps, steps
    assert "TEMP B-TREE" not in steps, steps
    assert "Sort" not in steps, steps


async def asked(desk: Desk) -> tuple[str, tuple[object, ...]]:
    """The statement that reads the second page, and its values."""
    first = await automatic(desk)
    seen: list[tuple[str, tuple[object, ...]]] = []

    def keep(_c: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object) -> None:
        seen.append((statement, values))

    engine = desk.database.reader.sync_engine
    database_event.listen(engine, "before_cursor_execute", keep)
    await desk.store.automatic_mails(50, first.hex)
    database_event.remove(engine, "before_cursor_execute", keep)
    return seen[-1]
