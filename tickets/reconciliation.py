"""Use case: keep the account of received mail at hand, and say when it does not add up or no mail comes in."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tickets.accounting import DAYS, Account, Alarm, AlarmKind, DayAccount, MailAccounts, in_words
from tickets.boards import Boards, MailboxLine, MailboxState
from tickets.mail import MailboxId
from tickets.ports import Clock

SHOWN_IDS: Final = 20
CLOSING_S: Final = 10.0
FRESH: Final = timedelta(seconds=20)  # pages look at the account all the time; a mail is not lost faster than this
EARLIER_FRESH: Final = timedelta(hours=1)  # the days before change hardly, and are many


@dataclass(slots=True)
class Reconciliation:
    """Keeps the account, and looks again when it is older than a few seconds.

    `silent_after` is how long a mailbox may go without a good sync; None never minds.
    """

    accounts: MailAccounts
    boards: Boards
    clock: Clock
    silent_after: timedelta | None
    log: Callable[..., object]
    _kept: Account | None = None
    _earlier: tuple[datetime, tuple[DayAccount, ...]] | None = None
    _counting: asyncio.Task[None] | None = None
    _moved: dict[MailboxId, tuple[object, datetime]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def now(self, max_age: timedelta = FRESH) -> Account:
        """The account, at most that old; the days before the listed ones are counted beside it."""
        async with self._turn:
            at = self.clock.now()
            if self._kept is None or at - self._kept.at >= max_age:
                self._kept = await self._counted(at)
            if self._earlier is None:
                return self._kept
            earlier = self._earlier[1]
            return replace(
                self._kept, earlier=earlier, alarms=(*self._kept.alarms, *_unaccounted(earlier, self._kept.mailboxes))
            )

    async def count_earlier(self) -> None:
        """Count the days before the listed ones now."""
        at = self.clock.now()
        before = _first_day(at)
        found = await self.accounts.earlier(before)
        self._earlier = at, tuple([await self._with_ids(sums, before) for sums in found])

    async def close(self) -> None:
        """Let a count that is under way come to its end, before the database is closed."""
        if self._counting is not None:
            await asyncio.wait([self._counting], timeout=CLOSING_S)

    async def _counted(self, at: datetime) -> Account:
        lines = await self.boards.mailboxes()
        since = _first_day(at)
        days = tuple([await self._with_ids(day, since) for day in await self.accounts.days(since)])
        self._count_earlier_beside(at)
        silent = [alarm for line in lines if (alarm := self._silence(line, at))]
        return Account(at, lines, days, None, (*silent, *_unaccounted(days, lines)))

    async def _with_ids(self, day: DayAccount, before: date) -> DayAccount:
        if not day.unaccounted:
            return day
        return replace(day, astray=await self.accounts.astray(day, before, SHOWN_IDS))

    def _count_earlier_beside(self, at: datetime) -> None:
        is_due = self._earlier is None or at - self._earlier[0] >= EARLIER_FRESH
        if is_due and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count_quietly(), name="count-earlier-mail")

    async def _count_quietly(self) -> None:
        try:
            await self.count_earlier()
        except Exception as error:  # the database is away, say: the next look tries again
            self.log("earlier_mail_not_counted", error=type(error).__name__)

    def _silence(self, line: MailboxLine, at: datetime) -> Alarm | None:
        """No sync succeeded for too long. A long listing is alive as long as its count moves."""
        is_meant = line.state in (MailboxState.DISCONNECTED, MailboxState.RECONNECT_REQUIRED) or line.paused_at
        if self.silent_after is None or is_meant:
            return None
        since = self._last_sign(line, at)
        if at - since < self.silent_after:
            return None
        return Alarm(
            AlarmKind.SILENT,
            line.id,
            line.address,
            f"No sync has succeeded for {in_words(at - since)}.",
            "Press Sync now on the Mailboxes page; if it stays, run `communication-agent doctor` on the server.",
        )

    def _last_sign(self, line: MailboxLine, at: datetime) -> datetime:
        mark = (line.last_ok_at, line.progress.done if line.progress else None)
        if self._moved.get(line.id, (None, at))[0] != mark:
            self._moved[line.id] = mark, at
        signs = [line.last_ok_at, line.state_since if line.state is MailboxState.OK else None]
        if line.progress is not None:
            signs.append(self._moved[line.id][1])
        return max((sign for sign in signs if sign), default=line.state_since or self._moved[line.id][1])


def _first_day(at: datetime) -> date:
    return at.astimezone(UTC).date() - timedelta(days=DAYS - 1)


def _unaccounted(days: Sequence[DayAccount], lines: Sequence[MailboxLine]) -> list[Alarm]:
    addresses = {line.id: line.address for line in lines}
    return [_alarm_about(day, addresses.get(day.mailbox_id, "")) for day in days if day.unaccounted]


def _alarm_about(day: DayAccount, address: str) -> Alarm:
    parts = [f"{day.lost} in no place"] if day.lost else []
    parts += [f"{day.doubled} in two places"] if day.doubled else []
    when = f"on {day.day:%-d %b %Y}" if day.day else f"more than {DAYS} days ago"
    return Alarm(
        AlarmKind.UNACCOUNTED,
        day.mailbox_id,
        address,
        f"{day.unaccounted} of {day.received} mails received {when} do not add up: {', '.join(parts)}.",
        "Mailboxes lists their ids. A Gmail account is listed again within the hour, which brings recent mail back; "
        "look up the rest in the mailbox itself, or restore a backup.",
        day.day,
    )
