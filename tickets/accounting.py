"""The account of what the mailboxes gave us: every mail received is in exactly one place, and mail keeps coming.

A mail is received once it is counted, before anything else is done with it. From then on it is on a ticket, recorded as
automatic mail, in quarantine, or skipped for a reason. One that is nowhere, or in two places, raises an alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from tickets.boards import MailboxLine, Progress
from tickets.mail import MailboxId

DAYS: Final = 14

_HOUR_MIN: Final = 60
_DAY_MIN: Final = 24 * _HOUR_MIN


@dataclass(frozen=True, slots=True)
class DayAccount:
    """What became of the mails that one mailbox gave on one UTC day; `day` None sums up all days before the listed.

    `lost` are in no place and `doubled` in more than one; `astray` holds the first provider ids of both.
    """

    mailbox_id: MailboxId
    day: date | None
    on_tickets: int = 0
    automatic: int = 0
    quarantined: int = 0
    skipped: int = 0
    lost: int = 0
    doubled: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    astray: tuple[str, ...] = ()

    @property
    def accounted(self) -> int:
        """How many are where exactly one mail should be."""
        return self.on_tickets + self.automatic + self.quarantined + self.skipped

    @property
    def unaccounted(self) -> int:
        return self.lost + self.doubled

    @property
    def received(self) -> int:
        return self.accounted + self.unaccounted


class MailAccounts(Protocol):
    """Counts over the rows themselves; nothing here is kept in step by hand."""

    async def days(self, since: date) -> tuple[DayAccount, ...]:
        """One for each mailbox and day from `since` on that received anything, the newest day first."""
        ...

    async def earlier(self, before: date) -> tuple[DayAccount, ...]:
        """One for each mailbox that received anything before that day; takes seconds on a large desk."""
        ...

    async def astray(self, account: DayAccount, before: date, limit: int) -> tuple[str, ...]:
        """The first provider ids that are in no place or in several; `before` ends an account without a day."""
        ...


class AlarmKind(StrEnum):
    UNACCOUNTED = "unaccounted"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something an operator must look at, in words; `day` is the UTC day of the mails, if it is about some."""

    kind: AlarmKind
    mailbox_id: MailboxId
    address: str
    says: str
    what_to_do: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The whole account as it was at `at`. `earlier` is None until the days before have been counted."""

    at: datetime
    mailboxes: tuple[MailboxLine, ...]
    days: tuple[DayAccount, ...]
    earlier: tuple[DayAccount, ...] | None
    alarms: tuple[Alarm, ...]

    def days_of(self, mailbox_id: MailboxId) -> list[DayAccount]:
        return [day for day in self.days if day.mailbox_id == mailbox_id]

    def earlier_of(self, mailbox_id: MailboxId) -> DayAccount | None:
        return next((sums for sums in self.earlier or () if sums.mailbox_id == mailbox_id), None)

    def alarms_of(self, mailbox_id: MailboxId) -> list[Alarm]:
        return [alarm for alarm in self.alarms if alarm.mailbox_id == mailbox_id]

    @property
    def today(self) -> tuple[int, int]:
        """How many mails were received today, and how many of them are accounted for."""
        days = [day for day in self.days if day.day == self.at.date()]
        return sum(day.received for day in days), sum(day.accounted for day in days)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a long listing goes: mails a minute, and how long it will take; None while nothing can be said."""

    per_minute: float
    left: timedelta | None


def pace(progress: Progress, now: datetime) -> Pace:
    """Measured from the listing's beginning."""
    minutes = (now - progress.since).total_seconds() / 60
    if minutes <= 0 or progress.done <= 0:
        return Pace(0.0, None)
    per_minute = progress.done / minutes
    return Pace(per_minute, timedelta(minutes=max(0, progress.total - progress.done) / per_minute))


def in_words(span: timedelta) -> str:
    """`40 seconds`, `12 minutes`, `3 hours`, `2 days`."""
    seconds = max(0, int(span.total_seconds()))
    minutes = seconds // 60
    if minutes < 1:
        return _several(seconds, "second")
    if minutes < 2 * _HOUR_MIN:
        return _several(minutes, "minute")
    if minutes < 2 * _DAY_MIN:
        return _several(minutes // _HOUR_MIN, "hour")
    return _several(minutes // _DAY_MIN, "day")


def _several(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"
