"""What a language model may answer, checked before anything of it is believed. No answer has a recipient in it."""

import json
import re
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tickets.ticket import Category, Priority, Sentiment

BODY_LIMIT: Final = 8000  # characters; a longer reply is not usable
_FENCE: Final = re.compile(r"^```(?:json)?\s*\n(.*)\n\s*```$", re.DOTALL)


class Answer(BaseModel):
    """Base of the answers; what was not asked for is ignored, confidence above all."""

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Answer)


class TriageAnswer(Answer):
    """The judgement of one mail."""

    category: Category
    priority: Priority
    sentiment: Sentiment
    language: str = Field(pattern=r"^[a-z]{2}$", description="ISO 639-1 code of the customer's language")
    needs_reply: bool
    summary: str = Field(min_length=1, max_length=600, description="one sentence, at most 160 characters")
    reasons: list[str] = Field(default_factory=list, max_length=8, description="short sentences for the operator")

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


class PlanAnswer(Answer):
    """The steps of the reply, in order."""

    steps: list[StepAnswer] = Field(min_length=1, max_length=12)


class DraftAnswer(Answer):
    """The reply itself."""

    subject: str = Field(default="", max_length=500)
    body: str = Field(min_length=1, max_length=BODY_LIMIT, description="the whole reply as plain text")
    used_source_ids: list[str] = Field(default_factory=list, max_length=20, description="ids of the articles used")

    @field_validator("body")
    @classmethod
    def not_blank(cls, body: str) -> str:
        if not (clean := body.replace("\r\n", "\n").replace("\x00", "").strip()):
            raise ValueError("the body is blank")
        return clean + "\n"


def parsed(shape: type[A], content: str) -> A:
    """The answer in its shape; a code fence around the JSON is forgiven. Raises ValueError for anything else."""
    text = content.strip()
    fenced = _FENCE.match(text)
    return shape.model_validate(json.loads(fenced.group(1) if fenced else text))


def schema_of(shape: type[Answer]) -> dict[str, Any]:
    """The shape as a strict JSON schema, as OpenAI-compatible servers want it in `response_format`."""
    schema = _strict(shape.model_json_schema())
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
