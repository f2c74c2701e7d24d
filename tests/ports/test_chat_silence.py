"""A model that says nothing: how long it is waited for, and when it is asked again."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.chat_model import ChatModel
from adapters.chat_settings import ChatSettings
from adapters.chat_silence import Silence
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from entrypoints.scripted_model import Fault, RunningModel
from tests.ports.conversations import a_draft, a_plan, a_triage, about
from tickets.ticket import Conversation, TicketId, Triage

UNREACHED = "The model could not be reached; written without a model"
PAUSED = "The model did not answer 3 times in a row; it is left alone for 30 s; written without a model"
MODEL = "test:scripted"


class Watch:
    """A clock that stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def model(server: RunningModel, watch: Watch) -> ChatModel:
    settings = ChatSettings("test", server.base_url, "scripted", timeout_s=20.0)
    return ChatModel(settings, LocalModel(FolderKnowledge(None)), monotonic=watch)


def mail(ticket: int, work_seq: int = 1) -> Conversation:
    conversation = about("My inverter shows a fault.")
    return replace(conversation, ticket=replace(conversation.ticket, id=TicketId(UUID(int=ticket)), work_seq=work_seq))


async def judged(model: ChatModel, *tickets: int) -> list[Triage]:
    return [await model.triage(mail(ticket)) for ticket in tickets]


# --- one mail


async def test_after_silence_the_other_steps_of_that_mail_do_not_ask(server: RunningModel, model: ChatModel) -> None:
    server.script(Fault.HANG_UP, Fault.HANG_UP)

    triage = await model.triage(mail(1))
    plan = await model.plan(mail(1), triage, [])
    reply = await model.draft(mail(1), triage, plan, [])

    assert len(server.requests) == 2
    assert [triage.note, plan.note, reply.note] == [UNREACHED] * 3
    assert (triage.needs_human, reply.needs_human) == (True, True)


async def test_a_timeout_is_silence_as_well(server: RunningModel, watch: Watch) -> None:
    settings = ChatSettings("test", server.base_url, "scripted", timeout_s=0.3)
    model = ChatModel(settings, LocalModel(FolderKnowledge(None)), monotonic=watch)
    server.script(Fault.TIMEOUT, Fault.DRIP)

    triage = await model.triage(mail(1))
    plan = await model.plan(mail(1), triage, [])

    assert len(server.requests) == 2
    assert triage.note == plan.note == "The model did not answer within 0.3 s; written without a model"


@pytest.mark.parametrize("later", [mail(2), mail(1, work_seq=2)], ids=["another ticket", "the next mail of the ticket"])
async def test_a_later_mail_asks_again(server: RunningModel, model: ChatModel, later: Conversation) -> None:
    server.script(Fault.HANG_UP, Fault.HANG_UP)

    await model.triage(mail(1))
    triage = await model.triage(later)

    assert (triage.written_by, triage.note) == (MODEL, None)


async def test_an_operator_who_wants_a_change_makes_it_ask_again(server: RunningModel, model: ChatModel) -> None:
    server.script(Fault.HANG_UP, Fault.HANG_UP)
    await model.triage(mail(1))

    reply = await model.draft(mail(1), a_triage(), a_plan(), [], "Shorter, please", a_draft("The long one"))

    assert reply.written_by == MODEL


@pytest.mark.parametrize(
    "faults",
    [
        (Fault.RATE_LIMIT, Fault.RATE_LIMIT),
        (Fault.GARBAGE, Fault.GARBAGE),
        (Fault.TRUNCATED, Fault.TRUNCATED),
        (Fault.HANG_UP, Fault.RATE_LIMIT),
        (Fault.GARBAGE, Fault.HANG_UP),
    ],
)
async def test_an_answer_of_any_kind_is_no_silence(
    server: RunningModel, model: ChatModel, faults: tuple[Fault, Fault]
) -> None:
    server.script(*faults)

    triage = await model.triage(mail(1))
    plan = await model.plan(mail(1), triage, [])

    assert (triage.written_by, plan.written_by) == ("local", MODEL)


# --- everybody


async def test_after_three_silent_steps_nobody_asks_until_the_pause_is_over(
    server: RunningModel, model: ChatModel, watch: Watch
) -> None:
    server.script(*[Fault.HANG_UP] * 6)

    silent = await judged(model, 1, 2, 3)
    watch.now = 29.0
    (during,) = await judged(model, 4)
    calls = len(server.requests)
    watch.now = 30.0
    (after,) = await judged(model, 4)

    assert [triage.note for triage in silent] == [UNREACHED] * 3
    assert (calls, during.note, during.needs_human) == (6, PAUSED, True)
    assert (after.written_by, after.note) == (MODEL, None)


@pytest.mark.parametrize("answered", [None, Fault.RATE_LIMIT], ids=["a good one", "a bad one"])
async def test_any_answer_begins_the_count_anew(server: RunningModel, model: ChatModel, answered: Fault | None) -> None:
    server.always(Fault.HANG_UP)
    await judged(model, 1, 2)
    server.always(answered)
    await judged(model, 3)
    server.always(Fault.HANG_UP)
    await judged(model, 4, 5)
    server.always(None)

    (triage,) = await judged(model, 6)

    assert triage.written_by == MODEL


async def test_a_model_that_is_still_silent_after_the_pause_gets_the_next_at_once(
    server: RunningModel, model: ChatModel, watch: Watch
) -> None:
    server.always(Fault.HANG_UP)
    await judged(model, 1, 2, 3)
    watch.now = 30.0

    tried, spared = await judged(model, 4, 5)

    assert (tried.note, spared.note) == (UNREACHED, PAUSED)
    assert len(server.requests) == 8


def test_only_so_many_silent_mails_are_remembered() -> None:
    silence = Silence(lambda: 0.0)
    mails = [(TicketId(UUID(int=number)), 1) for number in range(1001)]
    for key in mails:
        silence.fell(key, "silent")
    silence.ended()

    reasons = [silence.reason_not_to_ask(key) for key in mails]

    assert reasons == [None, *["silent"] * 1000]
