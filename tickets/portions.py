"""Mails are taken in by portions: so many at once, and no more bytes than fit comfortably into memory."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol, TypeVar

PORTION: Final = 50
PORTION_BYTES: Final = 32 * 2**20
ASK_AT_ONCE: Final = 500

Item = TypeVar("Item")


class Sized(Protocol):
    """What has a size in bytes."""

    @property
    def size(self) -> int: ...


Mail = TypeVar("Mail", bound=Sized)


def portions(mails: Sequence[Mail], *, max_bytes: int = PORTION_BYTES) -> list[list[Mail]]:
    """The mails in their order, at most 50 and `max_bytes` in a portion; one that is larger comes alone."""
    cut: list[list[Mail]] = []
    room = 0
    for mail in mails:
        if not cut or len(cut[-1]) == PORTION or mail.size > room:
            cut.append([])
            room = max_bytes
        cut[-1].append(mail)
        room -= mail.size
    return cut


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many items as one question to the database, or to a server, may name."""
    for start in range(0, len(items), ASK_AT_ONCE):
        yield items[start : start + ASK_AT_ONCE]
