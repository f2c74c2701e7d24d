"""One login to an IMAP server and a look at its folders, to see whether the settings are right before they are kept."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Final

from adapters.imap_folders import folders_to_read
from adapters.imap_line import ImapLine
from adapters.imap_settings import ImapSettings
from tickets.errors import Rejected, Unavailable

DEADLINE_S: Final = 15.0


async def probe(settings: ImapSettings, password: str, *, deadline_s: float = DEADLINE_S) -> tuple[str, ...]:
    """The names of the folders that would be read.

    Raises Unavailable, Disconnected, and Rejected for a configured folder that is not there.
    """
    server = replace(settings.imap, timeout_s=deadline_s)
    line = ImapLine(server, settings.username, password, "probe")
    try:
        async with asyncio.timeout(deadline_s):
            read, missing = await line.run(partial(folders_to_read, settings=settings))
    except TimeoutError as error:
        raise Unavailable(f"{server.host}:{server.port} gave no full answer within {deadline_s:g} s.") from error
    finally:
        line.close()
    if missing:
        raise Rejected(f"{server.host} has no folder {', '.join(missing)}. Correct the setting folders.")
    return tuple(folder.name for folder in read)
