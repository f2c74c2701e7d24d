"""Labelled mails as JSON lines: what a row may say, with the line and the field in every complaint."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from entrypoints.evaluation.cases import Case, CaseBuilder, Expected, Letter, address_of
from tickets.errors import BadInput
from tickets.mail import Mail, MailKind
from tickets.ticket import Priority

SHIPPED: Final = "shipped"
SHIPPED_FILE: Final = Path(__file__).with_name("mails.jsonl")
_COMPLAINTS: Final = 20
_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)  # of rows without a time
_OURS: Final = "support@desk.invalid"
_Text = Annotated[str, Field(max_length=500_000)]


class Earlier(BaseModel):
    """A mail before the one to judge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: Literal["customer", "us", "machine"] = Field(validation_alias=AliasChoices("from", "author"))
    text: _Text
    subject: str | None = None


class Row(BaseModel):
    """One mail and its labels. Only `text` is required; what has no label is not measured on that row."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | None = Field(None, min_length=1, max_length=200)
    text: _Text = Field(validation_alias=AliasChoices("text", "body"))
    subject: str = ""
    sender: str = Field("A customer <customer@customer.invalid>", validation_alias=AliasChoices("from", "sender"))
    at: datetime | None = None
    html: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    category: str | None = Field(None, validation_alias=AliasChoices("category", "expected_category", "label"))
    priority: Priority | None = Field(None, validation_alias=AliasChoices("priority", "expected_priority"))
    language: str | None = Field(None, validation_alias=AliasChoices("language", "lang"))
    needs_reply: bool | None = None
    assignee: str | None = None
    reference: _Text | None = None
    must_not: tuple[str, ...] = ()
    canary: tuple[str, ...] = ()

    @field_validator("category", "priority", "language", mode="before")
    @classmethod
    def folded(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def is_code(cls, value: str | None) -> str | None:
        if value is not None and not (value.isalpha() and 2 <= len(value) <= 3):
            raise ValueError("a code of two letters, like en")
        return value


def shipped_or(name: str) -> Path:
    """The labelled mails that come with the product, or the file of that name."""
    return SHIPPED_FILE if name == SHIPPED else Path(name)


def cases_in(path: Path, categories: Iterable[str] | None = None) -> tuple[Case, ...]:
    """Every row as a case. Raises BadInput that names each wrong line, at most twenty of them.

    `categories` are those that a row may name; None for any.
    """
    known = frozenset(categories) if categories is not None else None
    cases: list[Case] = []
    complaints: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = Row.model_validate_json(line)
        except ValidationError as error:
            complaints.append(f"line {number}: {_in_words(error)}")
            continue
        name = row.id or f"line-{number}"
        if name in seen:
            complaints.append(f"line {number}: the id {name!r} stands on line {seen[name]} already")
        elif known is not None and row.category is not None and row.category not in known:
            complaints.append(f"line {number}: category {row.category!r} is none of {', '.join(sorted(known))}")
        seen.setdefault(name, number)
        cases.append(_case(name, row))
    if complaints:
        shown, more = complaints[:_COMPLAINTS], len(complaints) - _COMPLAINTS
        rest = f"; and {more} more" if more > 0 else ""
        raise BadInput(f"{path} cannot be used: {'; '.join(shown)}{rest}. Correct it, then start again.")
    if not cases:
        raise BadInput(f"{path} has no rows. Write one JSON object a line: see docs/evaluation.md.")
    return tuple(cases)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text. Save it as UTF-8, then start again.") from error


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def _case(name: str, row: Row) -> Case:
    at = row.at or _NOON
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    last = _mail(name, len(row.earlier), row.subject, row.sender, row.text, row.html, row.headers)
    letters = [*_before(name, row, at), Letter(last, MailKind.CUSTOMER, at)]
    return Case(
        id=name,
        conversation=CaseBuilder(_OURS).conversation(name, letters),
        expected=Expected(
            category=row.category,
            priority=row.priority.value if row.priority else None,
            language=row.language,
            needs_reply=row.needs_reply,
            assignee=row.assignee,
            reference=row.reference,
        ),
        at=at,
        knows=at if row.at else None,
        must_not=row.must_not,
        canary=row.canary,
    )


_KINDS: Final = {"customer": MailKind.CUSTOMER, "us": MailKind.REPLY, "machine": MailKind.AUTOMATIC}


def _before(name: str, row: Row, at: datetime) -> Iterable[Letter]:
    for place, each in enumerate(row.earlier):
        kind = _KINDS[each.author]
        sender = _OURS if kind is MailKind.REPLY else row.sender
        mail = _mail(name, place, each.subject or row.subject, sender, each.text, None, {})
        yield Letter(mail, kind, at - timedelta(days=len(row.earlier) - place))


def _mail(
    name: str, place: int, subject: str, sender: str, text: str, html: str | None, headers: Mapping[str, str]
) -> Mail:
    return Mail(
        message_id=f"<{place}.{name}@labelled.invalid>",
        subject=subject,
        sender=address_of(sender),
        text=text,
        visible_text=text,
        html=html,
        headers={key.lower(): value for key, value in headers.items()},
    )
