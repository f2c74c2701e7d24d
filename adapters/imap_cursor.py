"""Where the reading of an IMAP mailbox stands, folder by folder, as text to store.

UIDs only grow while a folder's UIDVALIDITY stays (RFC 9051 section 2.3.1.1). HIGHESTMODSEQ (RFC 7162) tells a folder
in which nothing happened from one where a flag was changed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

MAX_RANGES: Final = 2_000  # of UIDs whose deletion is noticed: keeps the cursor below about 30 kB a folder


@dataclass(frozen=True, slots=True)
class Look:
    """What STATUS says of a folder. `modseq` is 0 on a server without CONDSTORE."""

    validity: int
    uid_next: int
    messages: int
    modseq: int = 0


@dataclass(frozen=True, slots=True)
class FolderCursor:
    """A folder as it was read.

    `look` is from before the reading; `last` the highest UID that was listed, `count` how many mails there were up to
    it. `present` are the UIDs whose deletion would be news; `pending` those to look at again.
    """

    look: Look
    last: int
    count: int
    present: frozenset[int]
    pending: frozenset[int] = frozenset()

    def is_of(self, look: Look) -> bool:
        """Whether nothing happened since, and nothing is waited for."""
        return self.look == look and not self.pending


@dataclass(frozen=True, slots=True)
class Cursor:
    """All folders, and when a long first listing began, in seconds since the epoch; 0 when none is under way."""

    folders: dict[str, FolderCursor] = field(default_factory=dict)
    listing_since: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """From the text that was stored; None is the beginning."""
        if text is None:
            return cls()
        stored: dict[str, Any] = json.loads(text)
        folders = {name: _folder(entry) for name, entry in stored["folders"].items()}
        return cls(folders, stored["listing_since"])

    @property
    def text(self) -> str:
        """As it is stored."""
        folders = {
            name: {
                "look": [each.look.validity, each.look.uid_next, each.look.messages, each.look.modseq],
                "last": each.last,
                "count": each.count,
                "present": ranges(each.present),
                "pending": ranges(each.pending),
            }
            for name, each in self.folders.items()
        }
        return json.dumps({"folders": folders, "listing_since": self.listing_since}, separators=(",", ":"))


def ranges(uids: Iterable[int]) -> str:
    """`1:40,42`, the newest MAX_RANGES of them."""
    found: list[list[int]] = []
    for uid in sorted(uids):
        if found and found[-1][1] == uid - 1:
            found[-1][1] = uid
        else:
            found.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else f"{first}" for first, last in found[-MAX_RANGES:])


def unranged(text: str) -> frozenset[int]:
    """The UIDs of `1:40,42`."""
    uids: set[int] = set()
    for part in text.split(",") if text else ():
        first, _, last = part.partition(":")
        uids.update(range(int(first), int(last or first) + 1))
    return frozenset(uids)


def _folder(entry: dict[str, Any]) -> FolderCursor:
    return FolderCursor(
        Look(*entry["look"]), entry["last"], entry["count"], unranged(entry["present"]), unranged(entry["pending"])
    )
