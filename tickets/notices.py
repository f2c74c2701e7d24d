"""A notice that customers wait: what it says in a mail and to other systems, and how its mail stands.

The mail leaves by a connected mailbox, as replies do: a draft with our mark, then one submission. What an earlier run
may have sent is looked for first, and nothing is submitted twice on a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from tickets.audit import AuditEvent
from tickets.compose import new_message_id, reply_mime
from tickets.mail import Address, MailboxId
from tickets.outbox import OutboxState, Outgoing
from tickets.ticket import DecisionId, TicketId
from tickets.waiting import LISTED, Notifications, WaitingTicket

CLAIMED_FOR: Final = timedelta(seconds=150)
LOOK_AGAIN: Final = timedelta(seconds=30)
LOOKS: Final = 5  # for a mail whose sending nobody saw, before it is given up


class NoticeKind(StrEnum):
    WAITING = "waiting"
    TEST = "test"


class MailState(StrEnum):
    """Of a notice's mail. NONE: nobody wanted one."""

    NONE = "none"
    PENDING = "pending"
    SENDING = "sending"  # only the mailbox knows whether it left
    SENT = "sent"
    DROPPED = "dropped"  # nobody waited any more when it could leave
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about some tickets. `tickets` counts those it was made for, `webhooks` those that were told."""

    id: UUID
    kind: NoticeKind
    at: datetime
    tickets: int
    after_min: int | None = None
    webhooks: int = 0
    recipients: tuple[str, ...] = ()
    sender: str | None = None
    shows_subjects: bool = False
    state: MailState = MailState.NONE
    attempts: int = 0
    next_at: datetime | None = None
    error: str | None = None
    sent_at: datetime | None = None
    draft_id: str | None = None
    claim: str | None = None


class NoticeStore(Protocol):
    """Notices, and what they were made for."""

    async def untold(self, wanted: Notifications, before: datetime, limit: int) -> tuple[WaitingTicket, ...]:
        """Tickets of our turn that have waited since before then, and whose wait nobody was told of; longest first."""
        ...

    async def tell(self, notice: Notice, tickets: Sequence[WaitingTicket], site: str) -> Notice | None:
        """Claim the waits, and write the notice and what webhooks are to hear, in one transaction.

        None when nothing is left to tell, or there is nobody to tell it to.
        """
        ...

    async def add(self, notice: Notice, event: AuditEvent) -> None: ...
    async def log(self, limit: int) -> tuple[Notice, ...]:
        """The newest first."""
        ...

    async def told_of(self, notice_id: UUID) -> tuple[WaitingTicket, ...]:
        """Those of its tickets whose wait still goes on; who waits longest comes first."""
        ...

    async def claim_due(self, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Notices whose mail is due, for this run alone until the claim is over."""
        ...

    async def sending(self, notice: Notice, draft_id: str) -> bool:
        """Note that its mail is about to be submitted; False when another run took it over."""
        ...

    async def settle(self, notice: Notice, event: AuditEvent | None = None) -> bool:
        """Write how its mail stands, and let go of the claim; False when another run took it over."""
        ...

    async def again(self, notice_id: UUID, event: AuditEvent) -> Notice:
        """Make a mail that was given up due at once. Raises NotFound, Conflict."""
        ...

    async def forget(self, before: datetime) -> int: ...


def span(minutes: int) -> str:
    """A number of minutes as people say it."""
    for size, name in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {name}{'' if count == 1 else 's'}"
    raise ValueError(minutes)


def headline(count: int, after_min: int) -> str:
    """What a message is about, in one line."""
    who = "1 ticket has" if count == 1 else f"{count} tickets have"
    return f"{who} waited longer than {span(after_min)}"


def letter(notice: Notice, tickets: Sequence[WaitingTicket], site: str, zone: str, desk: str) -> tuple[str, str]:
    """Subject and text of the mail. Both are of the desk's own words, numbers and links, unless subjects are wanted."""
    if notice.kind is NoticeKind.TEST or notice.after_min is None:
        text = f"This is a test. Notices of tickets that wait too long will come like this one.\n\n{site}/boards\n"
        return f"[{desk}] Test of the notices", text
    title = headline(len(tickets), notice.after_min)
    lines = [f"{title} of opening time for an answer.", ""]
    for each in tickets[:LISTED]:
        subject = f"  {' '.join(each.subject.split())}" if notice.shows_subjects else ""
        lines += [f"#{each.number}  waiting since {_when(each.waiting_since, zone)}{subject}", link(site, each.id), ""]
    if len(tickets) > LISTED:
        lines += [f"and {len(tickets) - LISTED} more: {site}/boards/needs-action", ""]
    lines.append("Who gets this is set under Settings, Notifications. Nobody reads answers to it at the desk.")
    return f"[{desk}] {title}", "\n".join(lines) + "\n"


def outgoing(notice: Notice, text: tuple[str, str], mailbox_id: MailboxId, sender: Address) -> Outgoing:
    """The mail as a mailbox sends it. Answers go to those who got it, never to the desk."""
    to = tuple(Address("", address) for address in notice.recipients)
    message_id = new_message_id(sender.address.rpartition("@")[2], f"notice.{notice.id.hex}")
    subject, body = text
    mime = reply_mime(
        sender=sender,
        to=to,
        cc=(),
        subject=subject,
        body=body,
        parent=None,
        send_id=notice.id,
        message_id=message_id,
        date=notice.at,
        reply_to=to,
        is_automatic=True,
    )
    return Outgoing(
        id=notice.id,
        decision_id=DecisionId(notice.id),
        ticket_id=TicketId(notice.id),
        mailbox_id=mailbox_id,
        revision=0,
        work_seq=0,
        state=OutboxState.SENDING if notice.state is MailState.SENDING else OutboxState.DRAFTING,
        due_at=notice.at,
        next_at=notice.next_at,
        mime=mime,
        message_id=message_id,
        to=to,
        approved_by="notices",
        sender=sender.address,
        remote_draft_id=notice.draft_id,
    )


def told_to_webhooks(after_min: int, tickets: Sequence[WaitingTicket], site: str) -> Mapping[str, Any]:
    """What other systems hear: numbers, times and links."""
    named = [
        {
            "ticket_id": str(each.id),
            "number": each.number,
            "waiting_since": each.waiting_since.isoformat(),
            "url": link(site, each.id),
        }
        for each in tickets[:LISTED]
    ]
    return {"after_min": after_min, "count": len(tickets), "tickets": named}


def link(site: str, ticket_id: TicketId) -> str:
    return f"{site}/boards/tickets/{ticket_id}"


def _when(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
