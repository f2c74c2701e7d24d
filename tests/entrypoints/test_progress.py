"""The bars of a long sync on the console."""

import asyncio
import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from rich.console import Console

from entrypoints import progress
from tickets.boards import MailboxLine, MailboxState, Progress
from tickets.mail import MailboxId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class GrowingBoards:
    """Boards that know nothing but a mailbox under way: each look finds it further, the last one at its end."""

    def __init__(self, *done: int | None) -> None:
        self._left = list(done)
        self._id = MailboxId(uuid4())
        self.looked = asyncio.Event()

    async def mailboxes(self) -> tuple[MailboxLine, ...]:
        done = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if len(self._left) == 1:
            self.looked.set()
        under_way = None if done is None else Progress(done, 400, NOW)
        line = MailboxLine(self._id, "gmail", "support@helios.example", MailboxState.OK, None, None, None, under_way)
        return (line,)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOOK_EVERY_S", 0.001)


async def shown(boards: GrowingBoards) -> str:
    out = io.StringIO()

    async def work() -> int:
        await boards.looked.wait()
        return 7

    assert await progress.with_bars(boards, work, Console(file=out, width=120)) == 7
    return out.getvalue()


async def test_a_listing_that_ended_shows_as_complete() -> None:
    text = await shown(GrowingBoards(100, 250, None))

    assert "support@helios.example" in text
    assert "400/400" in text


async def test_a_listing_that_broke_off_shows_how_far_it_came() -> None:
    assert "250/400" in await shown(GrowingBoards(100, 250))


async def test_without_a_long_listing_there_is_no_bar() -> None:
    assert await shown(GrowingBoards(None)) == "\n"
