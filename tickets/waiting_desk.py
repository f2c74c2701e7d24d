"""The two rounds of notices: look who has waited too long, and send the mails that are due. Any number of processes
may do both at once; the database says whose a wait and a mail is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.boards import MailboxState
from tickets.desk_settings import BusinessHours, Change, DeskSettings, Stored
from tickets.errors import AnswerLost, BadInput, DeskError, Disconnected, MailboxError, Rejected, Unavailable
from tickets.mail import Address
from tickets.notices import (
    LOOK_AGAIN,
    LOOKS,
    MailState,
    Notice,
    NoticeKind,
    NoticeStore,
    letter,
    outgoing,
)
from tickets.outbox import Absent, Outgoing, RemoteDraft, Sent, Waiting
from tickets.people import Actor, Scope
from tickets.ports import Clock, Mailbox
from tickets.service_level import Calendar
from tickets.storage import MailboxRecord, TicketStore
from tickets.sync import OpenMailbox
from tickets.waiting import Notifications, WaitingTicket, longest_clock_wait, overdue, require_no_circle
from tickets.webhooks import retry_after
from tickets.wording import Sentence

AT_ONCE: Final = 5
CANDIDATES: Final = 5_000
KEPT: Final = timedelta(days=30)
NOTICES: Final = "notices"  # who made it, in the record

NO_MAILBOX: Final = "The mailbox it is to leave by is not on the desk any more. Choose another under Notifications."
NOBODY_KNOWS: Final = "Nobody can tell whether it left, so it is not sent again by itself."


@dataclass(frozen=True, slots=True)
class WaitingDesk:
    """`site` is where people open the desk, `new_id` makes ids."""

    store: NoticeStore
    tickets: TicketStore
    settings: DeskSettings
    open_mailbox: OpenMailbox
    clock: Clock
    new_id: Callable[[], UUID]
    site: str
    desk_name: str
    crash: Callable[[str], None] = lambda _point: None

    async def change(self, change: Change[Notifications], *, by: Actor) -> Stored[Notifications]:
        """Replace the settings. Raises BadInput, StaleSettings."""
        by.require(Scope.ADMIN)
        records = await self.tickets.mailboxes()
        value = change.value
        require_no_circle(value.email_to, [each for record in records for each in _addresses(record)])
        known = {record.address for record in records}
        for address in (*value.mailboxes, *filter(None, (value.email_from,))):
            if address not in known:
                raise BadInput(
                    Sentence("%(address)s is no mailbox of this desk. Choose one of those that are.", address=address)
                )
        await self.settings.write(change, by=by, now=self.clock.now())
        return await self.settings.stored(Notifications)

    async def look(self) -> Notice | None:
        """Make one notice of every wait that is too long and not told yet."""
        wanted = await self.settings.read(Notifications)
        if wanted.after_min is None:
            return None
        now, calendar = self.clock.now(), Calendar(await self.settings.read(BusinessHours))
        candidates = await self.store.untold(wanted, longest_clock_wait(wanted.after_min, now), CANDIDATES)
        waits = overdue(candidates, calendar, wanted.after_min, now)
        if not waits:
            return None
        notice = replace(self._notice(NoticeKind.WAITING, wanted, now), tickets=len(waits), after_min=wanted.after_min)
        told = await self.store.tell(notice, waits, self.site)
        self.crash("waiting-told")
        return told

    async def test(self, *, by: Actor) -> Notice:
        """A mail to those who would get notices, whether or not any are made."""
        by.require(Scope.ADMIN)
        wanted, now = await self.settings.read(Notifications), self.clock.now()
        if not wanted.email_to:
            raise BadInput("No address is set. Write one, save, then send the test. Webhooks have a test of their own.")
        notice = self._notice(NoticeKind.TEST, wanted, now)
        fields = {"notice_id": str(notice.id)}
        await self.store.add(notice, AuditEvent(EventKind.NOTICE_TESTED, by.name, now, fields=fields))
        return notice

    async def again(self, notice_id: UUID, *, by: Actor) -> Notice:
        """Try the mail of a notice once more that was given up."""
        by.require(Scope.ADMIN)
        fields = {"notice_id": str(notice_id)}
        event = AuditEvent(EventKind.NOTICE_RETRIED, by.name, self.clock.now(), fields=fields)
        return await self.store.again(notice_id, event)

    async def send_due(self) -> int:
        """Send the mails that are due; how many were tried."""
        due = await self.store.claim_due(self.clock.now(), AT_ONCE)
        for notice in due:
            await self._send(notice)
        return len(due)

    async def forget_old(self) -> None:
        await self.store.forget(self.clock.now() - KEPT)

    def _notice(self, kind: NoticeKind, wanted: Notifications, now: datetime) -> Notice:
        notice = Notice(self.new_id(), kind, now, tickets=0, shows_subjects=wanted.shows_subjects)
        if not wanted.email_to:
            return notice
        to, sender = wanted.email_to, wanted.email_from
        return replace(notice, recipients=to, sender=sender, state=MailState.PENDING, next_at=now)

    # --- one mail --------------------------------------------------------------------------------------------------

    async def _send(self, notice: Notice) -> None:
        try:
            record = await self._mailbox(notice)
            tickets = await self.store.told_of(notice.id)
            mail, mailbox = await self._mail(notice, tickets, record), await self.open_mailbox(record.id)
            if notice.state is MailState.SENDING:
                await self._look_for(notice, mailbox, mail)
            elif notice.kind is NoticeKind.WAITING and not tickets:
                await self._drop(notice, mailbox, mail)
            else:
                await self._submit(notice, mailbox, mail, await mailbox.prepare(mail))
        except (Rejected, BadInput) as error:
            await self._give_up(notice, error)
        except MailboxError as error:
            await self._later(notice, error)

    async def _submit(self, notice: Notice, mailbox: Mailbox, mail: Outgoing, draft: RemoteDraft) -> None:
        if not await self.store.sending(notice, draft.id):
            return
        notice = replace(notice, state=MailState.SENDING, draft_id=draft.id)
        self.crash("notice-submitting")
        try:
            await mailbox.submit(draft, mail)
        except AnswerLost:
            await self._look_again(notice, max(LOOK_AGAIN, timedelta(seconds=mailbox.settle_s)))
            return
        except (Unavailable, Disconnected) as error:  # nothing was done
            await self._later(replace(notice, state=MailState.PENDING), error)
            return
        self.crash("notice-submitted")
        await self._sent(notice)

    async def _drop(self, notice: Notice, mailbox: Mailbox, mail: Outgoing) -> None:
        """Everybody was answered before it could leave."""
        await mailbox.discard(mail)
        await self.store.settle(replace(notice, state=MailState.DROPPED, next_at=None))

    async def _look_for(self, notice: Notice, mailbox: Mailbox, mail: Outgoing) -> None:
        """An earlier run submitted it, or was about to."""
        match await mailbox.lookup(mail):
            case Sent():
                await self._sent(notice)
            case Waiting(draft):
                await self._submit(notice, mailbox, mail, draft)
            case Absent() if notice.attempts < LOOKS:
                await self._look_again(notice, LOOK_AGAIN)
            case _:
                await self._give_up(notice, AnswerLost(NOBODY_KNOWS))

    async def _look_again(self, notice: Notice, after: timedelta) -> None:
        look_at = self.clock.now() + after
        await self.store.settle(replace(notice, attempts=notice.attempts + 1, next_at=look_at))

    async def _mailbox(self, notice: Notice) -> MailboxRecord:
        records = await self.tickets.mailboxes()
        own = [each for record in records for each in _addresses(record)]
        require_no_circle(notice.recipients, own)  # one of them may have become a mailbox of the desk since
        for record in records:
            if record.address == notice.sender and record.state is not MailboxState.DISCONNECTED:
                return record
        raise BadInput(NO_MAILBOX)

    async def _mail(self, notice: Notice, tickets: Sequence[WaitingTicket], record: MailboxRecord) -> Outgoing:
        zone = (await self.settings.read(BusinessHours)).zone
        said = letter(notice, tickets, self.site, zone, self.desk_name)
        return outgoing(notice, said, record.id, Address(self.desk_name, record.address))

    async def _sent(self, notice: Notice) -> None:
        now = self.clock.now()
        settled = replace(notice, state=MailState.SENT, sent_at=now, next_at=None, error=None)
        fields: Fields = {"notice_id": str(notice.id), "recipients": len(notice.recipients)}
        event = AuditEvent(EventKind.NOTICE_SENT, NOTICES, now, fields=fields)
        await self.store.settle(replace(settled, attempts=notice.attempts + 1), event)

    async def _later(self, notice: Notice, error: DeskError) -> None:
        attempts = notice.attempts + 1
        wait = retry_after(attempts)
        if wait is None:
            await self._give_up(notice, error)
            return
        again = replace(notice, attempts=attempts, next_at=self.clock.now() + wait, error=str(error))
        await self.store.settle(again)

    async def _give_up(self, notice: Notice, error: DeskError) -> None:
        failed = replace(notice, state=MailState.FAILED, attempts=notice.attempts + 1, next_at=None, error=str(error))
        fields = {"notice_id": str(notice.id), "reason": type(error).__name__}
        await self.store.settle(failed, AuditEvent(EventKind.NOTICE_FAILED, NOTICES, self.clock.now(), fields=fields))


def _addresses(record: MailboxRecord) -> tuple[str, ...]:
    return (record.address, record.send_as) if record.send_as else (record.address,)
