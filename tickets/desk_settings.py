"""What administrators set on the settings pages: typed sections, each stored whole, with a version.

Read a section where it is needed, and let it be handed in: `levels = await settings.read(ServiceLevels)`. A section
that nobody has changed yet is the default that the environment gave, else the one of its class. Reading is cheap: a
process keeps what it read until the desk's record moves on.

Write with the version that the form showed: `await settings.write(Change(levels, version), by, now)`. When somebody
else was first, nothing is written and StaleSettings says so; the page shows what was typed beside what is stored.

A new section is a frozen dataclass below `Section` with a `section` of its own and a default for every field; fields
may be text, numbers, Decimal, dates, times, enums, tuples, mappings and further frozen dataclasses. What cannot be
meant is refused when it is built: `__post_init__` raises BadInput with the next step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar, Final, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tickets.errors import BadInput, Conflict
from tickets.people import Actor
from tickets.wording import Sentence

WEEKDAYS: Final = (0, 1, 2, 3, 4)
MAX_HOLIDAYS: Final = 500
MAX_TARGET_MIN: Final = 60 * 24 * 365
MAX_DAYS: Final = 3650
_MIDNIGHT: Final = time()


class StaleSettings(Conflict):
    """Somebody else changed the section since the caller read it; `version` is the stored one."""

    def __init__(self, version: int) -> None:
        super().__init__("Somebody else changed these settings meanwhile. Compare, then save again.")
        self.version = version


class Section:
    """Settings that are read and written together. `section` is their stable key in the table."""

    __slots__ = ()
    section: ClassVar[str]


S = TypeVar("S", bound=Section)
S_co = TypeVar("S_co", bound=Section, covariant=True)


@dataclass(frozen=True, slots=True)
class TwoPerson(Section):
    """Which replies a second person approves: of these categories, or that state an amount above this one."""

    section: ClassVar[str] = "two_person"
    categories: tuple[str, ...] = ()
    amount_above: Decimal | None = None

    def __post_init__(self) -> None:
        if self.amount_above is not None and not (self.amount_above.is_finite() and self.amount_above >= 0):
            raise BadInput("The amount is a number that is not negative. Write it like 500 or 99.90.")


@dataclass(frozen=True, slots=True)
class FollowUp(Section):
    """After how many days of the customer's silence a ticket that waits for them comes back; None: never."""

    section: ClassVar[str] = "follow_up"
    after_days: int | None = 7

    def __post_init__(self) -> None:
        _require_days(self.after_days)


@dataclass(frozen=True, slots=True)
class BusinessHours(Section):
    """When somebody is there: on these weekdays (Monday is 0) but on no holiday, in the desk's zone.

    `closes` is later than `opens`; as 00:00 it is the end of the day, so 00:00 to 00:00 is around the clock.
    """

    section: ClassVar[str] = "business_hours"
    zone: str = "UTC"
    days: tuple[int, ...] = WEEKDAYS
    opens: time = time(9)
    closes: time = time(17)
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        require_zone(self.zone)
        if not self.days or not set(self.days) <= set(range(7)):
            raise BadInput("The desk needs at least one open day in the week. Choose one.")
        if self.opens.tzinfo or self.closes.tzinfo or (self.closes != _MIDNIGHT and self.closes <= self.opens):
            raise BadInput("The desk has to close later than it opens. Closing at 00:00 is the end of the day.")
        if len(self.holidays) > MAX_HOLIDAYS:
            raise BadInput(
                Sentence(
                    "More than %(max_holidays)s holidays cannot be kept. Take out those that are over.",
                    max_holidays=MAX_HOLIDAYS,
                )
            )


@dataclass(frozen=True, slots=True)
class Target:
    """Within how many minutes of business time a customer is answered, and their matter is settled; None: no promise.

    An answer is due from the moment the customer began to wait, a solution from the first mail.
    """

    answer_min: int | None = None
    solution_min: int | None = None

    def __post_init__(self) -> None:
        for minutes in (self.answer_min, self.solution_min):
            if minutes is not None and not 0 < minutes <= MAX_TARGET_MIN:
                raise BadInput("A target is more than nothing and at most a year. Leave it empty for no target.")


