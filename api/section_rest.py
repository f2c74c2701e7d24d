"""The settings that are plain forms, for scripts: one address a section, read whole and replaced whole.

A `PUT` names the version that it replaces; when somebody else was first, the answer is 409 and nothing is changed.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Self

from litestar import get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from api.auth import may
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed
from api.schemas import NO_NUL
from api.services import Services
from tickets.desk_settings import (
    MAX_DAYS,
    MAX_HOLIDAYS,
    MAX_TARGET_MIN,
    BusinessHours,
    Change,
    FollowUp,
    S,
    Section,
    ServiceLevels,
    Stored,
    Target,
)
from tickets.people import Actor, Scope

READS: Final = problems()
WRITES: Final = problems(409)

Version = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Minutes = Annotated[int, Meta(ge=1, le=MAX_TARGET_MIN)]
OfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]
Money = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,9})?$", examples=["99.90"])]
Key = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Kept(Struct, kw_only=True):
    """What is known of every section. `version` is 0 while nobody has changed it."""

    version: Version
    changed_by: str | None = None
    changed_at: datetime | None = None


class HoursValue(Struct, kw_only=True):
    """`days` are 0 (Monday) to 6; `closes` 00:00 is the end of the day; all in `zone`."""

    zone: Annotated[str, Meta(max_length=64, pattern=NO_NUL)]
    days: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(min_length=1, max_length=7)]
    opens: OfDay
    closes: OfDay
    holidays: Annotated[list[date], Meta(max_length=MAX_HOLIDAYS)]

    def value(self) -> BusinessHours:
        times = time.fromisoformat(self.opens), time.fromisoformat(self.closes)
        return BusinessHours(self.zone, tuple(sorted(set(self.days))), *times, tuple(sorted(set(self.holidays))))


class HoursPut(HoursValue, forbid_unknown_fields=True):
    """The business hours, and the version that they replace."""

    version: Version


class HoursOut(HoursValue, kw_only=True):
    """When targets run."""

    version: Version
    changed_by: str | None = None
    changed_at: datetime | None = None

    @classmethod
    def of(cls, stored: Stored[BusinessHours]) -> Self:
        hours = stored.value
        return cls(
            zone=hours.zone,
            days=list(hours.days),
            opens=hours.opens.isoformat("minutes"),
            closes=hours.closes.isoformat("minutes"),
            holidays=list(hours.holidays),
            **kept(stored),
        )


class TargetValue(Struct, forbid_unknown_fields=True):
    """In minutes of opening time; null promises nothing."""

    answer_min: Minutes | None = None
    solution_min: Minutes | None = None


class LevelsValue(Struct, kw_only=True):
    """Targets by the key of a priority and of a category; where both have one, the category's counts."""

    by_priority: dict[Key, TargetValue]
    by_category: dict[Key, TargetValue]

    def value(self) -> ServiceLevels:
        return ServiceLevels(_targets(self.by_priority), _targets(self.by_category))


class LevelsPut(LevelsValue, forbid_unknown_fields=True):
    """The targets, and the version that they replace."""

    version: Version


class LevelsOut(LevelsValue, kw_only=True):
    """What customers may expect."""

    version: Version
    changed_by: str | None = None
    changed_at: datetime | None = None

    @classmethod
    def of(cls, stored: Stored[ServiceLevels]) -> Self:
        shown = [
            {key: TargetValue(target.answer_min, target.solution_min) for key, target in targets.items()}
            for targets in (stored.value.by_priority, stored.value.by_category)
        ]
        return cls(by_priority=shown[0], by_category=shown[1], **kept(stored))


class FollowUpPut(Struct, forbid_unknown_fields=True):
    """Days of silence until a waiting ticket comes back (null: never), and the version that it replaces."""

    after_days: Days | None
    version: Version


class FollowUpOut(Kept, kw_only=True):
    """Days of silence until a waiting ticket comes back; null: never."""

    after_days: Days | None

    @classmethod
    def of(cls, stored: Stored[FollowUp]) -> Self:
        return cls(after_days=stored.value.after_days, **kept(stored))


def kept(stored: Stored[Any]) -> dict[str, Any]:
    """What `Kept` says of it."""
    return {"version": stored.version, "changed_by": stored.changed_by, "changed_at": stored.changed_at}


async def replaced(services: Services, value: S, version: int, actor: Actor) -> Stored[S]:
    """Write the section, and read it back. Raises StaleSettings, BadInput."""
    changed: Change[Section] = Change(value, version)
    await services.desk_settings.write(changed, by=actor, now=services.clock.now())
    return await services.desk_settings.stored(type(value))


def _targets(targets: dict[str, TargetValue]) -> dict[str, Target]:
    return {key: Target(target.answer_min, target.solution_min) for key, target in targets.items()}


@get("/settings/business-hours", guards=[may(Scope.ADMIN)], responses=READS)
async def get_hours(services: ServicesNeed) -> HoursOut:
    """The business hours in which targets run."""
    return HoursOut.of(await services.desk_settings.stored(BusinessHours))


@put("/settings/business-hours", guards=[may(Scope.ADMIN)], responses=WRITES)
async def put_hours(services: ServicesNeed, actor: ActorNeed, data: JSONBody[HoursPut]) -> HoursOut:
    """Replace the business hours."""
    return HoursOut.of(await replaced(services, data.value(), data.version, actor))


@get("/settings/service-levels", guards=[may(Scope.ADMIN)], responses=READS)
async def get_levels(services: ServicesNeed) -> LevelsOut:
    """The targets of priorities and categories."""
    return LevelsOut.of(await services.desk_settings.stored(ServiceLevels))


@put("/settings/service-levels", guards=[may(Scope.ADMIN)], responses=WRITES)
async def put_levels(services: ServicesNeed, actor: ActorNeed, data: JSONBody[LevelsPut]) -> LevelsOut:
    """Replace the targets."""
    return LevelsOut.of(await replaced(services, data.value(), data.version, actor))


@get("/settings/follow-up", guards=[may(Scope.ADMIN)], responses=READS)
async def get_follow_up(services: ServicesNeed) -> FollowUpOut:
    """When silent tickets come back."""
    return FollowUpOut.of(await services.desk_settings.stored(FollowUp))


@put("/settings/follow-up", guards=[may(Scope.ADMIN)], responses=WRITES)
async def put_follow_up(services: ServicesNeed, actor: ActorNeed, data: JSONBody[FollowUpPut]) -> FollowUpOut:
    """Replace it."""
    return FollowUpOut.of(await replaced(services, FollowUp(data.after_days), data.version, actor))


section_handlers: Sequence[HTTPRouteHandler] = (
    get_hours,
    put_hours,
    get_levels,
    put_levels,
    get_follow_up,
    put_follow_up,
)
