"""What can go wrong, in words that say the next step.

DeskError
├── NotFound            nothing by that id
├── BadInput            the request cannot be read
├── NotAllowed          this person or token may not
├── Conflict            somebody or something else was there first
│   ├── StaleDraft      the draft the caller saw is not the current one
│   ├── FlagsOpen       the reply has flags that nobody has confirmed
│   ├── InFlight        the reply is already leaving
│   └── IllegalMove     the status table does not know that move (tickets.status)
├── Outdated            the caller's precondition (an ETag) does not hold any more
├── KeyReused           the Idempotency-Key was used for another request
├── MailboxError
│   ├── Unavailable     try again later; nothing was done
│   ├── Rejected        the provider refused for good; nothing was done
│   ├── Disconnected    the authorisation is gone; an operator must reconnect
│   └── AnswerLost      the provider may or may not have done it
├── Unreadable          a mail that cannot be parsed; it goes to quarantine
├── ModelUnavailable    the model gave no usable answer
├── LeaseLost           another process took over; stop writing
└── Unsettled           a reply may or may not have left; look again later
"""

from collections.abc import Sequence
from datetime import datetime

from tickets.wording import N_, Sentence, Sentences


class DeskError(Exception):
    """Base of every error of the desk; `str(error)` is fit to show to an operator."""


class NotFound(DeskError):
    """There is nothing by that id."""


class BadInput(DeskError):
    """The request cannot be understood or breaks a limit."""


class NotAllowed(DeskError):
    """The caller's role or scopes do not permit this."""


class Conflict(DeskError):
    """The world moved on between what the caller saw and what the caller asked."""


class StaleDraft(Conflict):
    """The caller acted on a draft that is no longer current.

    `revision` is the one to review now; None when there is no draft at all.
    """

    def __init__(self, message: str, revision: int | None = None) -> None:
        super().__init__(message)
        self.revision = revision


class FlagsOpen(Conflict):
    """The reply carries flags that the approval did not confirm.

    `doubts` of them are of its sender and recipients, `blanks` are places of a ready text that nobody filled in.
    """

    def __init__(self, flag_ids: Sequence[str], doubts: int = 0, blanks: int = 0) -> None:
        statements = len(flag_ids) - doubts - blanks
        said: list[str] = []
        if statements:
            said.append(Sentence("%(num)s statement(s) of this draft have no source.", num=statements))
        if blanks:
            said.append(Sentence("%(num)s blank(s) of a ready text are not filled in.", num=blanks))
        if doubts:
            said.append(Sentence("%(num)s thing(s) about its sender or recipients are doubtful.", num=doubts))
        said.append(N_("Look at each one; confirm it or change the reply, then approve again."))
        super().__init__(Sentences(said))
        self.flag_ids = tuple(flag_ids)


class InFlight(Conflict):
    """The reply is already on its way and can no longer be stopped."""


class Outdated(DeskError):
    """What the caller read, and named as the condition of the change, is not what is there now."""


class KeyReused(DeskError):
    """The same Idempotency-Key came with another request."""


class MailboxError(DeskError):
    """A mailbox could not do what was asked."""


class Unavailable(MailboxError):
    """A passing fault before anything was done; `retry_after_s` is the provider's own wish, if any."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Rejected(MailboxError):
    """The provider refused definitely; repeating the request will not help."""


class Disconnected(MailboxError):
    """The mailbox's authorisation was withdrawn or has expired; reconnect it."""


class AnswerLost(MailboxError):
    """The request left, its answer did not come back: the effect is unknown."""


class StorageFault(DeskError):
    """The database cannot be reached or written; whatever was asked did not happen."""


class Unreadable(DeskError):
    """A message that cannot be parsed within the limits; the reason is fit for the quarantine board."""


class ModelUnavailable(DeskError):
    """The language model timed out, refused, or answered with something unusable, twice."""


class LeaseLost(DeskError):
    """The lease under which this work ran is now somebody else's."""


class Unsettled(DeskError):
    """The delivery is not decided yet; look again at `next_at`, or wait for an operator when it is None."""

    def __init__(self, message: str, next_at: datetime | None) -> None:
        super().__init__(message)
        self.next_at = next_at
