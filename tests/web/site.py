"""The web application over a real SQLite file and a mailbox in memory, with visitors of every kind."""

import asyncio
import hashlib
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from secrets import token_bytes, token_urlsafe
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar
from sqlalchemy import select

from adapters.knowledge_upload import read_uploads
from adapters.memory import FixedClock, MemoryMailbox
from adapters.parser import InlineParser
from adapters.reply_html import reply_html
from adapters.webhook_post import HttpPoster
from api.access import Access
from api.accounts_use import add_operator, create_token
from api.app import create_app, refurnish
from api.services import Services, WebSettings
from persistence.accounting import SqlAccounting
from persistence.accounts import SqlAccounts
from persistence.boards import SqlBoards
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database, open_database
from persistence.erasing import SqlErasure
from persistence.examples import SqlExamples
from persistence.idempotency import SqlIdempotencyKeys
from persistence.knowledge import SqlKnowledgeBase
from persistence.leases import SqlLeases
from persistence.mailboxes import SqlMailboxes
from persistence.model_calls import SqlModelCalls
from persistence.notices import SqlNotices
from persistence.one_time import SqlOneTimeSecrets
from persistence.presence import SqlPresence
from persistence.reports import SqlFigures
from persistence.retention import SqlRetention
from persistence.rows import audit_events
from persistence.sealing import Sealer
from persistence.search import SqlSearch
from persistence.second_factors import SqlSecondFactors
from persistence.staff import SqlStaff
from persistence.store import SqlStore
from persistence.views import SqlViews
from persistence.webhooks import SqlWebhooks
from tickets.accounts import Session
from tickets.audit import AuditEvent, EventKind
from tickets.connecting import Connecting
from tickets.desk import Desk
from tickets.desk_settings import TwoPerson
from tickets.erasing import Erasing
from tickets.knowledge_import import KnowledgeImport
from tickets.mail import MailboxId
from tickets.people import CONSOLE, Operator, Role, Scope
from tickets.quarantine import Quarantine
from tickets.reconciliation import Reconciliation
from tickets.retention import Retaining
from tickets.spending import Spending
from tickets.sync import Sync
from tickets.ticket import Draft, Ticket, TicketId
from tickets.waiting_desk import WaitingDesk
from tickets.webhook_desk import Webhooks

ADDRESS = "support@helios.example"
SETUP_CODE = "one-time-code"
PASSWORD = "correct horse battery staple"
SECRET = b"k" * 32
SILENT_AFTER = timedelta(minutes=15)


@dataclass
class Waiting:
    """Stands for the agent: says at once whether the tickets came to rest, and remembers what it was asked."""

    comes_to_rest: bool = True
    asked: list[tuple[Sequence[TicketId], float]] = field(default_factory=list)
    woken: list[MailboxId] = field(default_factory=list)  # whose waiting replies were told that it is back

    async def __call__(self, ticket_ids: Sequence[TicketId], timeout_s: float) -> bool:
        self.asked.append((ticket_ids, timeout_s))
        return self.comes_to_rest

    async def wake(self, mailbox_id: MailboxId) -> None:
        self.woken.append(mailbox_id)


@dataclass
class Readiness:
    components: dict[str, str] = field(default_factory=lambda: {"database": "ok", "mailboxes": "ok"})
    fault: Exception | None = None

    async def __call__(self) -> dict[str, str]:
        if self.fault:
            raise self.fault
        return self.components


