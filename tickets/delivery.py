"""One approved reply out, once: the two-phase send and the settling of outcomes nobody saw.

Each state is committed before the remote write it announces, and every write is a compare-and-set on the state and the
claim it was read with. So a run that is killed, doubled or late can repeat any part of this and send nothing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.boards import MailboxState
from tickets.errors import AnswerLost, Conflict, Disconnected, MailboxError, NotFound, Rejected, Unavailable, Unsettled
from tickets.leases import Leases
from tickets.outbox import (
    ENDED,
    Delivered,
    Delivery,
    OutboxState,
    Outgoing,
    Receipt,
    Refused,
    RemoteDraft,
    Sent,
    Waiting,
)
from tickets.outcome import LOOK_AGAIN_S, not_sent, record_sent
from tickets.people import AGENT
from tickets.ports import Clock, Mailbox, Parser
from tickets.storage import TicketStore, Transaction
from tickets.sync import OpenMailbox
from tickets.ticket import DecisionId
from tickets.wording import Sentence

CLAIM_S: Final = 150.0  # outlives the request timeout plus the settle window of a provider
GIVE_UP_S: Final = 600.0

TRIED_AGAIN: Final = "It is tried again by itself."
UNCERTAIN: Final = (
    "It is not certain yet whether the reply left. It is looked up again by itself; do not write it twice."
)
MAY_NOT_WRITE_AS: Final = (
    "The mailbox may not write as the address in From. Confirm that address there as one it may send as (in Gmail: "
    "Settings, Accounts, 'Send mail as'), or write from the mailbox's own address."
)

Crash = Callable[[str], None]
"""Called at named points; tests make it end the process there."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Moves outbox rows to their end.

    `give_up_s` is how long a reply that shows nowhere is looked for before an operator is asked.
    """

    store: TicketStore
    open_mailbox: OpenMailbox
    parser: Parser
    leases: Leases
    clock: Clock
    crash: Crash
    give_up_s: float = GIVE_UP_S

    async def deliver(self, decision_id: DecisionId) -> Delivery:
        """Drive the reply of one decision as far as it goes now.

        Raises Unsettled when it is not decided yet (its row says when to look again), Conflict when it is not due.
        """
        outgoing = await self._claim(decision_id)
        while outgoing.state not in ENDED:
            outgoing = await self._advance(outgoing)
        return Delivered() if outgoing.state is OutboxState.SENT else Refused()

    async def _claim(self, decision_id: DecisionId) -> Outgoing:
        """T2: take the row, unless another live run has it."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            outgoing = await tx.outgoing(decision_id)
            if outgoing is None:
                raise NotFound("There is no approval by that id. Approve the draft at the desk first.")
            if outgoing.state in ENDED:
                return outgoing
            # The ticket's row first: whoever withdraws an approval locks in the same order.
            await tx.ticket(outgoing.ticket_id)
            if outgoing.next_at is None:
                raise Unsettled("An operator has to say whether this reply was sent.", None)
            if outgoing.next_at > now:
                raise Unsettled("This reply is not due yet.", outgoing.next_at)
            if self._is_claimed(outgoing, now):
                raise Unsettled("Another run is sending this reply.", outgoing.claim_until)
            claimed = replace(
                outgoing,
                state=_taken_over(outgoing.state),
                claim=self.leases.claimant(),
                claim_until=now + timedelta(seconds=CLAIM_S),
                unknown_since=outgoing.unknown_since or (now if outgoing.state is OutboxState.SENDING else None),
            )
            await self._write(tx, outgoing, claimed, now)
        self.crash(f"claimed_{claimed.state.value.lower()}")
        return claimed

    def _is_claimed(self, outgoing: Outgoing, now: datetime) -> bool:
        if outgoing.claim is None or outgoing.claim_until is None or outgoing.claim_until <= now:
            return False
        return not self.leases.is_gone(outgoing.claim)

    async def _advance(self, outgoing: Outgoing) -> Outgoing:
        mailbox = await self._open(outgoing)
        match outgoing.state:
            case OutboxState.DRAFTING:
                return await self._prepare(mailbox, outgoing)
            case OutboxState.DRAFTED:
                return await self._submit(mailbox, outgoing)
            case OutboxState.UNKNOWN:
                return await self._settle(mailbox, outgoing)
            case _:
                raise Conflict(Sentence("A delivery in state %(state)s cannot be carried on.", state=outgoing.state))

    async def _open(self, outgoing: Outgoing) -> Mailbox:
        try:
            return await self.open_mailbox(outgoing.mailbox_id)
        except MailboxError as error:
            raise await self._pause(outgoing, outgoing.state, error) from error

    async def _prepare(self, mailbox: Mailbox, outgoing: Outgoing) -> Outgoing:
        """T2's remote write. A desk restored from an older backup may find that this reply left long ago."""
        try:
            seen = await mailbox.lookup(outgoing)
            if isinstance(seen, Sent):
                return await self._sent(outgoing, seen.receipt)
            if not await _may_write(mailbox, outgoing):
                return await self._fail(outgoing, MAY_NOT_WRITE_AS)
            draft = await mailbox.prepare(outgoing)
        except Rejected as error:
            return await self._fail(outgoing, str(error))
        except MailboxError as error:
            raise await self._pause(outgoing, outgoing.state, error) from error
        self.crash("draft_created")
        # T3: the draft is known; an interrupted run would have found it again by its marker.
        drafted = replace(outgoing, state=OutboxState.DRAFTED, remote_draft_id=draft.id)
        return await self._move(outgoing, drafted)

    async def _submit(self, mailbox: Mailbox, outgoing: Outgoing) -> Outgoing:
        # T4: from here on, only the mailbox knows whether the mail left.
        sending = await self._move(outgoing, replace(outgoing, state=OutboxState.SENDING))
        self.crash("before_submit")
        assert sending.remote_draft_id is not None, "a drafted row names its draft"
        try:
            receipt = await mailbox.submit(RemoteDraft(sending.remote_draft_id), sending)
        except Rejected as error:
            return await self._fail(sending, str(error))
        except (Unavailable, Disconnected) as error:
            raise await self._pause(sending, OutboxState.DRAFTED, error) from error
        except AnswerLost:
            return await self._unknown(sending)
        self.crash("submitted")
        return await self._sent(sending, receipt)

    async def _settle(self, mailbox: Mailbox, outgoing: Outgoing) -> Outgoing:
        """Look what became of it. A draft that is still there after the settle window did not leave."""
        now = self.clock.now()
        since = outgoing.unknown_since or now
        settled_at = since + timedelta(seconds=mailbox.settle_s)
        try:
            seen = await mailbox.lookup(outgoing)
        except MailboxError as error:
            raise await self._pause(outgoing, OutboxState.UNKNOWN, error) from error
        if isinstance(seen, Sent):
            return await self._sent(outgoing, seen.receipt)
        if now < settled_at:
            raise await self._look_again(outgoing, settled_at)
        if isinstance(seen, Waiting):
            again = replace(outgoing, state=OutboxState.DRAFTED, remote_draft_id=seen.draft.id, unknown_since=None)
            return await self._move(outgoing, again)
        given_up_at = since + timedelta(seconds=self.give_up_s)
        if now < given_up_at:
            raise await self._look_again(outgoing, min(now + timedelta(seconds=LOOK_AGAIN_S), given_up_at))
        raise await self._ask_an_operator(outgoing)

    # --- the writes ------------------------------------------------------------------------------------------------

    async def _move(self, before: Outgoing, to: Outgoing) -> Outgoing:
        async with self.store.begin() as tx:
            await self._write(tx, before, to, self.clock.now())
        self.crash(f"stored_{to.state.value.lower()}")
        return to

    async def _write(self, tx: Transaction, before: Outgoing, to: Outgoing, at: datetime) -> None:
        if not await tx.move_outgoing(before, to):
            raise Unsettled("Another run took this delivery over.", at + timedelta(seconds=LOOK_AGAIN_S))
        fields: Fields = {"send_id": str(to.id), "state": to.state.value}
        await tx.record(AuditEvent(EventKind.SEND_STEP, AGENT.name, at, to.ticket_id, fields))

    async def _unknown(self, sending: Outgoing) -> Outgoing:
        now = self.clock.now()
        unknown = replace(sending, state=OutboxState.UNKNOWN, unknown_since=now)
        async with self.store.begin() as tx:
            await self._write(tx, sending, unknown, now)
            fields: Fields = {"send_id": str(sending.id)}
            await tx.record(AuditEvent(EventKind.SEND_UNKNOWN, AGENT.name, now, sending.ticket_id, fields))
        return unknown

    async def _pause(self, outgoing: Outgoing, back_to: OutboxState, error: MailboxError) -> Unsettled:
        """Nothing was done: give the claim back and come again later."""
        wish = error.retry_after_s if isinstance(error, Unavailable) else None
        attempts = outgoing.attempts + 1
        next_at = self.clock.now() + timedelta(seconds=max(wish or 0.0, min(2.0**attempts, 300.0)))
        paused = replace(outgoing, state=back_to, attempts=attempts, detail=str(error))
        if isinstance(error, Disconnected):
            async with self.store.begin() as tx:
                now = self.clock.now()
                await tx.mailbox_is(outgoing.mailbox_id, MailboxState.RECONNECT_REQUIRED, str(error), now)
        said = str(error)
        said = said if TRIED_AGAIN in said else f"{said} {TRIED_AGAIN}"
        return await self._release(outgoing, paused, next_at, f"Not sent yet: {said}")

    async def _look_again(self, outgoing: Outgoing, at: datetime) -> Unsettled:
        return await self._release(outgoing, replace(outgoing, detail=UNCERTAIN), at, UNCERTAIN)

    async def _ask_an_operator(self, outgoing: Outgoing) -> Unsettled:
        notice = (
            "Nobody can tell whether the reply left: it is neither among the sent mails nor in the drafts. "
            "Look in the mailbox, then choose 'It was sent' or 'It was not sent'."
        )
        asked = replace(outgoing, state=OutboxState.NEEDS_HUMAN, detail=notice)
        return await self._release(outgoing, asked, None, notice)

    async def _release(self, before: Outgoing, to: Outgoing, next_at: datetime | None, notice: str) -> Unsettled:
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(before.ticket_id)
            released = replace(to, claim=None, claim_until=None, next_at=next_at)
            await self._write(tx, before, released, now)
            leaving = to.state is not OutboxState.NEEDS_HUMAN
            await tx.save(replace(ticket, notice=notice, is_leaving=leaving, updated_at=now))
        return Unsettled(notice, next_at)

    async def _fail(self, outgoing: Outgoing, reason: str) -> Outgoing:
        """A definite no: the draft is offered again and the ticket says why."""
        now = self.clock.now()
        failed = replace(outgoing, state=OutboxState.FAILED, claim=None, claim_until=None, next_at=None, detail=reason)
        async with self.store.begin() as tx:
            await not_sent(tx, outgoing, failed, reason, AGENT.name, now)
        return failed

    async def _sent(self, outgoing: Outgoing, receipt: Receipt) -> Outgoing:
        """T5: the reply is out; the outbox, the mail, the ticket and the record agree."""
        now = self.clock.now()
        parsed = await self.parser.parse(outgoing.mime)
        async with self.store.begin() as tx:
            sent = await record_sent(tx, outgoing, receipt, parsed, AGENT.name, now)
        self.crash("stored_sent")
        return sent


async def _may_write(mailbox: Mailbox, outgoing: Outgoing) -> bool:
    """Whether the mailbox lets mail leave with this From; most providers would put their own address there."""
    sender, own = outgoing.sender.strip().casefold(), mailbox.address.casefold()
    return sender in ("", own) or sender in await mailbox.senders()


def _taken_over(state: OutboxState) -> OutboxState:
    """What a claim makes of a row: a reply found in SENDING may have left."""
    if state is OutboxState.APPROVED:
        return OutboxState.DRAFTING
    return OutboxState.UNKNOWN if state is OutboxState.SENDING else state
