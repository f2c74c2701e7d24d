"""How answers are read: leniently in their form, strictly in their values."""

import json
from typing import Any

import pytest

from adapters.chat_answers import Answer, DraftAnswer, PlanAnswer, TriageAnswer, parsed, schema_of, without_thoughts
from adapters.chat_languages import CODES
from tickets.ticket import Category, Priority, Sentiment

FIELDS = {
    "category": "technical",
    "priority": "high",
    "sentiment": "negative",
    "language": "de",
    "needs_reply": True,
    "summary": "The inverter shows a fault.",
    "reasons": ["names a fault"],
}
TRIAGE = json.dumps(FIELDS)
DRAFT = {"subject": "Re", "body": "Hello"}


def least(node: dict[str, Any], shapes: dict[str, Any]) -> Any:
    """What a server gives that fills a schema as literally as it can."""
    if "$ref" in node:
        return least(shapes[node["$ref"].removeprefix("#/$defs/")], shapes)
    if "enum" in node:
        return node["enum"][0]
    if node["type"] == "object":
        return {name: least(node["properties"][name], shapes) for name in node["required"]}
    if node["type"] == "array":
        return [least(node["items"], shapes)]
    return {"string": "string", "boolean": True}[node["type"]]


@pytest.mark.parametrize(
    "content",
    [
        TRIAGE,
        f"```json\n{TRIAGE}\n```",
        f"```json {TRIAGE} ```",
        f"```{TRIAGE}```",
        f"Sure, here it is:\n```json\n{TRIAGE}\n```\nTell me if {{anything}} is missing.",
        f"Here it is: {TRIAGE}",
        f"{TRIAGE}\nI hope this helps!",
        json.dumps(FIELDS, indent=2),
    ],
)
def test_an_answer_is_found_in_what_stands_around_it(content: str) -> None:
    assert parsed(TriageAnswer, content) == parsed(TriageAnswer, TRIAGE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<think>It says {x}.</think>\n{}", "{}"),
        ("It says {x}.\n</think>{}", "{}"),
        ('{"body": "<think></think>"}', '{"body": "<think></think>"}'),
        ("<think>Maybe {}", ""),
        ("Here it is: {}", "Here it is: {}"),
    ],
)
def test_thoughts_are_no_part_of_what_is_said(content: str, said: str) -> None:
    assert without_thoughts(content) == said


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Sure!",
        TRIAGE[:-1],
        f"```json\n{TRIAGE[: len(TRIAGE) // 2]}\n```",
        f'{{"result": {TRIAGE}',
        f"[{TRIAGE[:40]}",
    ],
)
def test_what_holds_no_whole_object_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match=r"substring not found|delimiter|Unterminated|Expecting"):
        parsed(TriageAnswer, content)


def test_a_plan_that_is_cut_off_after_a_whole_step_is_refused() -> None:
    with pytest.raises(ValueError, match="delimiter"):
        parsed(PlanAnswer, '{"steps": [{"action": "thank"}, {"action": "inform"}')


def test_values_are_taken_in_any_case() -> None:
    shouted = FIELDS | {"category": "Technical", "priority": "HIGH", "sentiment": " Negative "}

    answer = parsed(TriageAnswer, json.dumps(shouted))

    assert answer.category == Category.TECHNICAL
    assert answer.priority is Priority.HIGH
    assert answer.sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("zh-Hans-CN", "zh"),
        ("English", "en"),
        ("Deutsch", "de"),
        ("german (Austria)", "de"),
        ("Brazilian Portuguese", "pt"),
        ("Français", "fr"),
        ("Klingon", ""),
        ("xx", ""),
        ("it is hard to say", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_language_is_known_by_code_tag_and_name(named: Any, code: str) -> None:
    assert parsed(TriageAnswer, json.dumps(FIELDS | {"language": named})).language == code


def test_an_answer_may_leave_the_language_out() -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "language"}

    assert parsed(TriageAnswer, json.dumps(fields)).language == ""


def test_a_step_may_be_one_sentence() -> None:
    steps = ["Thank the customer.", {"action": "inform", "missing": ["date"]}, "very " * 60 + "long"]

    plain, full, long = parsed(PlanAnswer, json.dumps({"steps": steps})).steps

    assert (plain.action, plain.detail) == ("Thank the customer.", "")
    assert (full.action, full.missing) == ("inform", ["date"])
    assert (len(long.action), long.detail) == (200, steps[2])


@pytest.mark.parametrize("name", ["used_source_ids", "sources"])
def test_sources_are_known_by_two_names(name: str) -> None:
    assert parsed(DraftAnswer, json.dumps(DRAFT | {name: ["restart"]})).used_source_ids == ["restart"]


def test_a_body_may_hold_bare_line_breaks() -> None:
    assert parsed(DraftAnswer, '{"body": "Hello,\n\nwe come."}').body == "Hello,\n\nwe come.\n"


@pytest.mark.parametrize("shape", [TriageAnswer, PlanAnswer, DraftAnswer])
def test_an_answer_that_fills_the_schema_literally_is_usable(shape: type[Answer]) -> None:
    schema = schema_of(shape)["json_schema"]["schema"]

    answer = parsed(shape, json.dumps(least(schema, schema.get("$defs", {}))))

    assert set(schema["required"]) == set(shape.model_fields)
    assert getattr(answer, "language", "en") == "en"


def test_the_schema_names_the_languages() -> None:
    language = schema_of(TriageAnswer)["json_schema"]["schema"]["properties"]["language"]

    assert language["enum"] == list(CODES)
    assert language["enum"][:4] == ["en", "de", "fr", "es"]
