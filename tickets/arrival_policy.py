"""What an operator of the desk may choose about arriving mail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tickets.own_ids import OwnIds


@dataclass(frozen=True, slots=True)
class ArrivalPolicy:
    """How arriving mail is treated.

    `reopen_within` is how long after closing a customer's answer reopens the ticket; None means always. The two caps
    are customer's mails in an hour, from one sender and on one ticket; more than that is a storm.
    """

    own_ids: OwnIds | None = None
    reopen_within: timedelta | None = timedelta(days=30)
    quarantine_failed_senders: bool = False
    max_per_sender_and_hour: int = 20
    max_per_ticket_and_hour: int = 10


USUAL: Final = ArrivalPolicy()
