"""A lease says which run may work on something, across processes; the fence makes every write prove it still may."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


class LeaseGuard(Protocol):
    """What the keeper of leases does for a holder."""

    async def still_held(self, name: str, token: int) -> None:
        """Raise LeaseLost unless the lease `name` is still the one numbered `token`."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held. `token` rises each time the lease changes hands, so that an old holder is told apart."""

    name: str
    token: int
    guard: LeaseGuard

    async def check(self) -> None:
        """Raise LeaseLost when somebody else has taken over."""
        await self.guard.still_held(self.name, self.token)


class Leases(Protocol):
    """Who may work on what, across processes and hosts."""

    def hold(self, name: str, ttl_s: float) -> AbstractAsyncContextManager[Lease | None]:
        """Hold the lease while the block runs (renewed in the background); None when a live holder has it.

        A holder whose process is gone on this host is void at once, any other when its time is over.
        """
        ...

    def claimant(self) -> str:
        """A name for one run in this process, that `is_gone` can judge later."""
        ...

    def is_gone(self, claimant: str) -> bool:
        """Whether the process behind the claim has certainly ended."""
        ...


_current: ContextVar[Lease | None] = ContextVar("lease", default=None)


def current_lease() -> Lease | None:
    """The lease under which this task writes; every transaction checks it, inside itself."""
    return _current.get()


@contextmanager
def fence(lease: Lease) -> Iterator[None]:
    """Every transaction begun inside this block fails with LeaseLost once the lease is lost."""
    before = _current.set(lease)
    try:
        yield
    finally:
        _current.reset(before)
