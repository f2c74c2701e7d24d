"""Where a service dies, and what Gmail does to it meanwhile."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RANDOM: Final = "a random moment"
ACCEPTED: Final = "accepted, not yet answered"

NODES: Final = ("ingest", "classify", "plan", "draft", "human_approval", "send")
SYNC: Final = ("mail_parsed", "mail_stored")
WORKFLOW: Final = tuple(f"{side}_{node}" for node in NODES for side in ("enter", "leave"))
DELIVERY: Final = (
    "claimed_drafting",
    "draft_created",
    "stored_drafted",
    "claimed_drafted",
    "stored_sending",
    "before_submit",
    "submitted",
    "claimed_unknown",
    "stored_sent",
)
TIDYING: Final = ("draft_discarded",)
NAMED: Final = (*SYNC, *WORKFLOW, *DELIVERY, *TIDYING)
EVERY: Final = (*NAMED, ACCEPTED, RANDOM)

LATEST_S: Final = 3.0  # a service is up, has read its mail and written its drafts by then

# The call, and what happens to it: before, while and after Gmail accepts it.
Fault = tuple[str, str]
FAULTS: Final[tuple[Fault, ...]] = (
    ("drafts.send", "503"),
    ("drafts.send", "500"),
    ("drafts.send", "429"),
    ("drafts.send", "401"),
    ("drafts.send", "403:userRateLimitExceeded"),
    ("drafts.send", "400"),
    ("drafts.send", "drop_before"),
    ("drafts.send", "slow:0.7"),
    ("drafts.send", "503_after"),
    ("drafts.send", "drop_after"),
    ("drafts.create", "503"),
    ("drafts.create", "429"),
    ("drafts.create", "drop_before"),
    ("drafts.create", "503_after"),
    ("drafts.create", "drop_after"),
    ("drafts.get", "503"),
    ("drafts.list", "503"),
    ("drafts.delete", "503_after"),
    ("threads.get", "drop_before"),
    ("history.list", "503"),
    ("messages.get", "503"),
)
# Ways that a delivery only takes after a fault.
_NEEDS: Final[Mapping[str, tuple[Fault, ...]]] = {
    ACCEPTED: (("drafts.send", "slow:1.5"),),
    "claimed_unknown": (("drafts.send", "drop_before"), ("drafts.send", "503")),
    "claimed_drafted": (("drafts.send", "429"), ("drafts.send", "403:userRateLimitExceeded")),
}


@dataclass(frozen=True)
class Kill:
    """One death: at which passage of which point, or how many seconds after the start."""

    point: str
    passage: int = 1
    delay_s: float = 0.0
    fault: Fault | None = None

    @classmethod
    def drawn(cls, point: str, processes: int, draw: random.Random) -> "Kill":
        """A kill there, with a fault of Gmail's in every other one."""
        is_once = processes == 2 or point in (*SYNC, *TIDYING, ACCEPTED)
        fault = draw.choice(_NEEDS[point]) if point in _NEEDS else draw.choice((None, draw.choice(FAULTS)))
        return cls(point, 1 if is_once else draw.randint(1, 2), draw.uniform(0.0, LATEST_S), fault)

    @property
    def needs_fault(self) -> bool:
        """Whether the point is only reached after its fault."""
        return self.point in _NEEDS

    @property
    def crash_at(self) -> dict[str, str]:
        """The setting that makes the service end itself there; without it, it is ended from outside."""
        return {"CA_CRASH_AT": f"{self.point}:{self.passage}"} if self.point in NAMED else {}


def targets(kills: int) -> Counter[str]:
    """How often to kill where: every named point equally often, and at random moments for the rest."""
    each = max(1, int(kills * 0.7) // (len(NAMED) + 1))
    wanted = Counter(dict.fromkeys((*NAMED, ACCEPTED), each))
    wanted[RANDOM] = max(1, kills - wanted.total())
    return wanted


def drawn_points(wanted: Counter[str], draw: random.Random) -> list[str]:
    """All of them, in an order that spreads each point over the whole run."""
    spread = [((number + draw.random()) / count, point) for point, count in wanted.items() for number in range(count)]
    return [point for _, point in sorted(spread)]
