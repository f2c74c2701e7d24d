"""One desk for each kind of database: two mailboxes, two `serve` processes, and every test with a customer of its own.

The processes differ in nothing but the undo window: what is approved at `desk.rest` leaves at once, what is approved at
`desk.patient` can be taken back for longer than any test takes.
"""

import asyncio
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from api.accounts_use import add_operator, create_token
from persistence.accounts import SqlAccounts
from persistence.engine import open_database
from persistence.store import SqlStore
from tests.databases import POSTGRES, SQLITE, PostgresServer
from tests.journeys.letters import a_customer, a_word, read
from tests.service import START_S, Home, MaildirOf, Rest, Service, a_mail, eventually
from tickets.people import CONSOLE, Role, Scope

ADA = "ada@helios.example"
QUESTION = "Hello,\n\nmy inverter shows an error since Monday. What should I do?\n\nNora\n"

Ticket = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A customer's mail and the ticket it has become."""

    mail: EmailMessage
    ticket: Ticket

    @property
    def id(self) -> str:
        return str(self.ticket["id"])

    @property
    def address(self) -> str:
        return parseaddr(str(self.mail["From"]))[1]


@dataclass(frozen=True)
class Desk:
    """A running desk as a script sees it, and the mailboxes as the outside world sees them."""

    home: Home
    url: str
    support: MaildirOf
    sales: MaildirOf
    token: str
    at_once: Service
    with_undo: Service

    @property
    def rest(self) -> Rest:
        """What is approved here leaves at once."""
        return Rest(self.at_once.url, self.token)

    @property
    def patient(self) -> Rest:
        """What is approved here can be taken back for an hour."""
        return Rest(self.with_undo.url, self.token)

    def deliver(self, *mails: EmailMessage | bytes) -> dict[str, Any]:
        """These mails arrive and are worked on; the report of the support mailbox."""
        for mail in mails:
            self.support.deliver(mail)
        return self.synced()[self.support.address]

    def synced(self) -> dict[str, dict[str, Any]]:
        """The reports of a sync, by mailbox."""
        return {report["address"]: report for report in self.rest.sync()}

    def opened(self, question: str = QUESTION, sender: str | None = None, **headers: str) -> Case:
        """A new customer has written, and the agent has done its part."""
        mail = a_mail(f"Inverter {a_word()}", question, sender or a_customer(), **headers)
        assert self.deliver(mail)["opened"] == 1
        return Case(mail, self.found(mail))

    def answered(self) -> tuple[Case, EmailMessage]:
        """A ticket whose reply has left, and the reply."""
        case = self.opened()
        assert self.rest.approve(case.ticket).status == 202
        ticket = self.rest.delivered(case.id)
        (reply,) = self.sent_to(case.address)
        return Case(case.mail, ticket), read(reply)

    def found(self, mail: EmailMessage) -> Ticket:
        """The one ticket with the mail's subject, in full."""
        (line,) = self.about(mail)
        return self.rest.ticket(line["id"])

    def about(self, mail: EmailMessage) -> list[Ticket]:
        """Every ticket with the mail's subject."""
        return self.rest.tickets(q=str(mail["Subject"]).split()[-1])

    def current(self, case: Case) -> Ticket:
        return self.rest.ticket(case.id)

    def events(self, case: Case) -> list[dict[str, Any]]:
        """The ticket's audit trail."""
        items: list[dict[str, Any]] = self.rest.get(f"/tickets/{case.id}/events")["items"]
        return items

    def kinds(self, case: Case) -> list[str]:
        return [event["kind"] for event in self.events(case)]

    def sent_to(self, address: str) -> list[bytes]:
        """Every mail to that address that left."""
        return [raw for raw in self.support.sent() if address in str(read(raw)["To"])]

    def lines(self) -> list[str]:
        """All that the processes have said so far."""
        return [*self.at_once.lines, *self.with_undo.lines]

    def select(self, query: str, **values: object) -> Sequence[Any]:
        """Rows of the desk's own tables, for what the API does not show."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def blob(self, sha256: str) -> bytes:
        """Bytes that the desk has kept."""

        async def read_it() -> bytes:
            database = open_database(self.url)
            try:
                return await SqlStore(database).blob(sha256)
            finally:
                await database.close()

        return asyncio.run(read_it())

    def token_for(self, *scopes: Scope) -> Rest:
        """A script that may do only that."""
        return Rest(self.at_once.url, asyncio.run(_token(self.url, scopes)))


@pytest.fixture(scope="session", params=[SQLITE, POSTGRES])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk of all tests in this folder, once on each database."""
    home, url = _home(request, tmp_path_factory.mktemp("desk"))
    with ThreadPoolExecutor() as pool:
        support = pool.submit(home.maildir)
        sales = pool.submit(home.maildir, "sales@helios.example", "sales")
        token = pool.submit(home.token)
        asyncio.run(_operator(url))
        made = (support.result(), sales.result(), token.result())
    with ExitStack() as stack:
        at_once, with_undo = Service(home), Service(home, extra={"CA_UNDO_WINDOW_S": "3600"})
        for service in (at_once, with_undo):
            stack.callback(service.__exit__)
            service.start()
        eventually(lambda: at_once.is_up() and with_undo.is_up(), START_S)
        yield Desk(home, url, *made, at_once, with_undo)


def _home(request: pytest.FixtureRequest, folder: Path) -> tuple[Home, str]:
    """A migrated database, and the URL at which the tests look into it."""
    # Everything there is to say is said: the tests look for what must not be in it.
    loud = {"CA_LOG_LEVEL": "debug", "CA_LOG_FORMAT": "json"}
    if request.param == SQLITE:
        home = Home.at(folder, **loud)
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "desk.sqlite")
        return home, f"sqlite:///{folder / 'desk.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.migrated()
    return Home.at(folder, url, **loud), make_url(url).render_as_string(hide_password=False)


async def _operator(url: str) -> None:
    database = open_database(url)
    try:
        await add_operator(
            SqlAccounts(database), ADA, "Ada", Role.OPERATOR, uuid4().hex, by=CONSOLE, now=datetime.now(UTC)
        )
    finally:
        await database.close()


async def _token(url: str, scopes: Collection[Scope]) -> str:
    database = open_database(url)
    try:
        return await create_token(SqlAccounts(database), f"test-{uuid4()}", scopes, by=CONSOLE, now=datetime.now(UTC))
    finally:
        await database.close()


def without(ticket: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The ticket but for these fields."""
    return {name: value for name, value in ticket.items() if name not in names}
