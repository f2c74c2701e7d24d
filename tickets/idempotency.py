"""Requests that may be repeated: one key, one execution, one answer, whoever sends it twice and whatever dies between.

The claim of a key and the mark that its effect was written are facts in the database; the mark is part of the
transaction that wrote the effect. So a request that was cut down after that is known to have been carried out.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

KEPT: Final = timedelta(hours=24)
CLAIMED_FOR: Final = timedelta(minutes=10)  # longer than any request of the desk takes


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A key as one caller used it. `fingerprint` says what was asked: method, address and body."""

    token_id: UUID
    key_hash: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered, to be answered again."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """This run carries the request out; nobody else does meanwhile."""

    key: RequestKey
    claimant: str


class Underway:
    """Another run carries the request out at the moment."""


class OtherRequest:
    """The key was used for something else."""


class AnswerGone:
    """The request was carried out, and its answer was lost with the process that did it."""


Standing = Claim | StoredAnswer | Underway | OtherRequest | AnswerGone


class IdempotencyKeys(Protocol):
    """Keys and answers, for a day."""

    async def claim(self, key: RequestKey, now: datetime) -> Standing:
        """Begin the request, unless it was begun before."""
        ...

    async def finish(self, claim: Claim, answer: StoredAnswer) -> None:
        """Keep the answer; a claim that somebody else has taken over meanwhile is left alone."""
        ...

    async def release(self, claim: Claim) -> None:
        """Nothing came of it: the key is free again, unless an effect was written."""
        ...

    async def clean(self, now: datetime) -> int:
        """Forget keys that are over a day old; how many they were."""
        ...


_current: ContextVar[Claim | None] = ContextVar("request_claim", default=None)


def current_claim() -> Claim | None:
    """The claim under which this task writes; each transaction marks it, inside itself."""
    return _current.get()


@contextmanager
def under_claim(claim: Claim) -> Iterator[None]:
    """Every transaction that commits inside this block marks the claim as carried out."""
    before = _current.set(claim)
    try:
        yield
    finally:
        _current.reset(before)
