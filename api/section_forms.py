"""The settings as forms: each section filled into the fields of a page, and read back from what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from api.typed_numbers import whole_number
from tickets.desk_settings import (
    BusinessHours,
    FollowUp,
    ModelBudget,
    Price,
    Retention,
    Section,
    ServiceLevels,
    Target,
)
from tickets.errors import BadInput
from tickets.wording import Sentence

Typed = Mapping[str, str]
MAX_FIELDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """How one section stands in a page. `read` raises BadInput for what cannot be meant."""

    section: type[Section]
    fill: Callable[[Any], dict[str, str]]
    read: Callable[[Typed], Section]


# --- business hours -----------------------------------------------------------------------------------------------


def fill_hours(hours: BusinessHours) -> dict[str, str]:
    return {
        "zone": hours.zone,
        "opens": hours.opens.isoformat("minutes"),
        "closes": hours.closes.isoformat("minutes"),
        "holidays": "\n".join(day.isoformat() for day in hours.holidays),
        **{f"day-{day}": "on" for day in hours.days},
    }


def read_hours(typed: Typed) -> BusinessHours:
    return BusinessHours(
        zone=typed.get("zone", "").strip(),
        days=tuple(day for day in range(7) if typed.get(f"day-{day}")),
        opens=_time(typed, "opens"),
        closes=_time(typed, "closes"),
        holidays=tuple(sorted({_date(word) for word in typed.get("holidays", "").replace(",", " ").split()})),
    )


# --- service levels -----------------------------------------------------------------------------------------------


def fill_levels(levels: ServiceLevels) -> dict[str, str]:
    filled = {}
    for kind, targets in (("priority", levels.by_priority), ("category", levels.by_category)):
        for key, target in targets.items():
            filled[f"answer-{kind}-{key}"] = _hours(target.answer_min)
            filled[f"solution-{kind}-{key}"] = _hours(target.solution_min)
    return filled


def read_levels(typed: Typed) -> ServiceLevels:
    return ServiceLevels(_targets(typed, "priority"), _targets(typed, "category"))


def target_typed(typed: Typed) -> Target:
    """The two targets of one category, under `answer` and `solution`, in hours."""
    return Target(_minutes(typed, "answer"), _minutes(typed, "solution"))


def target_filled(target: Target) -> dict[str, str]:
    return {"answer": _hours(target.answer_min), "solution": _hours(target.solution_min)}


def _targets(typed: Typed, kind: str) -> dict[str, Target]:
    keys = dict.fromkeys(
        name.split("-", 2)[2] for name in typed if name.startswith((f"answer-{kind}-", f"solution-{kind}-"))
    )
    targets = {
        key: Target(_minutes(typed, f"answer-{kind}-{key}"), _minutes(typed, f"solution-{kind}-{key}")) for key in keys
    }
    return {key: target for key, target in targets.items() if target != Target()}


# --- reminders ----------------------------------------------------------------------------------------------------


def fill_follow_up(section: FollowUp) -> dict[str, str]:
    return {"after_days": "" if section.after_days is None else str(section.after_days)}


def read_follow_up(typed: Typed) -> FollowUp:
    return FollowUp(whole_of(typed, "after_days", "The days are a whole number. Leave it empty for never."))


# --- retention ----------------------------------------------------------------------------------------------------

_PERIODS: Final = ("closed_after_days", "originals_after_days", "dismissed_after_days", "names_after_days")


def fill_retention(section: Retention) -> dict[str, str]:
    return {name: "" if (days := getattr(section, name)) is None else str(days) for name in _PERIODS}


def read_retention(typed: Typed) -> Retention:
    advice = "The days are a whole number. Leave it empty for never."
    return Retention(**{name: whole_of(typed, name, advice) for name in _PERIODS})


RETENTION: Final = Form(Retention, fill_retention, read_retention)
HOURS: Final = Form(BusinessHours, fill_hours, read_hours)
LEVELS: Final = Form(ServiceLevels, fill_levels, read_levels)
FOLLOW_UP: Final = Form(FollowUp, fill_follow_up, read_follow_up)


# --- what models may cost ------------------------------------------------------------------------------------------


def fill_budget(budget: ModelBudget) -> dict[str, str]:
    prices = "\n".join(
        f"{model} {price.per_million_in:f} {price.per_million_out:f}" for model, price in budget.prices.items()
    )
    daily = "" if budget.daily is None else format(budget.daily, "f")
    return {"daily": daily, "currency": budget.currency, "prices": prices}


def read_budget(typed: Typed) -> ModelBudget:
    prices = {}
    for line in filter(None, map(str.strip, typed.get("prices", "").splitlines())):
        words = line.split()
        if len(words) != 3 or len(line) > 200:
            raise BadInput(
                Sentence(
                    "'%(line)s' is no price. Write the model's name and two numbers, like gpt-4.1 2 8.", line=line[:40]
                )
            )
        paid = {"in": words[1], "out": words[2]}
        advice = Sentence("The prices of %(model)s are numbers.", model=words[0][:40])
        given = [decimal_of(paid, name, advice) or Decimal() for name in paid]
        prices[words[0]] = Price(*given)
    daily = decimal_of(typed, "daily", "The budget is a number. Write it like 5 or 0.50, or leave it empty.")
    return ModelBudget(daily, typed.get("currency", "").strip().upper(), prices)


BUDGET: Final = Form(ModelBudget, fill_budget, read_budget)


# --- words into values --------------------------------------------------------------------------------------------


def whole_of(typed: Typed, name: str, advice: str) -> int | None:
    """None for an empty field."""
    word = typed.get(name, "").strip()
    if not word:
        return None
    number = whole_number(word)
    if number is None:
        raise BadInput(advice)
    return number


def decimal_of(typed: Typed, name: str, advice: str) -> Decimal | None:
    """None for an empty field; a comma is as good as a point."""
    word = typed.get(name, "").strip().replace(",", ".")
    if not word:
        return None
    try:
        number = Decimal(word)
    except InvalidOperation as error:
        raise BadInput(advice) from error
    if not number.is_finite() or len(word) > 20 or abs(number) > 10**9:
        raise BadInput(advice)
    return number


def _hours(minutes: int | None) -> str:
    return "" if minutes is None else format(Decimal(minutes) / 60, ".2f").rstrip("0").rstrip(".")


def _minutes(typed: Typed, name: str) -> int | None:
    hours = decimal_of(typed, name, "A target is a number of hours. Write it like 4 or 0.5, or leave it empty.")
    return None if hours is None else round(hours * 60)


def _time(typed: Typed, name: str) -> time:
    try:
        return time.fromisoformat(typed.get(name, "").strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise BadInput("The hours are written like 09:00. Correct when the desk opens and closes.") from error


def _date(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise BadInput(
            Sentence("'%(word)s' is no date. Write holidays like 2026-12-24, one a line.", word=word[:20])
        ) from error
