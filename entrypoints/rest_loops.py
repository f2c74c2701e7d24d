"""What goes on beside the web for the sake of other programs: posting webhooks, forgetting answered requests."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from api.services import Services
from tickets.idempotency import IdempotencyKeys
from tickets.ports import Clock
from tickets.webhook_desk import Webhooks

FORGET_EVERY_S: Final = 3600.0
POST_EVERY_S: Final = 1.0


def rest_loops(services: Services) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Each loop with the name that it has in the log."""
    if services.idempotency is not None:
        yield "forget", partial(forget_forever, services.idempotency, services.clock)
    if services.webhooks is not None:
        yield "webhooks", partial(post_forever, services.webhooks)


async def post_forever(webhooks: Webhooks, every_s: float = POST_EVERY_S) -> None:
    """Posts what is due, and now and then forgets what was settled long ago."""
    forgot_at = 0.0
    loop = asyncio.get_running_loop()
    while True:
        if await webhooks.run_once() == 0:
            await asyncio.sleep(every_s)
        if loop.time() - forgot_at >= FORGET_EVERY_S:
            forgot_at = loop.time()
            await webhooks.forget_old()


async def forget_forever(keys: IdempotencyKeys, clock: Clock, every_s: float = FORGET_EVERY_S) -> None:
    """At once, then every hour."""
    while True:
        await keys.clean(clock.now())
        await asyncio.sleep(every_s)
