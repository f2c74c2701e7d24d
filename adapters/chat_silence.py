"""When a silent model is not asked: for the rest of one mail, and after three silent steps for everybody, for a while.

Waiting costs every mail twice the timeout in each step; this keeps a dead endpoint from holding the whole desk up.
"""

import time
from collections.abc import Callable
from typing import Final

from tickets.ticket import Ticket, TicketId

_MAILS: Final = 1000  # remembered at a time; the one that fell silent first is forgotten first
_IN_A_ROW: Final = 3
_PAUSE_S: Final = 30.0
_PAUSED: Final = f"The model did not answer {_IN_A_ROW} times in a row; it is left alone for {_PAUSE_S:g} s"

Monotonic = Callable[[], float]
MailKey = tuple[TicketId, int]


def mail_of(ticket: Ticket) -> MailKey:
    """The mail that is being worked on: a new one raises the ticket's `work_seq`."""
    return ticket.id, ticket.work_seq


class Silence:
    """What is known about a model's silence. `monotonic` tells seconds."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._reasons: dict[MailKey, str] = {}
        self._in_a_row = 0
        self._paused_until: float | None = None

    def reason_not_to_ask(self, mail: MailKey) -> str | None:
        """Why the model should not be asked about this mail now, in words for the operator; None when it should."""
        if reason := self._reasons.get(mail):
            return reason
        is_paused = self._paused_until is not None and self._monotonic() < self._paused_until
        return _PAUSED if is_paused else None

    def fell(self, mail: MailKey, reason: str) -> None:
        """A step of this mail got no answer at all. After a pause, one more silent step begins the next."""
        self._reasons[mail] = reason
        while len(self._reasons) > _MAILS:
            del self._reasons[next(iter(self._reasons))]
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._paused_until = self._monotonic() + _PAUSE_S

    def ended(self) -> None:
        """The model answered, well or badly: it is there."""
        self._in_a_row = 0
        self._paused_until = None

    def forgive(self, mail: MailKey) -> None:
        """Let this mail ask again, unless there is a pause for everybody."""
        self._reasons.pop(mail, None)
