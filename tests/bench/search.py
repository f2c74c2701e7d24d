"""What a search costs on a large desk, for rare and for frequent words, against the floor of `pages`."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import insert

from persistence.engine import open_database
from persistence.migrate import upgrade
from persistence.packing import pack_mail, sha256
from persistence.rows import blobs, mailboxes, mails, tickets
from persistence.search_filling import SearchFilling
from tests.bench.large_desk import settle
from tests.bench.pages import cpu_of
from tests.web.site import build_site
from tickets.mail import Address, Mail
from tickets.people import Role

MAILS_A_TICKET = 3
AT_ONCE = 500
START = datetime(2024, 1, 1, tzinfo=UTC)
RAW = b"raw"
ASKED = {
    "a frequent word": "inverter",
    "two frequent words": "inverter please",
    "a beginning": "inv",
    "a rare word": "zanzibar",
    "a rare and a frequent word": "zanzibar please",
    "a phrase": '"inverter please"',
    "a sender": "from:customer77@example.org",
    "a frequent word, narrowed": "inverter is:open category:warranty",
    "operators alone": "is:open category:warranty",
    "nothing that exists": "xyzzyplugh",
}


@dataclass(frozen=True)
class Searched:
    """CPU seconds of this process and seconds by the clock for one search page, by what was asked."""

    cpu: dict[str, float]
    clock: dict[str, float]
    filled_per_second: float


class Author:
    """Writes mails whose words are as unevenly frequent as in a language (Zipf), around a few that are known."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        letters = "aeioubcdfghklmnprstvw"
        self.words = ["".join(self.chance.choices(letters, k=self.chance.randrange(3, 11))) for _ in range(40_000)]
        self.words[:4] = ["the", "and", "please", "you"]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def writes(self, number: int) -> str:
        words = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randrange(40, 140))
        if number % 2:
            words[5:5] = ["inverter", "please"] if number % 3 else ["inverter"]
        if number % 100_000 == 17:
            words.append("zanzibar")
        return " ".join(words)


async def fill(url: str, count: int) -> float:
    """A desk with that many tickets and three mails each; mails put into the index a second."""
    database = open_database(url)
    mailbox_id, author = uuid4(), Author(7)
    async with database.write() as connection:
        box = {"id": mailbox_id, "kind": "memory", "address": "bench@helios.example", "settings": {}, "state": "ok"}
        await connection.execute(insert(mailboxes), box | {"address_key": "bench@helios.example"})
        await connection.execute(insert(blobs), {"sha256": sha256(RAW), "size": 3, "content": RAW})
    for first in range(0, count, AT_ONCE):
        made = [ticket_row(number, mailbox_id) for number in range(first + 1, min(first + AT_ONCE, count) + 1)]
        async with database.write() as connection:
            await connection.execute(insert(tickets), made)
            await connection.execute(insert(mails), list(mail_rows(made, mailbox_id, author)))
    filling = SearchFilling(database)
    started = time.perf_counter()
    await filling.start_again()
    while not (await filling.step(AT_ONCE)).is_whole:
        pass
    speed = count * MAILS_A_TICKET / (time.perf_counter() - started)
    await settle(database)
    await database.close()
    return speed


def ticket_row(number: int, mailbox_id: UUID) -> dict[str, Any]:
    at = START + timedelta(minutes=10 * number)
    status = "DONE" if number % 20 else ("NEW", "NEEDS_ACTION", "WAITING_OTHERS")[number // 20 % 3]
    return {
        "id": uuid4(), "number": number, "mailbox_id": mailbox_id, "mailbox": "bench@helios.example",
        "status": status, "subject": f"Question {number}", "requester_name": f"Customer {number % 5000}",
        "requester_address": f"customer{number % 5000}@example.org", "search_text": "", "created_at": at,
        "updated_at": at, "waiting_since": at, "work_seq": 1, "settled_seq": 1, "snippet": "The inverter stands still",
        "category": ("technical", "billing", "warranty", "sales")[number % 4], "priority": "normal",
        "language": "en", "stopped": False, "is_leaving": False, "mails": MAILS_A_TICKET, "sender_failed": False,
        "draft_revision": 0, "has_draft": False, "open_flags": 0, "work_version": 0, "attempts": 0,
    }  # fmt: skip


def mail_rows(made: list[dict[str, Any]], mailbox_id: UUID, author: Author) -> Iterator[dict[str, Any]]:
    for ticket in made:
        for turn in range(MAILS_A_TICKET):
            number = ticket["number"] * MAILS_A_TICKET + turn
            customer, desk = (
                Address(ticket["requester_name"], ticket["requester_address"]),
                Address("", "bench@helios.example"),
            )
            written = author.writes(number)
            sender, to = (desk, customer) if turn == 1 else (customer, desk)
            mail = Mail(f"<{number}@bench>", ticket["subject"], sender, (to,), text=written, visible_text=written)
            yield {
                "id": UUID(int=number), "mailbox_id": mailbox_id, "ticket_id": ticket["id"],
                "kind": "reply" if turn == 1 else "customer", "verdict": "verified",
                "at": ticket["created_at"] + timedelta(hours=turn), "provider_id": str(number),
                "message_id": mail.message_id, "sender_address": sender.address, "subject": mail.subject,
                "content": pack_mail(mail), "attachments": 0, "raw_sha256": sha256(RAW), "is_gone": False,
            }  # fmt: skip


async def measure(url: str, count: int) -> Searched:
    """Makes the tables, fills them, and asks for the search page."""
    upgrade(url)
    speed = await fill(url, count)
    site = await build_site(url)
    await site.operator(Role.ADMIN)
    cpu, clock = {}, {}
    async with await site.browser() as visitor:
        for name, typed in ASKED.items():
            path = f"/boards/search?{httpx.QueryParams({'q': typed})}"
            cpu[name] = await cpu_of(visitor, path, rounds=20)
            started = time.perf_counter()
            for _ in range(20):
                await visitor.get(path)
            clock[name] = (time.perf_counter() - started) / 20
    await site.database.close()
    return Searched(cpu, clock, speed)


async def on_sqlite(folder: Path, count: int) -> Searched:
    return await measure(f"sqlite:///{folder / 'search.db'}", count)