@dataclass
class Site:
    """What a test holds: the application and everything behind it."""

    database: Database
    services: Services
    clock: FixedClock
    mailbox: MemoryMailbox
    waiting: Waiting
    readiness: Readiness
    app: Litestar
    rung: list[str]  # the mailboxes that somebody wants synced now

    @property
    def accounts(self) -> SqlAccounts:
        accounts = self.services.accounts
        assert isinstance(accounts, SqlAccounts)
        return accounts

    def with_settings(self, **changes: Any) -> "Site":
        """The same desk behind another configuration of its site."""
        return self.with_services(settings=replace(self.services.settings, **changes))

    def with_services(self, **changes: Any) -> "Site":
        """The same desk with some of its parts exchanged."""
        services = replace(self.services, **changes)
        return replace(self, services=services, app=create_app(services))

    def visitor(
        self, headers: Mapping[str, str] | None = None, *, address: str = "127.0.0.1", root_path: str = ""
    ) -> httpx.AsyncClient:
        """A browser or script that nobody knows yet."""
        transport = httpx.ASGITransport(self.app, client=(address, 40000), root_path=root_path)  # type: ignore[arg-type]
        scheme = "https" if self.services.settings.secure_cookies else "http"
        return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://desk.example", headers=headers)

    async def operator(self, role: Role = Role.OPERATOR) -> Operator:
        """Somebody with that role, who cannot log in by password (hashing takes its time)."""
        email = f"{role}@desk.example"
        if known := await self.accounts.operator_by_email(email):
            return known[0]
        event = self.event(EventKind.OPERATOR_ADDED)
        return await self.accounts.add_operator(email, role.capitalize(), role, "unusable", event)

    async def account(self, email: str = "ada@desk.example", role: Role = Role.OPERATOR) -> Operator:
        """Somebody who can log in with PASSWORD."""
        return await add_operator(self.accounts, email, "Ada", role, PASSWORD, by=CONSOLE, now=self.clock.now())

    async def session_of(self, role: Role) -> tuple[str, Session]:
        """The cookie of a person who has logged in, and the session behind it."""
        cookie, now = token_urlsafe(8), self.clock.now()
        id_hash = hashlib.sha256(cookie.encode()).hexdigest()
        session = Session(id_hash, await self.operator(role), token_urlsafe(8), now, now)
        await self.accounts.add_session(session, AuditEvent(EventKind.LOGGED_IN, str(role), now))
        return cookie, session

    async def browser(self, role: Role = Role.OPERATOR) -> httpx.AsyncClient:
        """A person who has logged in; their forms carry the token of their session."""
        cookie, session = await self.session_of(role)
        visitor = self.visitor({"X-CSRF-Token": session.csrf})
        visitor.cookies.set("ca_session", cookie)
        return visitor

    async def script(self, *scopes: Scope, lifetime: timedelta | None = None) -> httpx.AsyncClient:
        """A script with a token for these scopes."""
        expires_at = self.clock.now() + lifetime if lifetime else None
        name, now = f"test {token_urlsafe(4)}", self.clock.now()
        secret = await create_token(self.accounts, name, scopes, by=CONSOLE, now=now, expires_at=expires_at)
        return self.visitor({"Authorization": f"Bearer {secret}"})

    async def recorded(self, kind: EventKind) -> list[str]:
        """Who did something of that kind, by the audit trail, oldest first."""
        query = select(audit_events.c.actor).where(audit_events.c.kind == kind.value).order_by(audit_events.c.id)
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    def event(self, kind: EventKind) -> AuditEvent:
        return AuditEvent(kind, CONSOLE.name, self.clock.now())

    async def ticket(self, subject: str = "Inverter shows error 403") -> Ticket:
        """A customer's mail has arrived and is a ticket."""
        self.mailbox.receive(a_mail(subject))
        (report,) = await self.services.sync.run()
        return await self.services.store.ticket(report.ticket_ids[0])

    async def draft(self, ticket: Ticket, body: str = "Please switch it off and on again.") -> Draft:
        """Somebody has written a reply, which waits for an approval."""
        return await self.services.desk.edit(ticket.id, None, f"Re: {ticket.subject}", body, by=CONSOLE)


def a_mail(subject: str, sender: str = "Anna Keller <anna@keller.example>") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, subject
    mail["Date"] = "Mon, 02 Mar 2026 08:00:00 +0000"
    mail["Message-ID"] = f"<{token_urlsafe(8)}@keller.example>"
    mail.set_content("The red light blinks. What shall I do?")
    mail.add_attachment(b"picture", maintype="image", subtype="png", filename="light.png")
    return mail.as_bytes()


