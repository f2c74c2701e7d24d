"""Desks of any size, written as rows: for what must not grow slow with them."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text

from persistence.engine import Database, open_database
from persistence.migrate import upgrade
from persistence.packing import sha256
from persistence.rows import blobs, mailboxes, tallies, tickets
from persistence.rows_boards import burdens, tags, ticket_tags
from persistence.rows_model_calls import model_calls
from persistence.rows_reports import report_moments, report_tickets
from tickets.reporting import MomentKind

MAILBOX: Final = UUID(int=1)
ADDRESS: Final = "bench@helios.example"
RAW: Final = b"raw"
AT_ONCE: Final = 2_000
MINUTE: Final = timedelta(minutes=1)
CATEGORIES: Final = ("technical", "billing", "warranty", "sales")
PEOPLE: Final = ("ada@helios.example", "bo@helios.example", "admin@desk.example", None)
TAGS: Final = ("vip", "legal", "spare-part")


@dataclass(frozen=True)
class LargeDesk:
    """Where it is, and how many tickets are on it. The newest one came just before `now`, one every ten minutes."""

    url: str
    count: int
    now: datetime

    def opened_at(self, number: int) -> datetime:
        return self.now - 10 * MINUTE * (self.count - number + 1)

    def numbers(self) -> Iterator[range]:
        for first in range(1, self.count + 1, AT_ONCE):
            yield range(first, min(first + AT_ONCE, self.count + 1))


async def made(url: str, count: int, now: datetime) -> LargeDesk:
    """A new desk with that many tickets: one in twenty is open, a tenth of these are put off, one in 50 is tagged."""
    await asyncio.to_thread(upgrade, url)
    desk, database = LargeDesk(url, count, now), open_database(url)
    async with database.write() as connection:
        box = {"id": MAILBOX, "kind": "memory", "address": ADDRESS, "settings": {}, "state": "ok"}
        await connection.execute(insert(mailboxes), box | {"address_key": ADDRESS})
        await connection.execute(insert(blobs), {"sha256": sha256(RAW), "size": len(RAW), "content": RAW})
        await connection.execute(insert(tags), [{"name": tag, "uses": 1} for tag in TAGS])
    for numbers in desk.numbers():
        rows = [ticket_row(desk, number) for number in numbers]
        async with database.write() as connection:
            await connection.execute(insert(tickets), rows)
            if tagged := [{"tag": tag, "ticket_id": row["id"]} for row in rows for tag in row["tags"]]:
                await connection.execute(insert(ticket_tags), tagged)
    await _tally(database)
    await database.close()
    return desk


def ticket_id(number: int) -> UUID:
    """Scattered, as ids are."""
    return UUID(int=random.Random(number).getrandbits(128))


def ticket_row(desk: LargeDesk, number: int) -> dict[str, Any]:
    at = desk.opened_at(number)
    is_open, turn = number % 20 == 0, number // 20
    return {
        "id": ticket_id(number), "number": number, "mailbox_id": MAILBOX, "mailbox": ADDRESS,
        "status": ("NEW", "NEEDS_ACTION", "WAITING_OTHERS")[turn % 3] if is_open else "DONE",
        "subject": f"Question {number} about the inverter", "requester_name": f"Customer {number % 5000}",
        "requester_address": f"customer{number % 5000}@example.org",
        "search_text": f"question {number} about the inverter customer{number % 5000}@example.org",
        "created_at": at, "updated_at": at, "waiting_since": at, "work_seq": 1, "settled_seq": 1,
        "snippet": "The inverter stands still since this morning", "category": CATEGORIES[number // 7 % 4],
        "priority": ("normal", "high", "low")[number // 3 % 3], "language": ("en", "de", "fr")[number // 5 % 3],
        "assignee": PEOPLE[turn // 3 % 4], "stopped": False, "is_leaving": False, "mails": 1, "sender_failed": False,
        "draft_revision": 0, "has_draft": False, "open_flags": 0, "work_version": 0, "attempts": 0,
        "snoozed_by": "console", "snoozed_until": desk.now + timedelta(days=1) if is_open and turn % 10 == 3 else None,
        "tags": [TAGS[number // 50 % 3]] if number % 50 == 0 else [],
    }  # fmt: skip


async def _tally(database: Database) -> None:
    """The counts that transactions keep."""
    awake = "snoozed_until IS NULL"
    counts = {
        "new": f"status = 'NEW' AND {awake}", "needs_action": f"status = 'NEEDS_ACTION' AND {awake}",
        "waiting": f"status = 'WAITING_OTHERS' AND {awake}", "done": "status = 'DONE'",
        "snoozed": "snoozed_until IS NOT NULL",
    }  # fmt: skip
    async with database.write() as connection:
        for name, holds in counts.items():
            counted = select(text("count(*)")).select_from(tickets).where(text(holds)).scalar_subquery()
            await connection.execute(tallies.update().values({name: counted}))
        whose = select(text("coalesce(assignee, '')"), text("count(*)")).select_from(tickets)
        ours = whose.where(text(f"status IN ('NEW', 'NEEDS_ACTION') AND {awake}")).group_by(tickets.c.assignee)
        await connection.execute(burdens.delete())
        await connection.execute(insert(burdens).from_select(["assignee", "tickets"], ours))
    await settle(database)


async def settle(database: Database) -> None:
    """Statistics as a desk has them that has run for a while: PostgreSQL gathers its own, SQLite does without."""
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("ANALYZE"))


# --- what the reports count -------------------------------------------------------------------------------------------

_LIFE: Final = (
    (MomentKind.OPENED, 0), (MomentKind.MAIL_IN, 0), (MomentKind.DRAFT_OFFERED, 2), (MomentKind.SENT_EDITED, 90),
    (MomentKind.MAIL_IN, 600), (MomentKind.SENT_UNCHANGED, 700), (MomentKind.CLOSED, 701),
)  # fmt: skip
_BY: Final = (MomentKind.SENT_EDITED, MomentKind.SENT_UNCHANGED, MomentKind.CLOSED)


async def add_report_rows(desk: LargeDesk) -> None:
    """Seven moments a ticket, and four calls of the model."""
    database = open_database(desk.url)
    for numbers in desk.numbers():
        async with database.write() as connection:
            await connection.execute(insert(report_tickets), [_facts(desk, number) for number in numbers])
            await connection.execute(insert(report_moments), [row for n in numbers for row in _moments(desk, n)])
            await connection.execute(insert(model_calls), [row for n in numbers for row in _calls(desk, n)])
    await settle(database)
    await database.close()


def _facts(desk: LargeDesk, number: int) -> dict[str, Any]:
    at, by = desk.opened_at(number), _person(number)
    is_done = number % 20 != 0
    return {
        "ticket_id": ticket_id(number), "opened_at": at, "answered_at": at + 90 * MINUTE, "answered_by": by,
        "closed_at": at + 701 * MINUTE if is_done else None, "closed_by": by if is_done else None,
    }  # fmt: skip


def _moments(desk: LargeDesk, number: int) -> Iterator[dict[str, Any]]:
    life = _LIFE if number % 20 else _LIFE[:4]
    for position, (kind, minutes) in enumerate(life):
        sent = 60 if kind in _BY[:2] else 0
        yield {
            "ticket_id": ticket_id(number), "position": position, "kind": kind.value,
            "at": desk.opened_at(number) + minutes * MINUTE, "by": _person(number) if kind in _BY else None,
            "words": sent, "changed": sent // 10, **_groups(number),
        }  # fmt: skip


def _groups(number: int) -> dict[str, str]:
    return {
        "mailbox": ADDRESS, "category": CATEGORIES[number // 7 % 4], "language": ("en", "de", "fr")[number // 5 % 3],
    }  # fmt: skip


def _calls(desk: LargeDesk, number: int) -> Iterator[dict[str, Any]]:
    for turn in range(4):
        yield {
            "id": UUID(int=number * 4 + turn), "ticket_id": ticket_id(number), "step": "draft", "model": "bench",
            "at": desk.opened_at(number) + turn * MINUTE, "latency_ms": 400 + number * 37 % 2000, "tokens_in": 900,
            "tokens_out": 200, "cost_nano": 150_000, "currency": "USD", "outcome": "ok",
        }  # fmt: skip


def _person(number: int) -> str:
    return f"operator:{PEOPLE[number % 2]}"


def in_folder(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"
