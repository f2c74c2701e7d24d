"""Tags and snoozes in words: on the timeline, on a ticket's page, on a board's line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from babel.dates import format_datetime

from api.language import _, reader, said
from tickets.audit import AuditEvent, EventKind
from tickets.snoozing import UNTIL_ANSWER, WakeReason
from tickets.wording import N_

_WOKEN: Final[Mapping[str, str]] = {
    WakeReason.DATE: N_("Back from a snooze: its time is over"),
    WakeReason.ANSWER: N_("Back from a snooze: the customer wrote"),
    WakeReason.BY_HAND: N_("Ended the snooze"),
    WakeReason.CLOSED: N_("The snooze ended with the close"),
    WakeReason.MERGED: N_("The snooze ended with the merge"),
    WakeReason.NOT_DELIVERED: N_("Back from a snooze: a reply was not delivered"),
}


def shelf_sentence(event: AuditEvent) -> str | None:
    """What happened, for an event about tags or a snooze; None for any other."""
    fields: Mapping[str, Any] = event.fields or {}
    match event.kind:
        case EventKind.TAGGED:
            return _tagged(fields.get("added") or [], fields.get("removed") or [])
        case EventKind.SNOOZED:
            return snoozed_words(_moment(fields.get("until")))
        case EventKind.WOKEN:
            return said(_WOKEN.get(str(fields.get("reason")), _WOKEN[WakeReason.BY_HAND]))
        case _:
            return None


def snoozed_words(until: datetime | None) -> str:
    """Until when, in the reader's zone."""
    if until is None or until == UNTIL_ANSWER:
        return _("Snoozed until the customer answers")
    return _("Snoozed until %(moment)s", moment=short_moment(until))


def short_moment(at: datetime) -> str:
    """A day and a time in the width of a column, in the reader's zone."""
    here = at.astimezone(reader().zone)
    # Translators: a pattern of CLDR for a day and a time without the year.
    return f"{format_datetime(here, _('d MMM, HH:mm'), locale=reader().locale)} {here.tzname()}"


def came_back(events: Sequence[AuditEvent]) -> AuditEvent | None:
    """The end of the last snooze: who had put the ticket off is in its fields."""
    return next((event for event in reversed(events) if event.kind is EventKind.WOKEN), None)


def _tagged(added: Sequence[str], removed: Sequence[str]) -> str:
    if added and removed:
        return _("Tagged %(added)s, took off %(removed)s", added=", ".join(added), removed=", ".join(removed))
    if added:
        return _("Tagged %(added)s", added=", ".join(added))
    return _("Took off the tag %(removed)s", removed=", ".join(removed))


def _moment(recorded: object) -> datetime | None:
    """None is the customer's answer; so counts what no version of the desk has written."""
    try:
        return datetime.fromisoformat(str(recorded))
    except ValueError:
        return None
