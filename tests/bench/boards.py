"""What the boards cost on a desk of any size: each must cost the same on a large one as on a small one."""

import statistics
import time
from collections.abc import Mapping

from adapters.memory import FixedClock
from tests.bench.large_desk import made
from tests.web.site import build_site
from tickets.people import Role

ROUNDS = 15
ASKED = {
    "needs action": "/boards/needs-action",
    "new": "/boards/new",
    "waiting on others": "/boards/waiting",
    "done": "/boards/done",
    "mine": "/boards/mine",
    "unassigned": "/boards/unassigned",
    "snoozed": "/boards/snoozed",
    "done, by category": "/boards/done?category=billing",
    "done, by assignee": "/boards/done?assignee=ada@helios.example",
    "done, by tag": "/boards/done?tag=vip",
    "done, by age": "/boards/done?age=4w",
    "done, by number": "/boards/done?q=777",
}


async def measure(url: str, count: int) -> Mapping[str, float]:
    """Half of the requests took so many seconds of CPU at most, by what was asked."""
    await made(url, count, FixedClock().now())
    site = await build_site(url)
    await site.operator(Role.ADMIN)
    async with await site.browser(Role.ADMIN) as visitor:
        found = {}
        for name, path in ASKED.items():
            taken = []
            for _ in range(ROUNDS):
                started = time.process_time()
                assert (await visitor.get(path)).status_code == 200, path
                taken.append(time.process_time() - started)
            found[name] = statistics.median(taken[3:])
    await site.database.close()
    return found
