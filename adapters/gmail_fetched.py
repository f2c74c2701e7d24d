"""What came of asking for several mails at once: each has its own answer, and one bad answer spoils no other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from adapters.gmail_errors import AccessRefused, AccountRefused, NotThere, RateLimited
from tickets.errors import Disconnected, MailboxError, Rejected, Unavailable

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import Message

SUSPECTS: Final = 3
"""So many mails asked for one by one, and none given out, are Gmail's trouble and not theirs."""

Answers = dict[str, "Message | MailboxError"]
"""By the mail's id."""


@dataclass(slots=True)
class Fetched:
    """The mails with these `ids`, as far as they could be had.

    `refused` are single mails that Gmail does not give out now; `trouble` is why the asking ended early, with the rest
    of the ids still `waiting`. A mail in none of these is `gone` from Gmail.
    """

    ids: tuple[str, ...]
    waiting: list[str] = field(init=False)
    messages: dict[str, "Message"] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, MailboxError] = field(default_factory=dict)
    trouble: MailboxError | None = None

    def __post_init__(self) -> None:
        self.waiting = list(self.ids)

    @property
    def in_order(self) -> list["Message"]:
        """The mails in the order of the ids, up to the first that still waits: none may overtake an earlier one."""
        return [self.messages[id_] for id_ in self.settled if id_ in self.messages]

    @property
    def settled(self) -> tuple[str, ...]:
        """The ids that are done with, up to the first that still waits."""
        return self.ids[: self.ids.index(self.waiting[0])] if self.waiting else self.ids

    def take(self, answers: Answers) -> dict[str, Unavailable]:
        """Keep the answers; gives those to ask for again, with their faults. Raises what concerns the account."""
        faults = {id_: answer for id_, answer in answers.items() if isinstance(answer, Unavailable)}
        for id_, answer in answers.items():
            if isinstance(answer, AccountRefused | Disconnected):
                raise answer
            if isinstance(answer, NotThere):
                self.gone.append(id_)
            elif not isinstance(answer, MailboxError):
                self.messages[id_] = answer
            elif id_ not in faults:
                self.refused[id_] = answer
        self.waiting = [id_ for id_ in self.waiting if id_ in faults or id_ not in answers]
        self._require_others()
        return faults

    def do_without(self, faults: Mapping[str, Unavailable], *, patient: bool) -> bool:
        """Patience is over: whether to go on without these mails. When it is the account's trouble, it is noted."""
        of_account = [fault for fault in faults.values() if isinstance(fault, RateLimited | AccessRefused)]
        if of_account:
            self.trouble = of_account[0]
            return False
        self.refused |= faults
        self.waiting = [id_ for id_ in self.waiting if id_ not in faults]
        if patient and not self.messages and not self.gone and self._are_all_alike(faults):
            self.trouble = next(iter(faults.values()))
            self._wait_again()
            return False
        return True

    def _are_all_alike(self, faults: Mapping[str, Unavailable]) -> bool:
        """Not one given out so far: one mail may be to blame when others are left to ask for, several are not."""
        return len(faults) > 1 or not self.waiting or len(self.refused) >= SUSPECTS

    def _wait_again(self) -> None:
        """None of the mails was to blame: all that may still come is waited for, in its old order."""
        passing = {id_ for id_, fault in self.refused.items() if isinstance(fault, Unavailable)}
        self.refused = {id_: fault for id_, fault in self.refused.items() if id_ not in passing}
        self.waiting = [id_ for id_ in self.ids if id_ in passing or id_ in self.waiting]

    def _require_others(self) -> None:
        """Several mails refused for good, and not one given out: that is the account, whatever the reason's name."""
        definite = [fault for fault in self.refused.values() if isinstance(fault, Rejected)]
        if len(definite) > 1 and not self.messages and not self.gone and not self.waiting:
            raise definite[0]


def longest_wish(faults: Iterable[Unavailable]) -> float | None:
    """The longest pause that one of them asks for, in seconds."""
    return max((fault.retry_after_s for fault in faults if fault.retry_after_s is not None), default=None)