def _by_priority() -> dict[str, Target]:
    return {
        "urgent": Target(60, 8 * 60),
        "high": Target(4 * 60, 16 * 60),
        "normal": Target(8 * 60, 40 * 60),
        "low": Target(16 * 60, 80 * 60),
    }


@dataclass(frozen=True, slots=True)
class ServiceLevels(Section):
    """The targets of each priority and of categories. Where both speak, the category's counts."""

    section: ClassVar[str] = "service_levels"
    by_priority: Mapping[str, Target] = field(default_factory=_by_priority)
    by_category: Mapping[str, Target] = field(default_factory=dict)

    def with_category(self, key: str, target: Target) -> "ServiceLevels":
        """With that target of a category; an empty one promises nothing of its own."""
        others = {name: known for name, known in self.by_category.items() if name != key}
        return ServiceLevels(self.by_priority, others | ({} if target == Target() else {key: target}))


@dataclass(frozen=True, slots=True)
class Retention(Section):
    """After how many days what is deleted; None: never.

    A closed ticket with all its mail; of a closed ticket only the mails as they came and their files; the bytes of mail
    that was dismissed from quarantine; and in the record the addresses of people, for which pseudonyms stand then.
    """

    section: ClassVar[str] = "retention"
    closed_after_days: int | None = None
    originals_after_days: int | None = None
    dismissed_after_days: int | None = None
    names_after_days: int | None = None

    def __post_init__(self) -> None:
        for days in (
            self.closed_after_days,
            self.originals_after_days,
            self.dismissed_after_days,
            self.names_after_days,
        ):
            _require_days(days)


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, read and written, in the currency of the budget."""

    per_million_in: Decimal = Decimal()
    per_million_out: Decimal = Decimal()

    def __post_init__(self) -> None:
        if not all(price.is_finite() and price >= 0 for price in (self.per_million_in, self.per_million_out)):
            raise BadInput("A price is a number that is not negative. Write it like 0.15.")


@dataclass(frozen=True, slots=True)
class ModelBudget(Section):
    """What may be spent on language models each day (UTC); None: as much as it takes. Prices by the model's name."""

    section: ClassVar[str] = "model_budget"
    daily: Decimal | None = None
    currency: str = "USD"
    prices: Mapping[str, Price] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.daily is not None and not (self.daily.is_finite() and self.daily >= 0):
            raise BadInput("The budget is a number that is not negative. Leave it empty for no limit.")
        if not (self.currency.isascii() and self.currency.isalpha() and len(self.currency) == 3):
            raise BadInput("The currency has three letters. Write it like EUR.")


@dataclass(frozen=True, slots=True)
class Stored(Generic[S_co]):
    """A section as it stands. `version` is 0 while it is the default."""

    value: S_co
    version: int = 0
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change(Generic[S_co]):
    """What a section shall say, and the version that it replaces."""

    value: S_co
    version: int


class DeskSettings(Protocol):
    """Where the sections are kept."""

    async def read(self, section: type[S]) -> S:
        """What it says now; in a process that has read it before, at the cost of asking whether anything happened."""
        ...

    async def stored(self, section: type[S]) -> Stored[S]:
        """The section with its version, read afresh, for a form."""
        ...

    async def write(self, *changes: Change[Section], by: Actor, now: datetime) -> None:
        """All or nothing, on record. Raises StaleSettings when one was changed meanwhile."""
        ...


def require_zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("There is no such time zone. Write one like Europe/Berlin.") from error


def _require_days(days: int | None) -> None:
    if days is not None and not 0 < days <= MAX_DAYS:
        raise BadInput(
            Sentence("The days are at least 1 and at most %(max_days)s. Leave it empty for never.", max_days=MAX_DAYS)
        )
