"""A desk with one account of the Gmail double, and the count of what it lost or doubled."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, text

from adapters.gmail import GmailMailbox
from adapters.gmail_quota import Quota
from adapters.gmail_transport import Backoff
from adapters.google_oauth import GoogleOAuth
from adapters.memory import FixedClock
from adapters.parser import InlineParser
from entrypoints.gmail_double.mailbox import Mailbox as Account
from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.running import RunningDouble
from persistence.engine import open_database
from persistence.leases import SqlLeases
from persistence.mailboxes import SqlMailboxes
from persistence.store import SqlStore
from tests.service import a_mail
from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.mail import MailboxId
from tickets.ports import Mailbox
from tickets.storage import MailboxRecord
from tickets.sync import Sync, SyncReport

QUICK = Backoff(attempts=4, first_s=0.001, longest_s=0.02)
NO_MAIL = frozenset({"DRAFT", "CHAT", "SPAM", "TRASH"})
ARRIVED = ("INBOX", "UNREAD")

_numbers = count(1)


def told(event: str, *, exc_info: BaseException, **_: object) -> None:
    """A defect that the sync would survive ends the test."""
    raise exc_info


@dataclass(frozen=True)
class Count:
    """What came of the mails that lie in the account now."""

    mails: int
    lost: int
    doubled: int


@dataclass
class Desk:
    """The sync and its database; the double's side of the account."""

    gmail: RunningDouble
    address: str
    clock: FixedClock
    mailbox: GmailMailbox
    store: SqlStore
    sync: Sync
    url: str
    kept_tokens: list[str] = field(default_factory=list)

    # --- the world outside ---------------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        return self.gmail.double.mailbox(self.address)

    def seed(self, mails: int, replies_every: int = 0) -> None:
        """A backlog, one mail a second."""
        self.gmail.double.seed(self.address, mails, 1, replies_every)

    def arrives(self, *labels: str, mail: EmailMessage | None = None, thread_id: str | None = None) -> Message:
        """One more mail, from somebody new unless told."""
        mail = mail or a_mail(f"Question {next(_numbers)}", sender=f"c{next(_numbers)}@customers.example")
        return self.gmail.receive(self.address, mail.as_bytes(), labels or ARRIVED, thread_id)

    def colleague_answers(self, asked: Message) -> Message:
        """Somebody answers in Gmail's own window."""
        headers = {"In_Reply_To": asked.source.message_id, "References": asked.source.message_id}
        answer = a_mail(f"Re: {asked.source.subject}", sender=self.address, to="c@customers.example", **headers)
        return self.arrives("SENT", mail=answer, thread_id=asked.thread_id)

    def vanishes(self, message_id: str | None = None) -> None:
        """A mail is deleted for good; the oldest, unless told."""
        with self.gmail.double.lock:
            self.account.delete(message_id or self.account.newest_first()[-1].id)

    def fault(self, route: str, kind: str, times: int = 1, **more: object) -> None:
        self.gmail.double.fault(route, kind, times, self.address, **more)  # type: ignore[arg-type]

    def meanwhile(self, route: str, act: Callable[[], object], skip: int = 0, times: int = 1) -> None:
        """Something happens between a call of that route and the next call."""

        def happen() -> None:
            act()

        self.gmail.double.after(route, happen, account=self.address, skip=skip, times=times)

    def calls(self, route: str) -> int:
        return self.gmail.requests().get(route, 0)

    # --- the desk ------------------------------------------------------------------------------------------------

    async def record(self) -> MailboxRecord:
        (record,) = await self.store.mailboxes()
        return record

    async def pull(self) -> SyncReport:
        """One sync, as the timer asks for it."""
        return await self.sync.one(await self.record())

    async def pulled(self) -> SyncReport:
        """One sync that must go well."""
        report = await self.pull()
        assert report.error is None, report.error
        return report

    async def settled(self, most: int = 60) -> None:
        """Sync until it goes well twice in a row: all that was to come has come."""
        well = 0
        for _ in range(most):
            well = well + 1 if (await self.pull()).error is None else 0
            if well == 2:
                return
        raise AssertionError("the sync does not get well")

    async def state(self) -> MailboxState:
        return (await self.record()).state

    def select(self, query: str) -> Sequence[tuple[object, ...]]:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def skipped(self) -> dict[str, str]:
        """Why mails were left out, by their id."""
        return {str(id_): str(reason) for id_, reason in self.select("SELECT provider_id, reason FROM skipped_mails")}

    def progress(self) -> dict[str, int] | None:
        """What the boards are told of a backfill."""
        ((stored,),) = self.select("SELECT progress FROM mailboxes")
        found: dict[str, int] | None = json.loads(str(stored)) if stored else None
        return found

    def count(self) -> Count:
        """By what the double holds: a mail is lost that is not on record, doubled when it is there twice."""
        with self.gmail.double.lock:
            there = {message.id for message in self.account.messages.values() if not message.labels & NO_MAIL}
        rows = self.select("SELECT provider_id, message_id, ticket_id, kind FROM mails")
        kept = {str(row[0]) for row in rows}
        kept |= {id_ for id_, reason in self.skipped().items() if reason == "our own reply"}
        copies = Counter(str(row[1]) for row in rows)
        (tickets,) = self.select("SELECT count(*) FROM tickets")
        opened = len({str(row[2]) for row in rows if row[2]})
        doubled = sum(times - 1 for times in copies.values()) + abs(int(str(tickets[0])) - opened)
        return Count(len(there), len(there - kept), doubled)

    def unanswered(self) -> int:
        """Answers given in Gmail that did not come onto their ticket."""
        kept = {str(row[0]) for row in self.select("SELECT provider_id FROM mails WHERE kind = 'human_reply'")}
        return sum("SENT" in message.labels and message.id not in kept for message in self.account.messages.values())


@asynccontextmanager
async def a_desk(
    gmail: RunningDouble,
    file: Path,
    *,
    backoff: Backoff = QUICK,
    quota: Quota | None = None,
    api_root: str | None = None,
) -> AsyncIterator[Desk]:
    """A desk on that migrated SQLite file, whose one mailbox is a new account; `api_root` when not the double's own."""
    address = f"support{next(_numbers)}@helios.example"
    gmail.double.add_account(address, f"refresh-{address}")
    clock, url, kept = FixedClock(), f"sqlite:///{file}", list[str]()

    async def keep(token: str) -> None:
        kept.append(token)

    oauth = GoogleOAuth("client", "secret", token_url=f"{gmail.url}/token", api_root=gmail.url)
    mailbox = GmailMailbox(
        address,
        oauth.credentials(f"refresh-{address}"),
        api_root=api_root or gmail.url,
        timeout_s=5.0,
        backoff=backoff,
        clock=clock,
        quota=quota,
        on_new_refresh_token=keep,
    )

    async def open_mailbox(_: MailboxId) -> Mailbox:
        return mailbox

    database = open_database(url)
    try:
        event = AuditEvent(EventKind.MAILBOX_ADDED, "console", clock.now(), fields={"kind": "gmail"})
        await SqlMailboxes(database, uuid4().bytes * 2).add("gmail", address, {}, event)
        store = SqlStore(database, clock=clock)
        sync = Sync(store, open_mailbox, InlineParser(), SqlLeases(database), clock, told)
        yield Desk(gmail, address, clock, mailbox, store, sync, url, kept)
    finally:
        mailbox.close()
        gmail.double.clear_faults()
        await database.close()
