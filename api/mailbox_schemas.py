"""What scripts send and get (the wire shapes of /mailboxes and /quarantine). Names here are promises."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final, Self
from uuid import UUID

from litestar.openapi.datastructures import ResponseSpec
from msgspec import UNSET, Meta, Struct, UnsetType

from api.errors import PROBLEM_MEDIA_TYPE
from api.schemas import NO_NUL, ProblemOut
from tickets.accounting import Account, Alarm, DayAccount
from tickets.boards import MailboxLine, QuarantineLine
from tickets.connecting import MAX_SIGNATURE

_WHEN: Final = {
    400: "The request cannot be used; `errors` names the fields.",
    401: "No API token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope.",
    404: "There is no such mailbox or mail.",
    409: "Not as things stand.",
    413: "The body is too large.",
    500: "A fault of the desk; `request_id` finds it in the log.",
    503: "The mailbox does not answer.",
}


def problems(*statuses: int) -> Mapping[int, ResponseSpec]:
    """The documentation of these errors."""
    return {
        status: ResponseSpec(
            ProblemOut, description=_WHEN[status], media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
        )
        for status in (*statuses, 400, 401, 403, 500)
    }


class MailboxChange(Struct, forbid_unknown_fields=True):
    """What is left out stays. `send_as` is a verified sender of the mailbox, or null for its own address.

    While it is `paused` nothing is fetched, and approved replies still leave.
    """

    send_as: Annotated[str, Meta(max_length=254, pattern=NO_NUL)] | UnsetType | None = UNSET
    signature: Annotated[str, Meta(max_length=MAX_SIGNATURE, pattern=NO_NUL)] | UnsetType = UNSET
    paused: bool | UnsetType = UNSET


class AlarmOut(Struct):
    """`kind` is unaccounted or silent; `day` is the UTC day of the mails that do not add up."""

    kind: str
    day: date | None
    says: str
    what_to_do: str

    @classmethod
    def of(cls, alarm: Alarm) -> Self:
        return cls(alarm.kind, alarm.day, alarm.says, alarm.what_to_do)


class ProgressOut(Struct):
    """How far a full listing has come, in mails."""

    done: int
    total: int
    since: datetime


class MailboxOut(Struct):
    """A mailbox and its health. `state` is ok, error, reconnect_required or disconnected (by an administrator).

    From one with a `paused_at` nothing is fetched since then; approved replies still leave.
    """

    id: UUID
    kind: str
    address: str
    state: str
    state_since: datetime | None
    detail: str | None
    last_ok_at: datetime | None
    progress: ProgressOut | None
    send_as: str | None
    signature: str
    paused_at: datetime | None
    paused_by: str | None
    alarms: list[AlarmOut]

    @classmethod
    def of(cls, line: MailboxLine, account: Account | None) -> Self:
        progress = line.progress
        return cls(
            id=line.id,
            kind=line.kind,
            address=line.address,
            state=line.state,
            state_since=line.state_since,
            detail=line.detail,
            last_ok_at=line.last_ok_at,
            progress=ProgressOut(progress.done, progress.total, progress.since) if progress else None,
            send_as=line.send_as,
            signature=line.signature,
            paused_at=line.paused_at,
            paused_by=line.paused_by,
            alarms=[AlarmOut.of(alarm) for alarm in account.alarms_of(line.id)] if account else [],
        )


class MailboxList(Struct):
    items: list[MailboxOut]


class Disconnected(Struct):
    """`is_revoked`: the provider took its permission back; false: it could not be asked; null: there was none."""

    is_revoked: bool | None
    mailbox: MailboxOut


class DayOut(Struct):
    """received = on_tickets + automatic + quarantined + skipped + unaccounted, and the last must be 0.

    `unaccounted` mails are in no place, or in several; `astray` names the first of them by the mailbox's own ids.
    """

    day: date | None
    received: int
    on_tickets: int
    automatic: int
    quarantined: int
    skipped: int
    unaccounted: int
    reasons: Mapping[str, int]
    astray: list[str]

    @classmethod
    def of(cls, account: DayAccount) -> Self:
        own = {name: getattr(account, name) for name in cls.__struct_fields__}
        return cls(**own | {"reasons": dict(account.reasons), "astray": list(account.astray)})


class AccountingOut(Struct):
    """What became of every mail: each of the last 14 UTC days that brought any, newest first.

    `earlier` sums up the days before; it is null until they have been counted, some seconds after the start.
    """

    at: datetime
    adds_up: bool
    days: list[DayOut]
    earlier: DayOut | None

    @classmethod
    def of(cls, account: Account, mailbox_id: UUID) -> Self:
        days = [DayOut.of(day) for day in account.days if day.mailbox_id == mailbox_id]
        sums = next((sums for sums in account.earlier or () if sums.mailbox_id == mailbox_id), None)
        earlier = DayOut.of(sums) if sums else None
        adds_up = not any(day.unaccounted for day in (*days, *([earlier] if earlier else [])))
        return cls(account.at, adds_up, days, earlier)


class QuarantinedOut(Struct):
    """A mail that could not be read or filed; its original bytes are kept.

    `sender` and `subject` are what its header claims; nobody checked them, and they are empty where it cannot be read.
    """

    id: UUID
    mailbox: str
    reason: str
    received_at: datetime
    size: int
    sender: str
    subject: str

    @classmethod
    def of(cls, line: QuarantineLine) -> Self:
        return cls(line.id, line.mailbox, line.reason, line.received_at, line.size, line.sender, line.subject)


class QuarantineList(Struct):
    items: list[QuarantinedOut]
