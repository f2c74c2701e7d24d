"""Forgetting by the clock: built once, and looked at every ten minutes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

import structlog

from api.services import Services
from persistence.engine import Database
from persistence.erasing import SqlErasure
from persistence.leases import SqlLeases
from persistence.retention import SqlRetention
from tickets.erasing import Erasing
from tickets.retention import Retaining
from tickets.ticket import TicketId

LOOK_EVERY_S: Final = 600.0

log = structlog.get_logger()


def with_retention(services: Services, database: Database, saver: Any, leases: SqlLeases, secret: bytes) -> Services:
    """The services with what deletes by the clock."""

    async def end_thread(ticket_id: TicketId) -> None:
        await saver.adelete_thread(str(ticket_id))

    erasing = Erasing(SqlErasure(database), end_thread, services.clock)
    rows = SqlRetention(database, secret)
    retaining = Retaining(rows, erasing, services.desk_settings, leases, services.clock, log.info)
    return replace(services, retaining=retaining)


def retention_loops(services: Services) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Each loop with the name that it has in the log."""
    if services.retaining is not None:
        yield "retention", partial(forget_forever, services.retaining)


async def forget_forever(retaining: Retaining, every_s: float = LOOK_EVERY_S) -> None:
    """At once, then every ten minutes: most looks find that it ran today."""
    while True:
        await retaining.run_if_due()
        await asyncio.sleep(every_s)
