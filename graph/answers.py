"""The approval interrupt on the wire: what is asked, and every form in which an answer may come back.

The question is what Agent Inbox reads today; the answers are those of Agent Inbox, of LangChain's HITL middleware, and
our own `{"decision_id"}`. Reading never raises: an answer is stored before the node sees it.
"""

import json
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from tickets.ticket import DecisionId


class ActionRequest(TypedDict):
    """The action that waits for approval, with its editable arguments."""

    action: str
    args: dict[str, str]


class InterruptConfig(TypedDict):
    """Which answers are offered."""

    allow_ignore: bool
    allow_respond: bool
    allow_edit: bool
    allow_accept: bool


class ApprovalRequest(TypedDict):
    """The interrupt's value is a list with one of these."""

    action_request: ActionRequest
    config: InterruptConfig
    description: str
    ticket_id: str
    revision: int | None
    content_hash: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The drive's own answer: a decision that is on record."""

    decision_id: DecisionId


@dataclass(frozen=True, slots=True)
class Accept:
    """Send it. `text` is what the client showed, when it says so."""

    subject: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Send this instead. Only subject and body are taken from an edit, never recipients."""

    subject: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Respond:
    """Write another draft, with this in mind."""

    feedback: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """Close without a reply."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Not one of the forms above."""


Answer = Decided | Accept | Edit | Respond | Ignore | Unclear


def read_answer(answer: object) -> Answer:
    """What the answer means, whatever form it has."""
    try:
        return _read(_unwrapped(answer))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return Unclear()


def _unwrapped(answer: object) -> dict[str, Any]:
    """The one decision inside JSON text, a list of one, or a HITL response."""
    if isinstance(answer, str):
        answer = json.loads(answer)
    if isinstance(answer, dict) and "decisions" in answer:
        answer = answer["decisions"]
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, dict):
        raise TypeError("not one decision")
    return answer


def _read(answer: dict[str, Any]) -> Answer:
    if "decision_id" in answer:
        return Decided(DecisionId(UUID(str(answer["decision_id"]))))
    args = answer.get("args", answer.get("message", answer.get("edited_action")))
    match answer.get("type"):
        case "accept" | "approve":
            return Accept(*_texts(args)) if args else Accept()
        case "edit":
            return Edit(*_texts(args))
        case "response" | "respond":
            return Respond(str(args or "").strip())
        case "ignore" | "reject":
            return Ignore()
        case _:
            return Unclear()


def _texts(args: object) -> tuple[str | None, str | None]:
    if not isinstance(args, dict):
        raise TypeError("no arguments")
    inner = args.get("args", args)
    if not isinstance(inner, dict):
        raise TypeError("no arguments")
    subject, body = inner.get("subject"), inner.get("body")
    return (None if subject is None else str(subject), None if body is None else str(body))
