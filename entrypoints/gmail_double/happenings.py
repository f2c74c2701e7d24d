"""What happens in the world between two calls: mail arrives while a listing is read, or vanishes."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Happening:
    """Something that waits for calls of a route: it passes over `skip` of them, then acts after `times` calls."""

    route: str
    act: Callable[[], None]
    account: str | None = None
    skip: int = 0
    times: int = 1

    def is_due(self, route: str, account: str | None) -> bool:
        """Whether it acts after this call, which counts as one of those it waited for."""
        if self.times <= 0 or self.route != route or self.account not in (None, account):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Happenings:
    """All that wait. Only calls that succeeded are counted."""

    def __init__(self) -> None:
        self.waiting: list[Happening] = []

    def add(self, happening: Happening) -> None:
        self.waiting.append(happening)

    def clear(self) -> None:
        self.waiting = []

    def after(self, route: str, account: str | None) -> None:
        """Let everything happen that waited for this call."""
        for happening in [each for each in self.waiting if each.is_due(route, account)]:
            happening.act()
