"""What can be made to go wrong, and for how many calls."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from entrypoints.gmail_double.wire import Reply, Wire, default_reason

_STATUS = re.compile(r"(?P<status>[45]\d\d)(?::(?P<reason>[A-Za-z]+|invalid_grant))?(?P<after>_after)?")
_SLOW = re.compile(r"slow:(?P<seconds>\d+(?:\.\d+)?)")

Act = Callable[[], Reply]
Refuse = Callable[[int, str, str], Reply]


@dataclass(frozen=True)
class Effect:
    """What happens to one call: is it carried out, what is answered, when and whether at all."""

    is_applied: bool
    status: int = 0
    reason: str = ""
    delay_s: float = 0.0
    wire: Wire = Wire.ANSWER


def effect_of(kind: str) -> Effect:
    """The effect a fault's name stands for; ValueError for an unknown one.

    `429`, `403:rateLimitExceeded`, `503` refuse before anything is applied; `503_after` refuses after
    it was. `drop_before` and `drop_after` close the connection without an answer, `hang` and
    `hang_after` keep it open without one. `slow:2.5` applies, then answers 2.5 seconds later.
    """
    silent = {"drop_before": Wire.DROP, "drop_after": Wire.DROP, "hang": Wire.HANG, "hang_after": Wire.HANG}
    if kind in silent:
        return Effect(is_applied=kind.endswith("_after"), wire=silent[kind])
    if slow := _SLOW.fullmatch(kind):
        return Effect(is_applied=True, delay_s=float(slow["seconds"]))
    if refusal := _STATUS.fullmatch(kind):
        status = int(refusal["status"])
        reason = refusal["reason"] or default_reason(status)
        return Effect(is_applied=bool(refusal["after"]), status=status, reason=reason)
    raise ValueError(f"unknown fault kind {kind!r}: {' '.join((effect_of.__doc__ or '').split())}")


@dataclass
class Fault:
    """A fault waiting for calls of `route` ("*": every Gmail method), by one account or by all.

    The names are those in `routes`, and `batch`, `oauth.authorize`, `oauth.token`, `oauth.revoke` and
    `oauth.certs`; these five belong to no account.
    The first `skip` matching calls pass unharmed, the next `times` calls meet the fault. `of` is the id in
    the path (one mail, one draft); `in_batch` chooses parts of a batch (True) or single calls (False).
    """

    route: str
    kind: str
    times: int = 1
    account: str | None = None
    skip: int = 0
    retry_after_s: int | None = None
    of: str | None = None
    in_batch: bool | None = None
    effect: Effect = field(init=False)

    def __post_init__(self) -> None:
        self.effect = effect_of(self.kind)

    def matches(self, route: str, account: str | None, of: str | None, in_batch: bool) -> bool:
        is_meant = self.route == route or (self.route == "*" and not route.startswith(("oauth.", "batch")))
        is_there = self.of in (None, of) and self.in_batch in (None, in_batch)
        return self.times > 0 and is_meant and is_there and self.account in (None, account)


class Faults:
    """All faults waiting; the first that matches a call is used up by it."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting = []

    def take(self, route: str, account: str | None, of: str | None = None, *, in_batch: bool = False) -> Fault | None:
        """The fault that this call meets, if any."""
        for fault in self.waiting:
            if not fault.matches(route, account, of, in_batch):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.times -= 1
            return fault
        return None


def under(fault: Fault | None, act: Act, refuse: Refuse) -> Reply:
    """Carry the call out as the fault allows; `refuse` words an error for the API in question."""
    if fault is None:
        return act()
    effect = fault.effect
    reply = act() if effect.is_applied else Reply()
    if effect.status:
        reply = refuse(effect.status, effect.reason, "A fault chosen by the test")
        if fault.retry_after_s is not None:
            retry = ("retry-after", str(fault.retry_after_s))
            reply = replace(reply, headers=(*reply.headers, retry))
    return replace(reply, delay_s=effect.delay_s, wire=effect.wire)
