"""Where the sync of a Gmail account stands, as text that is stored with the mails it speaks of."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from tickets.boards import Progress
from tickets.errors import MailboxError

MOST_OWED: Final = 50
FIRST_RETRY_S: Final = 60
LAST_RETRY_S: Final = 3600


@dataclass(frozen=True, slots=True)
class FullSync:
    """A listing under way: how many days it looks back, when it began (seconds since the epoch), mails done."""

    days: int
    since: int
    done: int = 0

    def progress(self, left: int) -> Progress:
        """With `left` mails to go."""
        return Progress(self.done, self.done + left, datetime.fromtimestamp(self.since, UTC))


@dataclass(frozen=True, slots=True)
class Owed:
    """A mail that Gmail would not give out when its turn came, and when it is asked for again."""

    tries: int
    next_at: int

    @classmethod
    def after(cls, before: "Owed | None", now: int) -> "Owed":
        """One more failure."""
        tries = before.tries + 1 if before else 1
        return cls(tries, now + min(FIRST_RETRY_S * 2 ** min(tries - 1, 10), LAST_RETRY_S))


@dataclass(frozen=True, slots=True)
class Cursor:
    """What has been read. While `full` runs, `history_id` is the one from before it began.

    It may move on past a mail that Gmail would not give out only because that mail is then among the `owed`. History
    ids are 64 bits wide, so JSON carries them as text.
    """

    history_id: int
    full: FullSync | None = None
    listed_at: int = 0  # when the last listing ended, in seconds since the epoch
    owed: Mapping[str, Owed] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """From the text that was stored, by this version or an earlier one."""
        stored: dict[str, Any] = json.loads(text)
        full, owed = stored["full"], stored.get("owed", {})
        return cls(
            history_id=int(stored["history_id"]),
            full=FullSync(full["days"], full.get("since", stored["listed_at"]), full.get("done", 0)) if full else None,
            listed_at=stored["listed_at"],
            owed={id_: Owed(*entry) for id_, entry in owed.items()},
        )

    @property
    def text(self) -> str:
        """As it is stored."""
        owed = {id_: [entry.tries, entry.next_at] for id_, entry in self.owed.items()}
        full = asdict(self.full) if self.full else None
        return json.dumps({"history_id": str(self.history_id), "full": full, "listed_at": self.listed_at, "owed": owed})

    def due(self, now: int) -> tuple[str, ...]:
        """Owed mails whose turn has come again."""
        return tuple(id_ for id_, entry in self.owed.items() if entry.next_at <= now)

    def settled(self, ids: Collection[str], refused: Mapping[str, MailboxError], now: int) -> "Cursor":
        """After these mails were asked for. Raises a fault when so many are refused that it is no single mail's."""
        owed = {id_: entry for id_, entry in self.owed.items() if id_ not in ids}
        owed |= {id_: Owed.after(self.owed.get(id_), now) for id_ in refused}
        if len(owed) > MOST_OWED and refused:
            raise next(iter(refused.values()))
        full = self.full and replace(self.full, done=self.full.done + len(ids))
        return replace(self, owed=owed, full=full)

    def forward(self, history_id: int) -> "Cursor":
        """At that history id, unless it lies behind: the cursor never moves back."""
        return replace(self, history_id=max(self.history_id, history_id))
