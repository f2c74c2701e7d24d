"""Bars on the console for long listings: how far each mailbox is, how fast, and how long it will take."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from tickets.boards import Boards
from tickets.mail import MailboxId

T = TypeVar("T")

LOOK_EVERY_S = 0.5


class Rate(ProgressColumn):
    """Mails a minute: what Google's quota is counted in."""

    def render(self, task: Task) -> Text:
        """Empty until there is a speed."""
        return Text(f"{task.speed * 60:,.0f} mails/min" if task.speed else "")


async def with_bars(boards: Boards, work: Callable[[], Awaitable[T]], console: Console | None = None) -> T:
    """Do the work, and show the progress of every mailbox that is in a long listing meanwhile.

    On a terminal the bars move; elsewhere each mailbox's last state is printed once, at the end.
    """
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        async with _followed(_Follower(boards, bars)):
            return await work()


@dataclass(frozen=True, slots=True)
class _Follower:
    """One bar for every mailbox that was seen in a long listing."""

    boards: Boards
    bars: Progress
    known: dict[MailboxId, TaskID] = field(default_factory=dict)

    async def look(self) -> None:
        for line in await self.boards.mailboxes():
            bar = self.known.get(line.id)
            if line.progress:
                if bar is None:
                    bar = self.known[line.id] = self.bars.add_task(line.address)
                self.bars.update(bar, completed=line.progress.done, total=line.progress.total)
            elif bar is not None:  # its listing has ended since the last look
                total = next(task.total for task in self.bars.tasks if task.id == bar)
                self.bars.update(bar, completed=total)

    async def follow(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def _followed(follower: _Follower) -> AsyncIterator[None]:
    following = asyncio.create_task(follower.follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await follower.look()
