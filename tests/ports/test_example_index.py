"""The index of examples follows what operators decide, on both databases, without reading everything again."""

from dataclasses import replace

import pytest

from adapters import example_index
from adapters.example_index import ExampleIndex
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from persistence.erasing import SqlErasure
from persistence.examples import SqlExamples
from tests.ports.conversations import about
from tests.ports.store_builders import NOW, Desk
from tickets.categories import SHIPPED
from tickets.examples import Example, Outcome
from tickets.ticket import Ticket

CATEGORIES = SHIPPED.added("Recycling", "old panels taken back", "recycling")


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def index(database) -> ExampleIndex:
    return ExampleIndex(SqlExamples(database))


async def decided(desk: Desk, question: str, category: str, **changes: object) -> Ticket:
    ticket = await desk.opened(category=category)
    example = Example(ticket.id, 1, category, "en", question, "operator:ada@x", NOW, outcome=Outcome.APPROVED)
    async with desk.store.begin() as tx:
        await tx.keep_example(replace(example, **changes))
    return ticket


async def test_a_decision_counts_for_the_next_mail_and_is_named(desk, index):
    assert (await index.judge("Who fetches my worn-out modules?", CATEGORIES)).key != "recycling"
    ticket = await decided(desk, "Please fetch our worn-out modules for scrap.", "recycling")

    judged = await index.judge("Who fetches my worn-out modules?", CATEGORIES)

    assert (judged.key, judged.nearest, judged.examples) == ("recycling", ticket.number, 1)


async def test_what_is_erased_is_forgotten(desk, index):
    ticket = await decided(desk, "Please fetch our worn-out modules for scrap.", "recycling")
    await decided(desk, "The invoice is wrong.", "billing")
    await index.judge("worn-out modules", CATEGORIES)

    await SqlErasure(desk.database).erase_ticket(ticket.id, None)

    judged = await index.judge("worn-out modules for scrap", CATEGORIES)
    assert (judged.examples, judged.nearest) == (1, None)


async def test_a_category_that_an_operator_changes_later_counts(desk, index):
    ticket = await decided(desk, "worn-out modules for scrap", "warranty")
    await index.judge("worn-out modules", CATEGORIES)

    again = Example(ticket.id, 1, "recycling", "en", "worn-out modules for scrap", "ada", NOW, is_resorted=True)
    async with desk.store.begin() as tx:
        await tx.keep_example(again)

    judged = await index.judge("worn-out modules", CATEGORIES)
    assert (judged.key, judged.examples) == ("recycling", 1)


async def test_only_the_newest_examples_are_asked(desk, index, monkeypatch):
    monkeypatch.setattr(example_index, "MOST", 2)
    for word in ("one", "two", "three"):
        await decided(desk, f"question {word}", "billing")

    judged = await index.judge("question three", CATEGORIES)

    assert (judged.examples, len(index)) == (2, 2)


async def test_a_retired_category_is_not_proposed(desk, index):
    await decided(desk, "worn-out modules for scrap", "recycling")

    judged = await index.judge("worn-out modules for scrap", CATEGORIES.retired("recycling"))

    assert "recycling" not in dict(judged.shares)


async def test_triage_without_a_model_learns_a_category_that_no_rule_knows(desk, index):
    model = LocalModel(FolderKnowledge(None), decided=index)
    asked = about("Who fetches our old modules? They are worn out and go to the scrapyard.", "Old modules")
    before = await model.triage(asked, CATEGORIES)
    for number in range(12):
        await decided(desk, f"Scrap: please fetch {number + 2} worn out old modules for the scrapyard.", "recycling")
        await decided(desk, f"Invoice {number}: the amount of the invoice is wrong.", "billing")

    after = await model.triage(asked, CATEGORIES)

    assert before.category != "recycling"
    assert after.category == "recycling"
    assert any(reason.startswith("similar to #") for reason in after.reasons)


async def test_a_mail_about_nothing_known_waits_for_a_person(desk, index):
    model = LocalModel(FolderKnowledge(None), decided=index)
    for number in range(12):
        await decided(desk, f"The inverter number {number} shows an error.", "technical")
        await decided(desk, f"Invoice {number}: the amount of the invoice is wrong.", "billing")

    triage = await model.triage(about("Which constellation contains Betelgeuse?", "Stars"), CATEGORIES)

    assert (triage.category, triage.needs_human) == ("other", True)
