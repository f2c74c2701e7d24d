"""A model for each step, and a second one that is asked when the first fails: who is asked what, and who signs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.chat_model import ChatModel
from adapters.chat_settings import ChatSettings
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from entrypoints.scripted_model import Fault, RunningModel, answer
from tests.ports.conversations import a_draft, a_plan, a_triage, about
from tickets.spending import SPENT

MAIL = about("My inverter shows a fault.")
SECOND = "second:b"
INSTEAD = f"; answered by {SECOND} instead"


class Till:
    """A meter that remembers who was paid, and is empty when it is told so."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.is_empty = False

    async def reason_not_to_spend(self) -> str | None:
        return SPENT if self.is_empty else None

    async def told(
        self, ticket_id: UUID | None, step: str, model: str, tokens: Sequence[int], latency_s: float, outcome: str
    ) -> None:
        self.calls.append((step, model, outcome))


@pytest.fixture
def first() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


@pytest.fixture
def second() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def model(first: RunningModel, second: RunningModel, till: Till) -> ChatModel:
    fallback = ChatSettings("second", second.base_url, "b", "key-of-b")
    settings = ChatSettings("first", first.base_url, "a", "key-of-a", fallback=fallback)
    return ChatModel(settings, LocalModel(FolderKnowledge(None)), meter=till)


# --- a model for each step


async def test_each_step_asks_its_own_model_with_its_own_limits(first: RunningModel, till: Till) -> None:
    base = ChatSettings("first", first.base_url, "a", max_tokens=1000)
    steps = {
        "triage": replace(base, model="small", temperature=0.0),
        "draft": replace(base, model="large", temperature=0.7, max_tokens=9000),
    }
    model = ChatModel(replace(base, steps=steps), LocalModel(FolderKnowledge(None)), meter=till)

    triage = await model.triage(MAIL)
    plan = await model.plan(MAIL, triage, [])
    reply = await model.draft(MAIL, triage, plan, [])

    sent = [(r["model"], r.get("temperature"), r["max_completion_tokens"]) for r in first.requests]
    assert sent == [("small", 0.0, 1000), ("a", None, 1000), ("large", 0.7, 9000)]
    assert [triage.written_by, plan.written_by, reply.written_by] == ["first:small", "first:a", "first:large"]
    assert till.calls == [("triage", "small", "ok"), ("plan", "a", "ok"), ("draft", "large", "ok")]


async def test_a_step_is_given_up_after_its_own_time(first: RunningModel) -> None:
    base = ChatSettings("first", first.base_url, "a", timeout_s=20.0)
    settings = replace(base, steps={"triage": replace(base, timeout_s=0.3)})
    first.always(Fault.TIMEOUT)

    triage = await ChatModel(settings, LocalModel(FolderKnowledge(None))).triage(MAIL)

    assert triage.note == "The model did not answer within 0.3 s; written without a model"


# --- a second model


async def test_while_the_first_answers_the_second_is_not_asked(model: ChatModel, second: RunningModel) -> None:
    triage = await model.triage(MAIL)

    assert (triage.written_by, triage.note) == ("first:a", None)
    assert second.requests == []


@pytest.mark.parametrize(
    ("fault", "reason", "outcome"),
    [
        (Fault.HANG_UP, "The model could not be reached", "failed"),
        (Fault.SERVER_ERROR, "The model's server had an error", "failed"),
        (Fault.UNAUTHORIZED, "The model refused the key; check its settings", "failed"),
        (Fault.NO_JSON, "The model's answer was not usable", "unusable"),
    ],
)
async def test_what_the_first_fails_at_the_second_answers_under_its_own_name(
    model: ChatModel, first: RunningModel, second: RunningModel, till: Till, fault: Fault, reason: str, outcome: str
) -> None:
    first.always(fault)

    triage = await model.triage(MAIL)
    plan = await model.plan(MAIL, triage, [])
    reply = await model.draft(MAIL, triage, plan, [])

    assert [triage.written_by, plan.written_by, reply.written_by] == [SECOND] * 3
    assert [triage.note, plan.note, reply.note] == [reason + INSTEAD] * 3
    assert (triage.needs_human, reply.needs_human) == (False, False)
    assert till.calls[:2] == [("triage", "a", outcome), ("triage", "b", "ok")]
    assert (set(first.keys), set(second.keys)) == ({"key-of-a"}, {"key-of-b"})


async def test_what_the_checks_find_stands_beside_the_reason(
    model: ChatModel, first: RunningModel, second: RunningModel
) -> None:
    first.always(Fault.SERVER_ERROR)
    second.script(answer({"subject": "", "body": "Hello, it is done.", "used_source_ids": ["invented"]}))

    reply = await model.draft(MAIL, a_triage(), a_plan(), [])

    assert reply.needs_human
    assert reply.note == (
        f"The model's server had an error{INSTEAD}; please check; it names a source that was not given"
    )


async def test_a_step_makes_two_calls_at_most_then_the_rules_write_and_both_reasons_are_told(
    model: ChatModel, first: RunningModel, second: RunningModel
) -> None:
    first.always(Fault.SERVER_ERROR)
    second.always(Fault.RATE_LIMIT)

    triage = await model.triage(MAIL)

    assert (len(first.requests), len(second.requests)) == (1, 1)
    assert (triage.written_by, triage.needs_human) == ("local", True)
    assert triage.note == (
        f"The model's server had an error; the fallback {SECOND}: The model has too many requests at the moment;"
        " written without a model"
    )


async def test_a_first_model_that_fell_silent_leaves_both_calls_of_the_next_step_to_the_second(
    model: ChatModel, first: RunningModel, second: RunningModel
) -> None:
    first.always(Fault.HANG_UP)
    triage = await model.triage(MAIL)
    second.script(Fault.GARBAGE)

    plan = await model.plan(MAIL, triage, [])

    assert (plan.written_by, plan.note) == (SECOND, f"The model could not be reached{INSTEAD}")
    assert (len(first.requests), len(second.requests)) == (1, 3)


async def test_an_operator_who_wants_a_change_makes_the_first_be_asked_again(
    model: ChatModel, first: RunningModel
) -> None:
    first.script(Fault.HANG_UP)
    await model.triage(MAIL)

    reply = await model.draft(MAIL, a_triage(), a_plan(), [], "Shorter, please", a_draft("The long one"))

    assert reply.written_by == "first:a"


async def test_a_spent_budget_stops_the_second_as_well(
    model: ChatModel, first: RunningModel, second: RunningModel, till: Till
) -> None:
    till.is_empty = True

    triage = await model.triage(MAIL)

    assert triage.note == f"{SPENT}; written without a model"
    assert first.requests == second.requests == []


async def test_an_answer_of_the_second_is_checked_like_any_other(
    model: ChatModel, first: RunningModel, second: RunningModel
) -> None:
    first.always(Fault.SERVER_ERROR)
    second.always(answer({"body": " "}))

    reply = await model.draft(MAIL, a_triage(), a_plan(), [])

    assert (reply.written_by, reply.needs_human) == ("local", True)
