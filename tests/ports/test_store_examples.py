"""What operators decide becomes an example, on both databases: without personal data, and gone with its ticket."""

from dataclasses import replace

import pytest

from persistence.erasing import SqlErasure
from persistence.examples import SqlExamples
from tests.ports.store_builders import NOW, Desk, a_mail
from tickets.examples import Example, Outcome, Shelf
from tickets.learning import Lesson, learn, lesson_of, unlearn_approval
from tickets.people import Actor
from tickets.ticket import Ticket

ADA = Actor("operator:ada@helios.example")
TEXT = "Hello,\n\nmy invoice RE-2026-00417 is wrong. Call me: +49 170 1234567.\n\nKind regards\nEvelyn Zauberwald"


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def examples(database) -> SqlExamples:
    return SqlExamples(database)


async def asked(desk: Desk, category: str = "billing") -> Ticket:
    ticket = await desk.opened(category=category, subject="Invoice")
    await desk.received(ticket, a_mail(subject="Invoice", text=TEXT, visible_text=TEXT))
    return await desk.store.ticket(ticket.id)


async def lesson(desk: Desk, ticket: Ticket) -> Lesson:
    return await lesson_of(desk.store, await desk.store.conversation(ticket.id))


async def taught(desk: Desk, ticket: Ticket, **decided: object) -> None:
    learned = await lesson(desk, ticket)
    async with desk.store.begin() as tx:
        await learn(tx, await tx.ticket(ticket.id), learned, by=ADA, at=NOW, **decided)  # type: ignore[arg-type]


async def test_an_approved_reply_teaches_without_personal_data(desk, examples):
    ticket = await asked(desk)

    await taught(desk, ticket, outcome=Outcome.APPROVED, answer="We correct it.")

    (example,) = await examples.newest(10)
    assert (example.category, example.outcome, example.actor) == ("billing", Outcome.APPROVED, ADA.name)
    assert "invoice [number] is wrong" in example.question
    assert not any(word in example.question for word in ("Zauberwald", "Evelyn", "0417", "170"))


async def test_mail_that_comes_in_teaches_nothing(desk, examples):
    await asked(desk)

    assert await examples.shelf() == Shelf()


async def test_a_second_decision_about_the_same_mail_adds_to_the_first_and_gets_a_higher_number(desk, examples):
    ticket = await asked(desk)
    await taught(desk, ticket, is_resorted=True)
    before = await examples.shelf()

    await taught(desk, ticket, outcome=Outcome.APPROVED, answer="We correct it.", is_edited=True)

    (example,) = await examples.newer(before.newest, 10)
    assert (example.is_resorted, example.is_edited, example.outcome) == (True, True, Outcome.APPROVED)
    assert await examples.shelf() == Shelf(example.number, 1)


async def test_an_edit_or_a_rejection_alone_says_nothing_of_the_category(desk, examples):
    edited, rejected = await asked(desk), await desk.opened(category="other")
    await desk.received(rejected, a_mail(message_id="<other@x.example>"))

    await taught(desk, edited, is_edited=True, answer="Other words.")
    await taught(desk, await desk.store.ticket(rejected.id), outcome=Outcome.REJECTED)

    assert await examples.newest(10) == ()
    assert len(await examples.newer(0, 10)) == 2


async def test_an_approval_that_is_taken_back_teaches_nothing(desk, examples):
    ticket = await asked(desk)
    await taught(desk, ticket, outcome=Outcome.APPROVED)

    async with desk.store.begin() as tx:
        await unlearn_approval(tx, await tx.ticket(ticket.id), ticket.work_seq, ADA, NOW)

    assert (await examples.shelf()).teaching == 0


async def test_a_decision_that_the_customer_overtook_is_not_kept(desk, examples):
    ticket = await asked(desk)
    learned = await lesson(desk, ticket)

    async with desk.store.begin() as tx:
        newer = replace(await tx.ticket(ticket.id), work_seq=ticket.work_seq + 1)
        await learn(tx, newer, learned, by=ADA, at=NOW, outcome=Outcome.APPROVED)

    assert await examples.shelf() == Shelf()


async def test_an_erased_ticket_takes_its_examples_along(desk, examples):
    ticket = await asked(desk)
    await taught(desk, ticket, outcome=Outcome.APPROVED)

    await SqlErasure(desk.database).erase_ticket(ticket.id, None)

    assert await examples.of_ticket(ticket.id) == ()


async def test_what_is_undone_in_a_transaction_was_never_learned(desk, examples):
    ticket = await asked(desk)

    async def failing() -> None:
        async with desk.store.begin() as tx:
            await tx.keep_example(Example(ticket.id, 1, "billing", "en", "A question", ADA.name, NOW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()

    assert await examples.shelf() == Shelf()
