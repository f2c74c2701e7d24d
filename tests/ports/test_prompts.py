"""The prompts: every version stays what it was, and every answer says under which it was given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.chat_model import ChatModel
from adapters.chat_settings import ChatSettings
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from adapters.prompt_versions import CANARY, IDS, Prompt, checked, current, prompt_named, shipped
from entrypoints.scripted_model import RunningModel
from tests.ports.conversations import a_plan, a_triage, about
from tickets.errors import BadInput, NotFound

# A published text is never changed: write the next number beside it, and add its digest here.
PUBLISHED = {
    "common@1": "3ba8a8bada27bdbc9a004cf9856a3df5c0ee5c994c80228bdff27e73a55e1702",
    "triage@1": "8e24faa3c50de9db2ec47a60d9119deeec73efe313865177180c223c792d2bde",
    "plan@1": "30c3bae54ef406c9dc651b5ffe837d39a5c7e6b8ed4ce931179b3cf46b169cb0",
    "draft@1": "aeb093e93a6fc9349e7908b5225457e91314916be1396f9920626bc844175be5",
}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


def test_a_published_version_is_never_changed() -> None:
    assert {prompt.version: prompt.digest for prompt in shipped()} == PUBLISHED


def test_every_shipped_prompt_can_be_used() -> None:
    assert [checked(prompt) for prompt in shipped()] == list(shipped())
    assert set(current().chosen) == set(IDS)


def test_what_is_filled_in_is_not_looked_into_for_slots() -> None:
    prompts = current()

    told = prompts.system("draft", {"desk_name": "{canary}", CANARY: "c4n4ry", "language": "de", "categories": ""})

    assert "customer desk of {canary}." in told
    assert "with the code de:" in told


def test_a_stamp_names_the_step_and_the_common_part() -> None:
    assert current().stamp("draft") == "draft@1 aeb093e9, common@1 3ba8a8ba"


def test_a_text_that_is_tried_out_has_its_own_stamp() -> None:
    tried = current().with_(Prompt("draft", 0, "Write in {language}."))

    assert tried.stamp("draft").startswith("draft@trial ")
    assert tried.stamp("plan") == current().stamp("plan")


def test_a_prompt_is_named_by_version_by_id_or_by_file(tmp_path: Path) -> None:
    file = tmp_path / "draft.friendlier.txt"
    file.write_text("Write a friendly reply in {language}.\n")

    assert prompt_named("draft@1") == prompt_named("draft")
    assert prompt_named(str(file)) == Prompt("draft", 0, "Write a friendly reply in {language}.")


@pytest.mark.parametrize("name", ["draft@99", "nothing", "draft@x", "missing/draft.txt"])
def test_an_unknown_prompt_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(NotFound, match=r"draft@1"):
        prompt_named(name)


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        (Prompt("draft", 0, "Answer {customer_name}."), "customer_name"),
        (Prompt("common", 0, "You work for {desk_name}."), "canary"),
        (Prompt("plan", 0, ""), "characters"),
    ],
)
def test_a_text_that_cannot_work_is_refused(prompt: Prompt, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        checked(prompt)


async def test_each_answer_bears_the_version_it_was_given_under(server: RunningModel) -> None:
    model = ChatModel(ChatSettings("test", server.base_url, "scripted"), LocalModel(FolderKnowledge(None)))
    mail = about("The inverter is dead. What now?")

    triage = await model.triage(mail)
    plan = await model.plan(mail, triage, [])
    reply = await model.draft(mail, triage, plan, [])

    stamps = current()
    assert (triage.prompt, plan.prompt, reply.prompt) == tuple(map(stamps.stamp, ("triage", "plan", "draft")))


async def test_what_rules_wrote_names_no_prompt() -> None:
    model = LocalModel(FolderKnowledge(None))
    mail = about("The inverter is dead. What now?")

    triage = await model.triage(mail)
    reply = await model.draft(mail, a_triage(), a_plan(), [])

    assert (triage.prompt, reply.prompt) == (None, None)
