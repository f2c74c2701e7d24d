"""The search on both databases: what is found, in which order, and that its index stays in step."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from persistence.rows import mails
from persistence.rows_search import search_entries
from persistence.search import SqlSearch
from persistence.search_filling import SearchFilling
from tests.ports.store_builders import NOW, SECOND, Desk, a_mail
from tickets.errors import BadInput
from tickets.mail import Address, Attachment, MailKind
from tickets.search import SearchPage
from tickets.search_query import read_query
from tickets.status import Status
from tickets.ticket import Category, Ticket

ADA = Address("Ada Müller", "ada.mueller@example.org")


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def search(database) -> SqlSearch:
    return SqlSearch(database)


async def ask(search: SqlSearch, typed: str, *, limit: int = 50, cursor: str | None = None) -> SearchPage:
    return await search.find(read_query(typed, NOW, me="bo@helios.example"), limit=limit, cursor=cursor)


async def numbers(search: SqlSearch, typed: str) -> list[int]:
    page = await ask(search, typed)
    return [found.line.number for found in page.found]


async def written(desk: Desk, words: str = "Hello", *, at=NOW, mail: dict[str, Any] | None = None, **ticket) -> Ticket:
    """A ticket with one mail."""
    opened = await desk.opened(**ticket)
    await said(desk, opened, words, at=at, **(mail or {}))
    return opened


async def said(desk: Desk, ticket: Ticket, words: str, *, at=NOW, kind=MailKind.CUSTOMER, **mail) -> None:
    blobs = {file.sha256: b"file" for file in mail.get("attachments", ())}
    await desk.received(ticket, a_mail(text=words, visible_text=words, **mail), at=at, kind=kind, blobs=blobs)


FITTING = [
    "Wärmepumpe",
    "warmepumpe",
    "WAERMEPUMPE",
    "wärmep",
    "Strasse",
    '"rote Lampe"',
    "rote lampe blinkt",
    "from:ada",
    "from:mueller",
    "from:ada.mueller@example.org",
    "from:example.org",
    "to:support",
    "subject:E07",
    "subject:inverter lampe",
    "lampe -urgent",
    'lampe -"Lampe rote"',
    "lampe -from:carl",
    "lampe*",
    "blink* rote",
    "rechnung.pdf",
    "lampe has:attachment",
    "lampe -has:note",
    "lampe is:new",
    "lampe is:open",
    "lampe is:unassigned",
    "lampe assignee:nobody",
    "lampe category:technical",
    "lampe category:billing category:technical",
    "lampe mailbox:support",
    "lampe before:2026-03-03 after:2026-03-02",
    "lampe on:today",
    "is:new category:technical",
    "has:attachment",
]


async def test_a_mail_is_found_by_what_it_says_and_by_what_its_ticket_is(desk, search):
    file = Attachment("Rechnung.pdf", "application/pdf", 4, "a" * 64)
    mail = {"sender": ADA, "attachments": (file,)}
    words = "Die Wärmepumpe in der Hauptstraße: die rote Lampe blinkt. Straße 5"
    ticket = await written(desk, words, mail=mail, category=Category.TECHNICAL)
    other = {"subject": "Offer", "to": (), "sender": Address("Carl", "carl@else.example")}
    await written(desk, "Something else", mail=other, status=Status.DONE, assignee="x@y.example")

    found = {typed: await numbers(search, typed) for typed in FITTING}

    assert found == {typed: [ticket.number] for typed in FITTING}


NOT_FITTING = [
    "waschmaschine",
    '"Lampe rote"',
    "lampe -blinkt",
    "-lampe is:done",
    "from:support",
    "to:ada",
    "subject:lampe",
    "lampe category:billing",
    "lampe is:done",
    "lampe is:mine",
    "lampe is:leaving",
    "lampe is:merged",
    "lampe has:attachment",
    "lampe has:note",
    "lampe has:draft",
    "lampe before:2026-03-02",
    "lampe after:2026-03-03",
    "#999",
    "amp",
    "l",
]


async def test_a_mail_is_not_found_by_what_it_does_not_say(desk, search):
    await written(desk, "Die rote Lampe blinkt.", mail={"sender": ADA})

    found = {typed: await numbers(search, typed) for typed in NOT_FITTING}

    assert found == {typed: [] for typed in NOT_FITTING}


async def test_our_replies_are_searched_as_well_and_hits_say_who_wrote_what(desk, search):
    ticket = await written(desk, "It beeps.")
    us = Address("Helios", "support@helios.example")
    await said(desk, ticket, "Please press the green button.", at=NOW + SECOND, kind=MailKind.REPLY, sender=us)

    (found,) = (await ask(search, "green button")).found

    assert found.hit is not None
    assert (found.hit.kind, found.hit.author, found.hit.at) == ("reply", "Helios", NOW + SECOND)
    assert found.hit.text == "Please press the green button."


async def test_the_newest_hit_comes_first_and_a_ticket_comes_once(desk, search):
    first = await written(desk, "lamp", at=NOW)
    second = await written(desk, "lamp", at=NOW + 2 * SECOND)
    third = await written(desk, "lamp", at=NOW + 1 * SECOND)
    await said(desk, first, "lamp again", at=NOW + 3 * SECOND)

    page = await ask(search, "lamp")

    assert [found.line.number for found in page.found] == [first.number, second.number, third.number]
    assert (page.total, page.is_more, page.next_cursor) == (3, False, None)


@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize("typed", ["lamp after:2020 before:2027", "lamp is:new", "is:new"])
async def test_pages_show_each_ticket_once_and_none_is_left_out(desk, search, limit, typed):
    chance = random.Random(limit)
    opened = [await desk.opened(status=chance.choice([Status.NEW, Status.DONE])) for _ in range(9)]
    for ticket in opened:
        await said(desk, ticket, "lamp", at=NOW + chance.randrange(4) * SECOND)
    for _ in range(12):
        await said(desk, chance.choice(opened), "lamp", at=NOW + chance.randrange(9) * SECOND)

    shown, cursor = [], None
    while True:
        page = await ask(search, typed, limit=limit, cursor=cursor)
        shown += [found.line.number for found in page.found]
        cursor = page.next_cursor
        if cursor is None:
            break

    expected = [ticket.number for ticket in opened if "is:new" not in typed or ticket.status is Status.NEW]
    assert sorted(shown) == sorted(expected)


async def test_a_search_that_has_seen_its_share_says_how_far_it_looked_and_goes_on_from_there(
    desk, search, monkeypatch
):
    monkeypatch.setattr("persistence.search.CHUNK", 4)
    monkeypatch.setattr("persistence.search.SHARE", 8)
    old = await written(desk, "lamp", at=NOW - timedelta(days=30), status=Status.DONE)
    for number in range(10):
        await written(desk, "lamp", at=NOW - number * SECOND)

    page = await ask(search, "lamp is:done", limit=2)
    rest = await ask(search, "lamp is:done", limit=2, cursor=page.next_cursor)

    assert (page.found, page.looked_back_to) == ((), NOW - 7 * SECOND)
    assert [found.line.number for found in rest.found] == [old.number]
    assert rest.next_cursor is None


async def test_a_search_counts_no_further_than_its_cap(desk, search, monkeypatch):
    monkeypatch.setattr("persistence.search.CHUNK", 4)
    for number in range(6):
        await written(desk, "lamp", at=NOW + number * SECOND)

    by_words, by_operator = await ask(search, "lamp", limit=2), await ask(search, "is:new", limit=2)

    assert (by_words.total, by_words.is_more) == (4, True)
    assert (by_operator.total, by_operator.is_more) == (4, True)


async def test_digits_find_the_ticket_of_that_number_before_the_mails_that_hold_them(desk, search):
    numbered = await written(desk, "lamp")
    other = await written(desk, f"see {numbered.number}", at=NOW + SECOND)

    assert await numbers(search, str(numbered.number)) == [numbered.number, other.number]
    assert await numbers(search, f"#{numbered.number}") == [numbered.number]
    assert await numbers(search, f"#{numbered.number} lamp") == [numbered.number]
    assert await numbers(search, f"#{numbered.number} see") == []


async def test_mails_of_a_merged_ticket_are_found_on_the_ticket_they_are_on_now(desk, search):
    source, target = await written(desk, "lamp"), await written(desk, "beep")
    async with desk.store.begin() as tx:
        await tx.put_mails([message.id for message in await tx.messages(source.id)], source.id, target.id)
        await tx.save(replace(await tx.ticket(source.id), merged_into=target.id))

    assert await numbers(search, "lamp") == [target.number]
    assert await numbers(search, "is:new") == [target.number]
    assert await numbers(search, "is:merged") == [source.number]
    assert await numbers(search, f"#{source.number}") == [source.number]


async def test_the_words_of_a_removed_mail_leave_the_index(desk, search):
    ticket = await written(desk, "secret word")
    async with desk.database.write() as connection:
        await connection.execute(delete(mails).where(mails.c.ticket_id == ticket.id))

    assert await numbers(search, "secret") == []
    assert await rows_of_the_index(desk) == (0, 0)


async def test_mail_that_is_taken_up_can_be_found(desk, search):
    mail = a_mail(visible_text="a beeping robot")
    mail_id = await desk.received(None, mail, kind=MailKind.AUTOMATIC)
    before = await numbers(search, "robot")
    ticket = await desk.opened()
    async with desk.store.begin() as tx:
        await tx.take_up(mail_id, desk.mail(ticket, mail))

    assert (before, await numbers(search, "robot")) == ([], [ticket.number])


async def test_a_mail_whose_transaction_fails_is_in_no_index(desk, search):
    ticket = await desk.opened()

    with suppress(ZeroDivisionError):
        async with desk.store.begin() as tx:
            await tx.add_mail(desk.mail(ticket, a_mail(visible_text="robot")))
            raise ZeroDivisionError

    assert await rows_of_the_index(desk) == (0, 0)


async def test_older_mail_is_put_in_step_by_step_and_a_step_can_be_repeated(desk, search):
    for number in range(5):
        await written(desk, f"lamp {number}", at=NOW - number * SECOND)
    async with desk.database.write() as connection:
        await connection.execute(delete(search_entries))
    filling = SearchFilling(desk.database)
    await filling.start_again()

    first = await filling.step(2)
    newest = await numbers(search, "lamp")
    known = await search.coverage()
    steps = [await filling.step(2) for _ in range(3)]

    assert (first.indexed, first.total, known.is_whole) == (2, 5, False)
    assert len(newest) == 2
    assert [step.is_whole for step in steps] == [False, True, True]
    assert len(await numbers(search, "lamp")) == 5


async def test_rebuilding_finds_everything_meanwhile_and_leaves_each_mail_once(desk, search):
    for number in range(5):
        await written(desk, f"lamp {number}")
    filling = SearchFilling(desk.database)
    await filling.start_again()
    await filling.step(2)

    meanwhile = await numbers(search, "lamp")
    while not (await filling.step(2)).is_whole:
        pass

    assert len(meanwhile) == 5
    assert await rows_of_the_index(desk) == (5, 5)


async def test_a_foreign_cursor_is_refused(search):
    for cursor in ("", "x", "WyJlIl0", "W10", "eyJhIjogMX0", "WyJlIiwgIi0xIl0", "WyJlIiwgMV0"):
        for typed in ("lamp", "is:new"):
            with pytest.raises(BadInput, match="Begin again"):
                await ask(search, typed, cursor=cursor)


async def test_a_cursor_of_another_kind_of_search_is_refused(desk, search):
    for _ in range(2):
        await written(desk, "lamp")
    by_words, by_operator = await ask(search, "lamp", limit=1), await ask(search, "is:new", limit=1)

    with pytest.raises(BadInput):
        await ask(search, "is:new", cursor=by_words.next_cursor)
    with pytest.raises(BadInput):
        await ask(search, "lamp", cursor=by_operator.next_cursor)


ODD = [
    "'",
    '"',
    "a' & b",
    "x:*",
    "NEAR(a b)",
    "a OR b",
    "(((",
    "{subject} : a",
    "*",
    "\\",
    "%_",
    "a\0b",
    "'); --",
    "😀",
]


async def test_no_text_breaks_the_languages_of_the_indexes(desk, search):
    for typed in ODD:
        await written(desk, f"before {typed} after", mail={"subject": typed, "sender": Address(typed, "a@example.org")})

    pages = [await ask(search, typed) for typed in ODD]

    assert all(len(page.found) <= len(ODD) for page in pages)
    assert await rows_of_the_index(desk) == (len(ODD), len(ODD))


async def test_a_mail_of_one_endless_word_or_many_thousand_words_is_indexed(desk, search):
    long = await written(desk, "a" * 3000)
    many = await written(desk, " ".join(f"w{number}" for number in range(20_000)))

    assert await numbers(search, "a" * 3000) == [long.number]
    assert await numbers(search, "w5000") == [many.number]


async def rows_of_the_index(desk: Desk) -> tuple[int, int]:
    async with desk.database.read() as connection:
        entries = (await connection.execute(select(func.count()).select_from(search_entries))).scalar_one()
        words = (await connection.execute(text("SELECT count(*) FROM search_words"))).scalar_one()
    return entries, words
