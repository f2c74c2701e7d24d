"""Putting a ticket off: it leaves the boards until a date, or until the customer answers, whichever comes first.

A snooze is a fact of its own; the status stays what it is. A customer's mail, a delivery that failed, a close or a
merge ends it at once, whatever the date. A ticket that waits on others and was put off until a date comes back to us.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput
from tickets.status import Event, Status, after
from tickets.storage import Transaction
from tickets.ticket import CameBack, Ticket

UNTIL_ANSWER: Final = datetime(9999, 1, 1, tzinfo=UTC)  # a date that never comes
MORNING: Final = time(9, 0)


class SnoozeFor(StrEnum):
    """The usual lengths of a snooze, all ending in the morning of the operator's day."""

    TOMORROW = "tomorrow"
    MONDAY = "monday"
    WEEK = "week"
    ANSWER = "answer"

    def until(self, now: datetime, zone: tzinfo) -> datetime:
        """When a snooze that begins now is over, for somebody in that zone."""
        if self is SnoozeFor.ANSWER:
            return UNTIL_ANSWER
        today = now.astimezone(zone).date()
        days = {SnoozeFor.TOMORROW: 1, SnoozeFor.WEEK: 7, SnoozeFor.MONDAY: 7 - today.weekday()}[self]
        return datetime.combine(today + timedelta(days=days), MORNING, zone).astimezone(UTC)


class WakeReason(StrEnum):
    """Why a snooze ended."""

    DATE = "date"
    ANSWER = "answer"
    BY_HAND = "by_hand"
    CLOSED = "closed"
    MERGED = "merged"
    NOT_DELIVERED = "not_delivered"


_TOLD: Final = {WakeReason.DATE: CameBack.DATE, WakeReason.ANSWER: CameBack.ANSWER}


def typed_moment(text: str, zone: tzinfo) -> datetime:
    """A date and time as a form sends it (`2026-11-28T09:00`), in that zone. Raises BadInput."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("That is no date and time. Write it like 2026-11-28T09:00.") from error


async def end_snooze(tx: Transaction, ticket: Ticket, reason: WakeReason, by: str, at: datetime) -> Ticket:
    """The ticket as it is once awake, with the event on record; the caller saves it."""
    if ticket.snoozed_until is None:
        return replace(ticket, came_back=None)
    fields: Fields = {
        "reason": reason.value,
        "snoozed_by": ticket.snoozed_by,
        "until": in_record(ticket.snoozed_until),
    }
    await tx.record(AuditEvent(EventKind.WOKEN, by, at, ticket.id, fields))
    return replace(ticket, snoozed_until=None, snoozed_by=None, came_back=_TOLD.get(reason))


async def time_is_up(tx: Transaction, ticket: Ticket, by: str, at: datetime) -> Ticket:
    """The date has come. Who put off a ticket that waits on others wanted to be reminded of it."""
    woken = replace(await end_snooze(tx, ticket, WakeReason.DATE, by, at), updated_at=at)
    if woken.status is not Status.WAITING_OTHERS:
        return woken
    return replace(woken, status=after(woken.status, Event.FOLLOW_UP_DUE), waiting_since=at)


def in_record(until: datetime) -> str:
    """As the audit trail names it."""
    return "answer" if until == UNTIL_ANSWER else until.astimezone(UTC).isoformat(timespec="minutes")
