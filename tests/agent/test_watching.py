"""Mailboxes are asked daily to ring when something is new."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from adapters.memory import FixedClock
from persistence.mailboxes import SqlMailboxes
from tests.agent.world import World
from tickets.errors import Unavailable
from tickets.mail import MailboxId
from tickets.ports import Mailbox
from tickets.watching import Watching

TOPIC = "projects/helios/topics/mail"


class RingingMailbox:
    """A mailbox that grants a week, and remembers when it was asked."""

    def __init__(self, clock: FixedClock) -> None:
        self.asked: list[tuple[str, datetime]] = []
        self.is_away = False
        self._clock = clock

    async def watch(self, topic: str) -> datetime:
        if self.is_away:
            raise Unavailable("Away. It is tried again by itself.")
        self.asked.append((topic, self._clock.now()))
        return self._clock.now() + timedelta(days=7)


@pytest.fixture
def box(world: World) -> RingingMailbox:
    return RingingMailbox(world.clock)


def watching(world: World, mailbox: object, log: Callable[..., object] = lambda *_, **__: None) -> Watching:
    async def open_mailbox(_: MailboxId) -> Mailbox:
        return mailbox  # type: ignore[return-value]

    keeper = SqlMailboxes(world.database, b"k" * 32)
    return Watching(world.store, keeper, open_mailbox, world.sync.leases, world.clock, TOPIC, log)


async def test_a_mailbox_is_asked_once_a_day(world: World, box: RingingMailbox) -> None:
    for _ in range(3 * 24):
        await watching(world, box).run()
        world.clock.advance(3600)

    assert {topic for topic, _ in box.asked} == {TOPIC}
    assert len(box.asked) == 3


async def test_one_that_is_away_is_asked_again_at_the_next_look(world: World, box: RingingMailbox) -> None:
    told: list[str] = []
    box.is_away = True

    first = await watching(world, box, lambda event, **_: told.append(event)).run()
    box.is_away = False
    second = await watching(world, box).run()

    assert (first, second, told) == (0, 1, ["mailbox_not_watched"])


async def test_a_mailbox_that_cannot_ring_is_left_alone(world: World) -> None:
    assert await watching(world, world.mailbox).run() == 0
