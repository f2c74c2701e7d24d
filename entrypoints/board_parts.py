"""What the boards need beside the rest: saved views, and what comes back by the clock."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from api.services import Services
from entrypoints.settings import Settings
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database
from tickets.desk_settings import FollowUp
from tickets.rousing import Rousing

ROUSE_EVERY_S: Final = 5.0


def desk_settings_of(settings: Settings, database: Database) -> SqlDeskSettings:
    """The settings in the database, over what the environment says."""
    return SqlDeskSettings(database, [FollowUp(settings.follow_up_days or None)])


def board_loops(services: Services) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Each loop with the name that it has in the log."""
    rousing = Rousing(services.store, services.clock, services.desk_settings)
    yield "rouse", partial(rouse_forever, rousing)


async def rouse_forever(rousing: Rousing, every_s: float = ROUSE_EVERY_S) -> None:
    """At once, then every few seconds: both looks are into an index that holds little else."""
    while True:
        await rousing.run()
        await asyncio.sleep(every_s)
