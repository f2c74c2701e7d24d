"""Telling people that customers wait: what it is built of, and the loop that looks and sends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import uuid4

from api.services import Services
from entrypoints.crash import crasher
from entrypoints.settings import Settings
from persistence.engine import Database
from persistence.notices import SqlNotices
from tickets.sync import OpenMailbox
from tickets.waiting_desk import WaitingDesk

LOOK_EVERY_S: Final = 5.0
FORGET_EVERY_S: Final = 3600.0


def with_notices(services: Services, settings: Settings, database: Database, open_mailbox: OpenMailbox) -> Services:
    """The same services, and those notices."""
    waiting = WaitingDesk(
        SqlNotices(database),
        services.store,
        services.desk_settings,
        open_mailbox,
        services.clock,
        uuid4,
        settings.site,
        settings.desk_name,
        crasher(settings.crash_at),
    )
    return replace(services, waiting=waiting)


def notice_loops(services: Services) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Each loop with the name that it has in the log."""
    if services.waiting is not None:
        yield "notices", partial(tell_forever, services.waiting)


async def tell_forever(waiting: WaitingDesk, every_s: float = LOOK_EVERY_S) -> None:
    """Looks every few seconds who has waited too long, and sends what is due."""
    forgot_at = 0.0
    loop = asyncio.get_running_loop()
    while True:
        await waiting.look()
        if await waiting.send_due() == 0:
            await asyncio.sleep(every_s)
        if loop.time() - forgot_at >= FORGET_EVERY_S:
            forgot_at = loop.time()
            await waiting.forget_old()
