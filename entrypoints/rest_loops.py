"""What goes on beside the web for the sake of scripts: forgetting requests that are long answered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from api.services import Services
from tickets.idempotency import IdempotencyKeys
from tickets.ports import Clock

FORGET_EVERY_S: Final = 3600.0


def rest_loops(services: Services) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Each loop with the name that it has in the log."""
    if services.idempotency is not None:
        yield "forget", partial(forget_forever, services.idempotency, services.clock)


async def forget_forever(keys: IdempotencyKeys, clock: Clock, every_s: float = FORGET_EVERY_S) -> None:
    """At once, then every hour."""
    while True:
        await keys.clean(clock.now())
        await asyncio.sleep(every_s)
