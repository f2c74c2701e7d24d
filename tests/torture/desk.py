"""The desk that is tortured, the mailbox it answers from, and the ledger of what Gmail accepted."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, text

from tests.gmail_journeys.desk import adding, commands, token_made
from tests.gmail_journeys.double import Account, DoubleProcess
from tests.service import Home, a_mail
from tests.torture.forked import Forked, Zygote

WAITING: Final = 2  # so many mails are always on their way through the desk
RECEIVE_EVERY_S: Final = 0.4

_UNREST: Final = """
SELECT (SELECT count(*) FROM tickets
        WHERE work_at IS NOT NULL OR stopped OR attempts > 0 OR status <> 'WAITING_OTHERS')
     + (SELECT count(*) FROM outbox WHERE state NOT IN ('SENT', 'FAILED', 'CANCELLED'))
"""
_TICKETS: Final = "SELECT count(*) FROM tickets"


class Ledger:
    """What the double has accepted for one account, read from its file as it grows."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._seen = 0
        self._answers: Counter[str] = Counter()

    def answers(self) -> Counter[str]:
        """How many mails have left for each address."""
        path = self._account.double.ledger
        if path.exists() and path.stat().st_size != self._seen:
            self._seen = path.stat().st_size
            self._answers = Counter(_bare(line.to) for line in self._account.accepted())
        return self._answers


def _bare(to: str) -> str:
    return to.rpartition("<")[2].strip("<> ").casefold()


@dataclass
class Desk:
    """The desk that is killed, its Gmail account, and everybody who has written to it."""

    home: Home
    account: Account
    token: str
    zygote: Zygote
    ledger: Ledger
    customers: list[str] = field(default_factory=list)
    received: float = 0.0  # when the last mail came, by the monotonic clock
    blamed: Counter[str] = field(default_factory=Counter)  # what earlier rounds have counted already

    @classmethod
    def opened(
        cls, folder: Path, double: DoubleProcess, zygote: Zygote, name: str, database_url: str | None = None
    ) -> "Desk":
        """A new desk with one account of the double."""
        home = Home.at(
            folder / name,
            database_url,
            CA_GMAIL_API_ROOT=double.url,
            CA_GOOGLE_CLIENT_ID="client",
            CA_GOOGLE_CLIENT_SECRET="client-secret",
            CA_GOOGLE_TOKEN_URL=f"{double.url}/token",
            CA_GMAIL_UNITS_PER_MINUTE="10000000",  # more mails than any desk has: Google's quota would put most off
            CA_LOG_LEVEL="warning",
            CA_SEND_SETTLE_S="0.4",
            CA_SYNC_EVERY_S="0.5",
        )
        if database_url:
            home.migrate()
        account = double.account(f"{name}@helios.example")
        _, token = commands(home, adding(account), token_made())
        return cls(home, account, token.strip(), zygote, Ledger(account))

    def start(self, **settings: str) -> Forked:
        """A service on it."""
        directory = self.home.data_dir
        return Forked(self.zygote, self.home.environ | settings, directory, directory / "service.log")

    def receive(self, mails: int) -> None:
        """That many new customers write."""
        for _ in range(mails):
            customer = f"{uuid4().hex[:12]}@example.net"
            self.account.receive(a_mail(f"Inverter {customer[:6]}", sender=f"Customer <{customer}>"))
            self.customers.append(customer)
        self.received = time.monotonic()

    def keep_receiving(self) -> None:
        """One more customer writes if the desk would have nothing to do soon."""
        if time.monotonic() >= self.received + RECEIVE_EVERY_S and len(self.unanswered()) < WAITING:
            self.receive(1)

    def unanswered(self) -> list[str]:
        answers = self.ledger.answers()
        return [customer for customer in self.customers if not answers[customer]]

    def newly(self, wrong: str) -> int:
        """How many customers were lost or doubled since this was asked last."""
        answers, tickets = self.ledger.answers(), self._count(_TICKETS)
        now = {
            "lost": len(self.unanswered()) + max(0, len(self.customers) - tickets),
            "doubled": sum(answers[customer] > 1 for customer in self.customers)
            + max(0, tickets - len(self.customers)),
        }[wrong]
        since, self.blamed[wrong] = now - self.blamed[wrong], now
        return max(0, since)

    def unrest(self) -> int:
        """How many tickets and deliveries are not at their end."""
        return self._count(_UNREST)

    def _count(self, query: str) -> int:
        """A number from the desk's own tables."""
        url = self.home.environ.get("CA_DATABASE_URL", f"sqlite:///{self.home.data_dir / 'desk.sqlite'}")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())
