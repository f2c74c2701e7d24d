"""A desk whose mailboxes are accounts of the Gmail double and whose model is a scripted server."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from entrypoints.scripted_model import RunningModel
from tests.gmail_journeys.double import Account, DoubleProcess
from tests.journeys.letters import a_customer, a_word
from tests.service import ALL_BUT_ADMIN, Home, MaildirOf, Rest, Service, a_mail, eventually

Ticket = dict[str, Any]

ADMIN = ("ada@helios.example", "correct horse battery staple")
MODEL = "scripted"
WRITTEN_BY = f"architect:{MODEL}"
MODEL_TIMEOUT_S = 4


def home_at(data_dir: Path, double: DoubleProcess, model: RunningModel) -> Home:
    """Settings that an operator would write into the environment, all of them documented names."""
    return Home.at(
        data_dir,
        CA_GMAIL_API_ROOT=double.url,
        CA_GOOGLE_CLIENT_ID="client",
        CA_GOOGLE_CLIENT_SECRET="client-secret",
        CA_GOOGLE_AUTH_URL=f"{double.url}/o/oauth2/v2/auth",
        CA_GOOGLE_TOKEN_URL=f"{double.url}/token",
        CA_GOOGLE_REVOKE_URL=f"{double.url}/revoke",
        CA_GOOGLE_CERTS_URL=f"{double.url}/certs",
        ARCHITECT_BASE_URL=model.base_url,
        ARCHITECT_API_KEY="model-key",
        ARCHITECT_MODEL=MODEL,
        CA_MODEL_TIMEOUT_S=str(MODEL_TIMEOUT_S),
        CA_SEND_SETTLE_S="1",
    )


def commands(home: Home, *wanted: tuple[Sequence[str], str]) -> list[str]:
    """Run `communication-agent` commands, each with its standard input; what they printed."""
    program = Path(__file__).with_name("commands.py")
    done = subprocess.run(
        [sys.executable, str(program)],
        env=home.environ,
        cwd=home.data_dir,
        input=json.dumps([(list(words), stdin) for words, stdin in wanted]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


def adding(account: Account) -> tuple[Sequence[str], str]:
    """The command that adds an account by its refresh token."""
    return ("mailbox", "add", "gmail", "--address", account.address, "--refresh-token-stdin"), account.refresh_token


def token_made() -> tuple[Sequence[str], str]:
    """The command that prints a token."""
    return ("token", "create", "test", *(word for scope in ALL_BUT_ADMIN for word in ("--scope", scope))), ""


def letters_of(home: Home) -> MaildirOf:
    """The Maildir beside the Gmail accounts."""
    return MaildirOf(home.data_dir / "letters", "letters@helios.example")


def letters_added(home: Home) -> tuple[Sequence[str], str]:
    """Make the Maildir; the command that adds it."""
    letters = letters_of(home)
    for folder in ("new", "cur", "tmp"):
        (letters.path / folder).mkdir(parents=True)
    return ("mailbox", "add", "maildir", str(letters.path), "--address", letters.address), ""


@dataclass(frozen=True)
class Case:
    """A customer's mail, where it lies in Gmail, and its ticket."""

    account: Account
    mail: EmailMessage
    gmail: dict[str, Any]
    ticket: Ticket

    @property
    def id(self) -> str:
        return str(self.ticket["id"])

    @property
    def customer(self) -> str:
        return parseaddr(str(self.mail["From"]))[1]

    @property
    def thread_id(self) -> str:
        return str(self.gmail["threadId"])

    def answers(self) -> list[Any]:
        """What has left for this customer, by the ledger."""
        return self.account.sent_to(self.customer)


@dataclass(frozen=True)
class GmailDesk:
    """A running desk and the world around it."""

    home: Home
    service: Service
    rest: Rest
    double: DoubleProcess
    model: RunningModel
    support: Account

    @property
    def letters(self) -> MaildirOf:
        """The desk's one mailbox that is not in Gmail."""
        return letters_of(self.home)

    def reports(self) -> dict[str, dict[str, Any]]:
        """Pull mail and wait for the agent; the reports by mailbox."""
        return {report["address"]: report for report in self.rest.sync()}

    def opened(self, text: str | None = None, account: Account | None = None) -> Case:
        """A new customer has written, and the agent has done its part."""
        mail = a_letter(text)
        arrived = (account or self.support).receive(mail)
        self.reports()
        # Another sync than ours may have taken it, and nobody waited for the agent then.
        ticket = eventually(lambda: self._read(mail))
        return Case(account or self.support, mail, arrived, ticket)

    def _read(self, mail: EmailMessage) -> Ticket | None:
        ticket = self.about(mail)
        return ticket if ticket["triage"] and ticket["status"] != "NEW" else None

    def about(self, mail: EmailMessage) -> Ticket:
        """The one ticket with the mail's subject, in full."""
        (line,) = self.rest.tickets(q=str(mail["Subject"]).split()[-1])
        return self.rest.ticket(line["id"])

    def answered(self, case: Case) -> Ticket:
        """Approve what is offered, and wait until it is out."""
        assert self.rest.approve(self.rest.ticket(case.id)).status == 202
        return self.settled(case)

    def settled(self, case: Case, state: str = "sent") -> Ticket:
        """The ticket after its delivery has come to that state."""
        self.rest.delivered(case.id, state)
        return self.rest.ticket(case.id)

    def kinds(self, case: Case) -> list[str]:
        """The ticket's audit trail."""
        return [event["kind"] for event in self.rest.get(f"/tickets/{case.id}/events")["items"]]


def a_letter(text: str | None = None) -> EmailMessage:
    """A new customer's question."""
    question = text or "Hello,\n\nmy inverter shows an error since Monday. What should I do?\n\nNora\n"
    return a_mail(f"Inverter {a_word()}", question, a_customer())