async def build_site(url: str, app: Litestar | None = None) -> Site:
    """Over a migrated database; behind `app`, from a site that has gone, because making one takes half a second."""
    clock, waiting, readiness = FixedClock(), Waiting(), Readiness()
    database, mailbox, parser = open_database(url), MemoryMailbox(ADDRESS, clock=clock), InlineParser()
    store = SqlStore(database, clock=clock)

    async def open_mailbox(_: MailboxId) -> MemoryMailbox:
        return mailbox

    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", clock.now())
    mailboxes, boards = SqlMailboxes(database, SECRET), SqlBoards(database)
    await mailboxes.add("memory", ADDRESS, {}, event)
    rung: list[str] = []
    desk_settings = SqlDeskSettings(database)
    services = Services(
        desk=Desk(
            store,
            parser,
            clock,
            timedelta(seconds=10),
            "Helios Support",
            two_person=partial(desk_settings.read, TwoPerson),
        ),
        sync=Sync(store, open_mailbox, parser, SqlLeases(database), clock, lambda *_, **__: None),
        store=store,
        boards=boards,
        desk_settings=desk_settings,
        search=SqlSearch(database),
        presence=SqlPresence(database),
        figures=SqlFigures(database),
        accounts=SqlAccounts(database),
        access=Access(SqlStaff(database), SqlOneTimeSecrets(database), SqlSecondFactors(database, SECRET)),
        clock=clock,
        settings=web_settings(),
        ready=readiness,
        wait_for_rest=waiting,
        reconciliation=Reconciliation(SqlAccounting(database), boards, clock, SILENT_AFTER, lambda *_, **__: None),
        connecting=Connecting(
            None,
            mailboxes,
            store,
            open_mailbox,
            Sealer(SECRET, "consent"),
            clock,
            "http://desk.example/boards/mailboxes/callback",
            rung.append,
            waiting.wake,
        ),
        quarantine=Quarantine(store, open_mailbox, parser, clock),
        idempotency=SqlIdempotencyKeys(database),
        webhooks=a_webhook_desk(database, clock),
        waiting=WaitingDesk(
            SqlNotices(database),
            store,
            desk_settings,
            open_mailbox,
            clock,
            uuid4,
            "http://desk.example",
            "Helios Support",
        ),
        ring=rung.append,
        knowledge_base=SqlKnowledgeBase(database),
        knowledge_import=KnowledgeImport(SqlKnowledgeBase(database), read_uploads, clock),
        examples=SqlExamples(database),
        as_html=reply_html,
        spending=Spending(SqlModelCalls(database), SqlDeskSettings(database), clock, lambda *_, **__: None),
        views=SqlViews(database),
        retaining=_retaining(database, clock),
    )
    if app is None:
        app = create_app(services)
    else:
        refurnish(app, services)
    return Site(database, services, clock, mailbox, waiting, readiness, app, rung)


def _retaining(database: Database, clock: FixedClock) -> Retaining:
    async def no_thread(_: TicketId) -> None:
        """No workflow runs here."""

    erasing = Erasing(SqlErasure(database), no_thread, clock)
    rows, settings = SqlRetention(database, SECRET), SqlDeskSettings(database)
    return Retaining(rows, erasing, settings, SqlLeases(database), clock, lambda *_, **__: None)


def a_webhook_desk(database: Database, clock: FixedClock) -> Webhooks:
    """Posts for real, to this machine too."""

    async def all_of(waiting: Sequence[Awaitable[None]]) -> None:
        await asyncio.gather(*waiting)

    store = SqlWebhooks(database, Sealer(SECRET, "webhooks"))
    poster = HttpPoster(allows_private=True)
    return Webhooks(store, poster, clock, uuid4, token_bytes, all_of, site="http://desk.example", allows_private=True)


def web_settings() -> WebSettings:
    return WebSettings(
        base_url="http://desk.example",
        secure_cookies=False,
        allowed_hosts=("desk.example",),
        model_name="local",
        model_notice=None,
        desk_name="Helios Support",
        setup_code=SETUP_CODE,
    )
