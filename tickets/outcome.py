"""How a delivery ends: sent, or certainly not. Everything that must agree on it is written in one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Unsettled
from tickets.mail import Mail, MailKind, Parsed
from tickets.outbox import OutboxState, Outgoing, Receipt
from tickets.snoozing import WakeReason, end_snooze
from tickets.status import Event, after
from tickets.storage import NewMail, Transaction
from tickets.storms import still_told
from tickets.ticket import DecisionState, DraftState, Ticket

LOOK_AGAIN_S: Final = 30.0


async def record_sent(
    tx: Transaction, outgoing: Outgoing, receipt: Receipt, parsed: Parsed, by: str, at: datetime
) -> Outgoing:
    """The reply left: outbox SENT, the mail on the ticket, the status moved, the decision done. One transaction."""
    await tx.taking_mail_in()  # a sync may be about to leave out the same mail as our own
    ticket = await tx.ticket(outgoing.ticket_id)
    sent = replace(
        outgoing,
        state=OutboxState.SENT,
        message_id=receipt.message_id,
        claim=None,
        claim_until=None,
        next_at=None,
        detail=None,
        sent_at=at,
    )
    if not await tx.move_outgoing(outgoing, sent):
        raise Unsettled("Another run took this delivery over.", at + timedelta(seconds=LOOK_AGAIN_S))
    await tx.add_mail(_sent_mail(outgoing, receipt, parsed, at))
    await tx.finish_decision(outgoing.decision_id, DecisionState.DONE, None)
    await tx.set_draft_state(ticket.id, outgoing.revision, DraftState.SENT)
    answered = _after_sending(replace(ticket, came_back=None), outgoing, receipt, at)
    if receipt.refused:
        answered = await end_snooze(tx, answered, WakeReason.NOT_DELIVERED, by, at)
    await tx.save(answered)
    if ticket.work_seq > outgoing.work_seq:
        await tx.work(ticket.id, at)
    fields: Fields = {"send_id": str(outgoing.id), "revision": outgoing.revision, "approved_by": outgoing.approved_by}
    if receipt.refused:
        fields = {**fields, "refused": len(receipt.refused)}
    await tx.record(AuditEvent(EventKind.SENT, by, at, ticket.id, fields))
    return sent


def _after_sending(ticket: Ticket, outgoing: Outgoing, receipt: Receipt, at: datetime) -> Ticket:
    status = after(ticket.status, Event.REPLY_SENT)
    if receipt.refused:
        status = after(status, Event.DELIVERY_FAILED)
    if ticket.work_seq > outgoing.work_seq:  # the customer wrote while it was leaving
        status = after(status, Event.CUSTOMER_WROTE)
    settled = max(ticket.settled_seq, outgoing.work_seq)
    notice = still_told(ticket.notice, _not_to(receipt))
    return replace(ticket, status=status, settled_seq=settled, is_leaving=False, notice=notice, updated_at=at)


def _not_to(receipt: Receipt) -> str | None:
    if not receipt.refused:
        return None
    return (
        f"The reply left, but not to {', '.join(receipt.refused)}: the server refused the address. "
        "Check it and write there again, or close the ticket."
    )


def _sent_mail(outgoing: Outgoing, receipt: Receipt, parsed: Parsed, at: datetime) -> NewMail:
    mail: Mail = replace(parsed.mail, message_id=receipt.message_id)
    return NewMail(
        mailbox_id=outgoing.mailbox_id,
        ticket_id=outgoing.ticket_id,
        kind=MailKind.REPLY,
        mail=mail,
        at=at,
        provider_id=receipt.provider_id,
        provider_thread_id=receipt.provider_thread_id,
        raw=outgoing.mime,
        blobs=parsed.blobs,
    )


async def not_sent(tx: Transaction, before: Outgoing, failed: Outgoing, reason: str, by: str, at: datetime) -> None:
    """The reply did and will not leave: the draft is open again, unless the customer made it obsolete."""
    ticket = await end_snooze(tx, await tx.ticket(before.ticket_id), WakeReason.NOT_DELIVERED, by, at)
    if not await tx.move_outgoing(before, failed):
        raise Unsettled("Another run took this delivery over.", at + timedelta(seconds=LOOK_AGAIN_S))
    await tx.finish_decision(before.decision_id, DecisionState.REFUSED, reason)
    is_obsolete = ticket.work_seq > before.work_seq
    state = DraftState.SUPERSEDED if is_obsolete else DraftState.OPEN
    await tx.set_draft_state(ticket.id, before.revision, state)
    notice = f"The reply was not sent: {reason} Correct it and approve again, or answer in the mailbox itself."
    told = still_told(ticket.notice, notice)
    status = after(ticket.status, Event.DELIVERY_FAILED)
    await tx.save(replace(ticket, status=status, is_leaving=False, notice=told, updated_at=at))
    await tx.work(ticket.id, at)
    fields: Fields = {"send_id": str(before.id), "reason": reason}
    await tx.record(AuditEvent(EventKind.SEND_FAILED, by, at, ticket.id, fields))
