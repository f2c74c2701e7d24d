"""Who is told that a customer has waited too long: the settings, and when a wait is too long.

A notice is made once for a ticket and the wait it is in, whoever looks and however often. Many waits at once make one
notice. It says how many minutes, and the tickets' numbers; a subject only where administrators chose so, and never
the text of a mail or a customer's address.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from tickets.desk_settings import MAX_TARGET_MIN, Section
from tickets.errors import BadInput
from tickets.service_level import Calendar
from tickets.status import Status
from tickets.ticket import TicketId
from tickets.wording import Sentence

MAX_RECIPIENTS: Final = 20
LISTED: Final = 50  # tickets that one message names; it counts the rest
OURS: Final = (Status.NEW, Status.NEEDS_ACTION)

_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True, slots=True)
class Notifications(Section):
    """After how many minutes of opening time somebody is told, of which tickets, and by mail to whom.

    `after_min` None: nobody is. An empty list of priorities, categories or mailboxes means all of them. `email_from` is
    the address of the mailbox that the mail leaves by. Webhooks that want `ticket.waiting` are told besides.
    """

    section: ClassVar[str] = "notifications"
    after_min: int | None = None
    email_to: tuple[str, ...] = ()
    email_from: str | None = None
    shows_subjects: bool = False
    statuses: tuple[Status, ...] = OURS
    priorities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.after_min is not None and not 0 < self.after_min <= MAX_TARGET_MIN:
            raise BadInput("The wait is at least a minute. Leave it empty for no notices.")
        if len(self.email_to) > MAX_RECIPIENTS:
            raise BadInput(
                Sentence("A notice goes to at most %(most)s addresses. Use a list's address.", most=MAX_RECIPIENTS)
            )
        for address in self.email_to:
            if not _ADDRESS.fullmatch(address):
                raise BadInput(
                    Sentence("'%(address)s' is no address. Write one a line, like team@example.com.", address=address)
                )
        if self.email_to and not self.email_from:
            raise BadInput("Choose the mailbox that the notices leave by.")
        if not self.statuses or not set(self.statuses) <= set(OURS):
            raise BadInput("Choose whether new tickets, those that need action, or both are watched.")


@dataclass(frozen=True, slots=True)
class WaitingTicket:
    """A ticket that it is our turn on, and since when its customer waits."""

    id: TicketId
    number: int
    subject: str
    waiting_since: datetime


def require_no_circle(email_to: Sequence[str], desks_own: Iterable[str]) -> None:
    """Raises BadInput when a notice would come back to a mailbox of the desk."""
    own = {address.strip().casefold() for address in desks_own}
    for address in email_to:
        if address.casefold() in own:
            raise BadInput(
                Sentence(
                    "%(address)s is a mailbox of this desk: notices would come back to it. Name people's addresses.",
                    address=address,
                )
            )


def longest_clock_wait(after_min: int, now: datetime) -> datetime:
    """Nobody who began to wait later than this can have waited too long: opening time is never longer than time."""
    return now - timedelta(minutes=after_min)


def overdue(
    candidates: Iterable[WaitingTicket], calendar: Calendar, after_min: int, now: datetime
) -> list[WaitingTicket]:
    """Those who have waited for so much opening time. While the desk is closed nobody is told."""
    if not calendar.is_open(now):
        return []
    allowed = timedelta(minutes=after_min)
    return [each for each in candidates if calendar.after(each.waiting_since, allowed) <= now]
