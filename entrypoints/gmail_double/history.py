"""The history of one mailbox: numbered changes, a floor below which they are forgotten, odd delivery."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.gmail_double.wire import Json, Refusal, not_found

# Above 2**53 and ten changes short of one more digit: a client that keeps history ids as floats or
# compares them as text goes wrong at once instead of after a year.
FIRST_HISTORY_ID = 9_999_999_999_999_990


@dataclass(frozen=True)
class Change:
    """One history record: what happened to which message."""

    id: int
    kind: str
    message_id: str
    thread_id: str
    labels_now: tuple[str, ...]
    labels: tuple[str, ...] = ()

    def __deepcopy__(self, memo: object) -> "Change":
        return self  # nothing in it can change

    def as_json(self) -> Json:
        brief = {"id": self.message_id, "threadId": self.thread_id}
        entry: Json = {"message": {**brief, "labelIds": list(self.labels_now)}}
        if self.labels:
            entry["labelIds"] = list(self.labels)
        return {"id": str(self.id), "messages": [brief], self.kind: [entry]}


@dataclass
class HistoryFault:
    """How history.list misbehaves until it is cleared.

    `duplicate` gives every record twice, `shuffle` gives them out of order, `delay` withholds the
    newest `records` for the next `calls` calls. A lossy delay already reports the newest history id
    while it withholds, so a client that trusts it never sees those records.
    """

    kind: str
    records: int = 1
    calls: int = 1
    lossy: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("duplicate", "shuffle", "delay"):
            raise ValueError(f"unknown history fault {self.kind!r}: use duplicate, shuffle or delay")


class History:
    """Changes in the order of their ids, oldest first."""

    def __init__(self) -> None:
        self.last_id = FIRST_HISTORY_ID
        self.floor = FIRST_HISTORY_ID
        self.changes: list[Change] = []
        self.fault: HistoryFault | None = None

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add(self, change: Change) -> None:
        self.changes.append(change)

    def since(self, start: int) -> list[Change]:
        """All changes after an id, faults and floor aside."""
        return self.changes[bisect_right(self.changes, start, key=lambda change: change.id) :]

    def page(
        self, start: int, size: int, token: str, kinds: Sequence[str], label: str
    ) -> tuple[list[Change], str, int]:
        """One page after `start`, the token of the next page ("" at the end) and the newest id.

        Refusal 404 when `start` lies below the floor. All pages of one listing show the same changes.
        """
        if start < self.floor:
            raise not_found()
        offset, visible, reported = self._window(token)
        found = [
            change
            for change in self.since(start)
            if change.id <= visible
            and (not kinds or change.kind in kinds)
            and (not label or label in change.labels_now)
        ]
        found = self._disturbed(found)
        rest = offset + size
        following = f"{rest}.{visible}.{reported}" if rest < len(found) else ""
        return found[offset:rest], following, reported

    def _window(self, token: str) -> tuple[int, int, int]:
        if token:
            try:
                offset, visible, reported = (int(part) for part in token.split("."))
            except ValueError:
                raise Refusal(400, "Invalid pageToken") from None
            return offset, visible, reported
        visible = self._newest_visible()
        lossy = self.fault is not None and self.fault.kind == "delay" and self.fault.lossy
        return 0, visible, self.last_id if lossy else visible

    def _newest_visible(self) -> int:
        fault = self.fault
        if fault is None or fault.kind != "delay" or fault.calls <= 0:
            return self.last_id
        fault.calls -= 1
        withheld = self.changes[-fault.records :]
        return withheld[0].id - 1 if withheld else self.last_id

    def _disturbed(self, found: list[Change]) -> list[Change]:
        kind = self.fault.kind if self.fault else ""
        if kind == "duplicate":
            return [change for change in found for _ in range(2)]
        if kind == "shuffle":
            # By a digest of the id: out of order, yet the same on every page and in every run.
            return sorted(found, key=lambda change: hashlib.sha256(str(change.id).encode()).digest())
        return found
