"""Erasing for good, on both databases: nothing of a customer is left in any byte, and everything still adds up."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from persistence.accounting import SqlAccounting
from persistence.boards import SqlBoards
from persistence.engine import Database
from persistence.erasing import SqlErasure
from persistence.record import first_break
from tests.ports.store_builders import NOW, Desk, a_draft, a_mail
from tickets.erasing import Erased, Erasing
from tickets.errors import BadInput, NotFound
from tickets.mail import Address, Attachment, MailKind
from tickets.outbox import OutboxState
from tickets.people import CONSOLE
from tickets.status import Status
from tickets.ticket import DecisionId, Ticket, TicketId

EVE = Address("Evelyn Zauberwald", "evelyn@zauberwald.example")
MARKS = ("zauberwald", "evelyn", "geheimnisvoll", "sesamkrokant")
LATER = NOW + timedelta(days=400)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def ended() -> list[TicketId]:
    """The threads that were deleted."""
    return []


@pytest.fixture
def erasing(desk: Desk, ended: list[TicketId]) -> Erasing:
    async def end(ticket_id: TicketId) -> None:
        ended.append(ticket_id)

    return Erasing(SqlErasure(desk.database), end, desk.clock)


async def hers(desk: Desk, **changes: object) -> Ticket:
    """A ticket of Evelyn with everything that a ticket can have."""
    ticket = await desk.opened(requester=EVE, subject="Something geheimnisvoll", **changes)
    blob = b"sesamkrokant" * 9
    async with desk.store.begin() as tx:
        sha256 = await tx.keep_blob(blob)
    file = Attachment("zauberwald.pdf", "application/pdf", len(blob), sha256)
    words = {"text": "sesamkrokant", "visible_text": "sesamkrokant"}
    mail = a_mail(sender=EVE, subject="geheimnisvoll", attachments=(file,), **words)
    raw = b"From: evelyn@zauberwald.example\r\n\r\nsesamkrokant"
    await desk.received(ticket, mail, raw=raw, blobs={sha256: blob})
    async with desk.store.begin() as tx:
        await tx.receive(desk.mailbox.id, [(f"provider-{mail.message_id}", NOW)])
    await desk.drafted(ticket, body="Dear Evelyn Zauberwald", to=(EVE,), subject="Re: geheimnisvoll")
    await desk.approved(ticket, to=(EVE,), state=OutboxState.SENT, mime=b"To: evelyn@zauberwald.example")
    return ticket


async def left_behind(database: Database) -> set[str]:
    """Those of the marks that are found in the bytes of the files, or on PostgreSQL in any row."""
    if database.is_sqlite:
        path = Path(str(database.url.database))
        files = [each for each in path.parent.iterdir() if each.name.startswith(path.name)]
        stored = b"".join(each.read_bytes() for each in files).lower()
        return {mark for mark in MARKS if mark.encode() in stored}
    found: set[str] = set()
    async with database.read() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        for name in names:
            rows = (await connection.execute(text(f'SELECT CAST(t AS text) FROM "{name}" t'))).scalars()
            said = " ".join(str(row) for row in rows).lower()
            found |= {mark for mark in MARKS if mark in said or mark.encode().hex() in said}
    return found


async def test_nothing_of_an_erased_customer_is_left(desk: Desk, erasing: Erasing, ended: list[TicketId]) -> None:
    ticket, other = await hers(desk), await desk.opened()
    mail_of_other = await desk.received(other)
    before = await left_behind(desk.database)

    would = await erasing.would_erase("Evelyn@Zauberwald.example ")
    done = await erasing.erase_customer("evelyn@zauberwald.example", CONSOLE)

    assert before
    assert (would, done, ended) == (Erased(1, 1), Erased(1, 1), [ticket.id])
    assert await left_behind(desk.database) == set()
    with pytest.raises(NotFound):
        await desk.store.ticket(ticket.id)
    assert [message.id for message in (await desk.store.conversation(other.id)).messages] == [mail_of_other]
    assert await first_break(desk.database) is None


async def test_the_account_of_the_mailboxes_still_adds_up(desk: Desk, erasing: Erasing) -> None:
    await hers(desk)
    (before,) = await SqlAccounting(desk.database).days(NOW.date())

    await erasing.erase_customer(EVE.address, CONSOLE)
    (after,) = await SqlAccounting(desk.database).days(NOW.date())

    assert (before.on_tickets, before.unaccounted) == (1, 0)
    assert (after.on_tickets, after.skipped, after.unaccounted) == (0, 1, 0)
    assert after.reasons == {"erased": 1}


async def test_an_erased_mail_does_not_come_back(desk: Desk, erasing: Erasing) -> None:
    await hers(desk)
    ticket = await desk.store.ticket_numbered(1)
    (message,) = (await desk.store.conversation(ticket.id)).messages
    known = message.mail.message_id

    await erasing.erase_customer(EVE.address, CONSOLE)

    assert await desk.store.unknown_provider_ids(desk.mailbox.id, [f"provider-{known}", "new"]) == {"new"}


async def test_counts_follow(desk: Desk, erasing: Erasing) -> None:
    await hers(desk)
    await desk.opened()

    await erasing.erase_customer(EVE.address, CONSOLE)

    assert (await SqlBoards(desk.database).counts()).new == 1


async def test_a_ticket_whose_reply_is_under_way_stays(desk: Desk, erasing: Erasing) -> None:
    ticket = await hers(desk)
    await desk.approved(ticket, revision=2, decision_id=DecisionId(uuid4()), state=OutboxState.SENDING)

    done = await erasing.erase_customer(EVE.address, CONSOLE)

    assert done.waiting == 1
    assert (await desk.store.ticket(ticket.id)).number == ticket.number


async def test_only_tickets_that_are_closed_long_enough_are_purged(desk: Desk, erasing: Erasing) -> None:
    old = await hers(desk, status=Status.DONE)
    recent = await desk.opened(status=Status.DONE, updated_at=LATER - timedelta(days=9))
    waiting = await desk.opened(status=Status.NEEDS_ACTION)
    desk.clock.at = LATER

    would = await erasing.would_purge(365)
    done, again = await erasing.purge(365, CONSOLE), await erasing.purge(365, CONSOLE)

    assert would.tickets == done.tickets == 1
    assert again == Erased()
    assert [(await desk.store.ticket(kept.id)).id for kept in (recent, waiting)] == [recent.id, waiting.id]
    with pytest.raises(NotFound):
        await desk.store.ticket(old.id)


async def test_mails_of_the_customer_go_from_other_tickets_too(desk: Desk, erasing: Erasing) -> None:
    other = await desk.opened()
    await desk.received(other)
    await desk.received(other, a_mail(sender=EVE, text="sesamkrokant", visible_text="sesamkrokant"))
    await desk.received(None, a_mail(sender=EVE), kind=MailKind.AUTOMATIC)

    done = await erasing.erase_customer(EVE.address, CONSOLE)

    assert done == Erased(0, 2)
    assert len((await desk.store.conversation(other.id)).messages) == 1


async def test_bytes_that_somebody_else_needs_stay(desk: Desk, erasing: Erasing) -> None:
    await hers(desk)
    other = await desk.opened()
    async with desk.store.begin() as tx:
        sha256 = await tx.keep_blob(b"sesamkrokant" * 9)
        file = Attachment("price list.pdf", "application/pdf", 108, sha256)
        await tx.add_draft(replace(a_draft(other), attachments=(file,)))

    await erasing.erase_customer(EVE.address, CONSOLE)

    assert await desk.store.blob(sha256) == b"sesamkrokant" * 9


@pytest.mark.parametrize("address", ["", "evelyn", "a b@c.example", "x" * 400 + "@c.example"])
async def test_what_is_no_address_erases_nothing(erasing: Erasing, address: str) -> None:
    with pytest.raises(BadInput):
        await erasing.erase_customer(address, CONSOLE)


async def test_every_table_that_names_a_ticket_follows_it(database: Database) -> None:
    async with database.read() as connection:
        keys = await connection.run_sync(
            lambda sync: {
                (table, tuple(key["constrained_columns"]), (key["options"] or {}).get("ondelete"))
                for table in inspect(sync).get_table_names()
                for key in inspect(sync).get_foreign_keys(table)
                if key["referred_table"] == "tickets"
            }
        )

    assert {table for table, _, rule in keys if rule != "CASCADE"} == {"mails"}
