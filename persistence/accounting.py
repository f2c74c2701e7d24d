"""The account of received mail, counted from the rows in which each mail must be found exactly once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Label, Row, Select, case, func, literal, select

from persistence.engine import Database
from persistence.rows import mailboxes, mails, quarantine, received_mails, skipped_mails
from tickets.accounting import DayAccount
from tickets.mail import MailboxId, MailKind

_AUTOMATIC: Final = (MailKind.AUTOMATIC.value, MailKind.BOUNCE.value)
_ALL_DAYS: Final = literal("")
_PLACES: Final = (mails, quarantine, skipped_mails)

_MAIL: Final = case(
    (mails.c.provider_id.is_(None), 0),
    (mails.c.ticket_id.is_(None) | mails.c.kind.in_(_AUTOMATIC), 1),
    else_=2,
)
_IN_QUARANTINE: Final = quarantine.c.provider_id.is_not(None)
_TIMES: Final[ColumnElement[int]] = sum(
    (case((place.c.provider_id.is_(None), 0), else_=1) for place in _PLACES), literal(0)
)


class SqlAccounting:
    """The port MailAccounts: one statement for a span of days, so that it sees one state of all tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days(self, since: date) -> tuple[DayAccount, ...]:
        """Reads only the days from `since` on."""
        counted = _counts(received_mails.c.day.label("day")).where(received_mails.c.day >= since.isoformat())
        return await self._read(counted)

    async def earlier(self, before: date) -> tuple[DayAccount, ...]:
        """Reads all the rest."""
        counted = _counts(_ALL_DAYS.label("day")).where(received_mails.c.day < before.isoformat())
        return await self._read(counted)

    async def astray(self, account: DayAccount, before: date, limit: int) -> tuple[str, ...]:
        theirs = received_mails.c.mailbox_id == account.mailbox_id
        if account.day is not None:
            theirs &= received_mails.c.day == account.day.isoformat()
        else:
            theirs &= received_mails.c.day < before.isoformat()
        query = _with_places(select(received_mails.c.provider_id)).where(theirs, _TIMES != 1)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(received_mails.c.provider_id).limit(limit))
            return tuple(found.scalars())

    async def _read(self, query: Select[Any]) -> tuple[DayAccount, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(sorted(_accounts(rows), key=lambda a: (a.day is None, -(a.day or date.min).toordinal())))


def _with_places(query: Select[Any]) -> Select[Any]:
    """Beside each received mail, what is known of it; every place has a unique index over these two columns."""
    beside: Any = received_mails
    for place in _PLACES:
        is_it = (place.c.mailbox_id == received_mails.c.mailbox_id) & (
            place.c.provider_id == received_mails.c.provider_id
        )
        beside = beside.outerjoin(place, is_it)
    return query.select_from(beside)


def _counts(day: Label[str]) -> Select[Any]:
    """The mailboxes are named, so that the index over mailbox and day is searched and not read as a whole."""
    what = (
        received_mails.c.mailbox_id,
        day,
        _MAIL.label("mail"),
        _IN_QUARANTINE.label("in_quarantine"),
        skipped_mails.c.reason,
    )
    grouped = (received_mails.c.mailbox_id, *([] if day.element is _ALL_DAYS else [received_mails.c.day]), *what[2:])
    query = _with_places(select(*what, func.count().label("mails")))
    return query.where(received_mails.c.mailbox_id.in_(select(mailboxes.c.id))).group_by(*grouped)


def _accounts(rows: Iterable[Row[Any]]) -> Iterable[DayAccount]:
    sums: dict[tuple[MailboxId, str], Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[MailboxId, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        key = (row.mailbox_id, row.day)
        place = _place(row)
        sums[key][place] += row.mails
        if place == "skipped":
            reasons[key][row.reason] += row.mails
    for (mailbox_id, day), counted in sums.items():
        of_day = date.fromisoformat(day) if day else None
        yield DayAccount(
            mailbox_id,
            of_day,
            on_tickets=counted["on_tickets"],
            automatic=counted["automatic"],
            quarantined=counted["quarantined"],
            skipped=counted["skipped"],
            lost=counted["lost"],
            doubled=counted["doubled"],
            reasons=dict(reasons[mailbox_id, day].most_common()),
        )


def _place(row: Row[Any]) -> str:
    places = [("automatic", "on_tickets")[row.mail - 1]] if row.mail else []
    places += ["quarantined"] if row.in_quarantine else []
    places += ["skipped"] if row.reason is not None else []
    if len(places) != 1:
        return "doubled" if places else "lost"
    return places[0]
