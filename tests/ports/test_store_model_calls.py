"""What models cost, on both databases: recorded, added up by day, and stopped by the budget."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from adapters.chat_model import ChatModel
from adapters.chat_settings import ChatSettings
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from entrypoints.scripted_model import RunningModel
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database
from persistence.model_calls import SqlModelCalls
from tests.ports.conversations import about
from tests.ports.store_builders import NOW, StillClock
from tickets.desk_settings import Change, ModelBudget, Price
from tickets.errors import ModelUnavailable
from tickets.people import CONSOLE
from tickets.spending import ModelCall, Spending, cost_nano
from tickets.ticket import TicketId

CALL = ModelCall(NOW, TicketId(uuid4()), "triage", "scripted", 100, 50, 400, 1_500, "USD", "ok")
BROKEN = about("The inverter shows an error. What shall we do?")


@pytest.fixture
def calls(database: Database) -> SqlModelCalls:
    return SqlModelCalls(database)


@pytest.fixture
def spending(database: Database, calls: SqlModelCalls) -> Spending:
    return Spending(calls, SqlDeskSettings(database), StillClock(), lambda *_, **__: None)


@pytest.fixture
def server() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


def chat(server: RunningModel, spending: Spending) -> ChatModel:
    settings = ChatSettings("test", server.base_url, "scripted", "key")
    return ChatModel(settings, LocalModel(FolderKnowledge(None)), meter=spending)


@pytest.mark.parametrize(
    ("price", "tokens", "nano"),
    [
        (Price(Decimal("0.15"), Decimal("0.60")), (1_000_000, 1_000_000), 750_000_000),
        (Price(Decimal("0.15"), Decimal("0.60")), (100, 50), 45_000),
        (Price(), (100, 50), 0),
    ],
)
def test_a_call_costs_what_its_tokens_cost(price: Price, tokens: tuple[int, int], nano: int) -> None:
    assert cost_nano(price, *tokens) == nano


async def test_calls_are_added_up_by_day_step_and_model(calls: SqlModelCalls) -> None:
    for call in (
        CALL,
        replace(CALL, outcome="failed", tokens_in=0, tokens_out=0, cost_nano=0),
        replace(CALL, step="draft"),
        replace(CALL, at=NOW - timedelta(days=1)),
        replace(CALL, at=NOW - timedelta(days=9)),
    ):
        await calls.record(call)

    usage = await calls.usage(NOW - timedelta(days=2))

    assert [(each.day, each.step, each.calls, each.failed) for each in usage] == [
        (NOW.date(), "draft", 1, 0),
        (NOW.date(), "triage", 2, 1),
        (NOW.date() - timedelta(days=1), "triage", 1, 0),
    ]
    assert (usage[1].tokens_in, usage[1].tokens_out, usage[1].cost) == (100, 50, Decimal("0.0000015"))


async def test_money_of_another_currency_is_not_counted(calls: SqlModelCalls) -> None:
    await calls.record(CALL)
    await calls.record(replace(CALL, currency="EUR"))

    assert await calls.spent_since(NOW, "EUR") == 1_500


async def test_a_model_is_asked_until_the_budget_is_spent(
    server: RunningModel, spending: Spending, calls: SqlModelCalls, database: Database
) -> None:
    budget = ModelBudget(Decimal("0.0000001"), "USD", {"scripted": Price(Decimal(1), Decimal(1))})
    await SqlDeskSettings(database).write(Change(budget, 0), by=CONSOLE, now=NOW)
    model = chat(server, spending)

    first, second = await model.triage(BROKEN), await model.triage(BROKEN)
    (usage,) = await calls.usage(NOW)

    assert (first.written_by, second.written_by) == ("test:scripted", "local")
    assert second.note == "Today's budget for language models is spent; written without a model"
    assert (usage.calls, usage.step, usage.tokens_in, usage.tokens_out) == (1, "triage", 100, 50)


async def test_a_call_without_an_answer_is_counted_as_failed(spending: Spending, calls: SqlModelCalls) -> None:
    with RunningModel() as server:
        gone = server.base_url
    settings = ChatSettings("test", gone, "scripted", "key", 2)
    model = ChatModel(settings, LocalModel(FolderKnowledge(None)), meter=spending)

    with pytest.raises(ModelUnavailable):
        await model.tried()

    (usage,) = await calls.usage(NOW)
    assert (usage.step, usage.failed, usage.cost_nano) == ("alive", usage.calls, 0)
