"""What a language model may answer, checked before anything of it is believed. No answer has a recipient in it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.chat_languages import CODES, code_of
from tickets.ticket import Priority, Sentiment

BODY_LIMIT: Final = 8000  # characters; a longer reply is not usable
_DECODER: Final = json.JSONDecoder(strict=False)  # small models put bare line breaks into their strings
_THOUGHTS_BEGIN, _THOUGHTS_END = "<think>", "</think>"


class Answer(BaseModel):
    """Base of the answers; what was not asked for is ignored, confidence above all."""

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Answer)


class TriageAnswer(Answer):
    """The judgement of one mail."""

    category: str = Field(min_length=1, max_length=80, description="the key of one of the categories")
    priority: Priority
    sentiment: Sentiment
    language: str = Field(
        default="",  # not known
        description="ISO 639-1 code of the customer's language",
        json_schema_extra={"enum": list(CODES)},
    )
    needs_reply: bool
    summary: str = Field(min_length=1, max_length=600, description="one sentence, at most 160 characters")
    reasons: list[str] = Field(default_factory=list, max_length=8, description="short sentences for the operator")

    @field_validator("category", "priority", "sentiment", mode="before")
    @classmethod
    def in_any_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("language", mode="before")
    @classmethod
    def as_code(cls, language: Any) -> str:
        return code_of(language)

    @field_validator("summary")
    @classmethod
    def in_one_line(cls, summary: str) -> str:
        return shortened(summary, 160)

    @field_validator("reasons")
    @classmethod
    def short(cls, reasons: list[str]) -> list[str]:
        return [shortened(reason, 200) for reason in reasons if reason.strip()]


class StepAnswer(Answer):
    """One step of the plan."""

    action: str = Field(min_length=1, max_length=200)
    detail: str = Field(default="", max_length=1000)
    missing: list[str] = Field(default_factory=list, max_length=10, description="facts that are needed and not known")

    @model_validator(mode="before")
    @classmethod
    def in_one_sentence(cls, step: Any) -> Any:
        if not isinstance(step, str):
            return step
        action = shortened(step, 200)
        return {"action": action, "detail": "" if action == step.strip() else step.strip()}


class PlanAnswer(Answer):
    """The steps of the reply, in order."""

    steps: list[StepAnswer] = Field(min_length=1, max_length=12)


class DraftAnswer(Answer):
    """The reply itself."""

    subject: str = Field(default="", max_length=500)
    body: str = Field(min_length=1, max_length=BODY_LIMIT, description="the whole reply as plain text")
    used_source_ids: list[str] = Field(
        default_factory=list,
        max_length=20,
        validation_alias=AliasChoices("used_source_ids", "sources"),
        description="ids of the articles used",
    )

    @field_validator("body")
    @classmethod
    def not_blank(cls, body: str) -> str:
        if not (clean := body.replace("\r\n", "\n").replace("\x00", "").strip()):
            raise ValueError("the body is blank")
        return clean + "\n"


def parsed(shape: type[A], content: str) -> A:
    """The first JSON object of the text in its shape; a fence or words around it are forgiven.

    Raises ValueError when there is none, when it is cut off, or when its values are not in the shape.
    """
    # Only the first brace counts: inside an object that is cut off, a later one may begin a whole but smaller object.
    found, _ = _DECODER.raw_decode(content, content.index("{"))
    return shape.model_validate(found)


def without_thoughts(content: str) -> str:
    """What a reasoning model says after it has thought aloud; empty when it never came to an end."""
    text = content.strip()
    if text.startswith("{"):
        return text
    before, end, after = text.partition(_THOUGHTS_END)  # some servers keep the opening mark to themselves
    if end:
        return after.strip()
    return "" if before.startswith(_THOUGHTS_BEGIN) else text


def schema_of(shape: type[Answer], choices: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The shape as a strict JSON schema, as OpenAI-compatible servers want it in `response_format`.

    `choices` are the values that single properties may have, where only the desk knows them.
    """
    schema = _strict(shape.model_json_schema())
    for name, values in (choices or {}).items():
        schema["properties"][name]["enum"] = list(values)
    name = shape.__name__.removesuffix("Answer").lower()
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


_NOT_IN_STRICT_SCHEMAS: Final = frozenset(
    {"title", "default", "minLength", "maxLength", "minItems", "maxItems", "pattern"}
)


def _strict(node: Any) -> Any:
    """Every property required, no others allowed; the limits are checked when the answer is parsed."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in _NOT_IN_STRICT_SCHEMAS}
    for group in ("properties", "$defs"):
        if group in node:
            kept[group] = {name: _strict(inner) for name, inner in node[group].items()}
    if "properties" in node:
        kept |= {"required": list(node["properties"]), "additionalProperties": False}
    return {key: value if key in ("properties", "$defs") else _strict(value) for key, value in kept.items()}


def shortened(text: str, limit: int) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
