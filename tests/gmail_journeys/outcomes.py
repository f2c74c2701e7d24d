"""Everything that can go wrong while a reply leaves, tried at once: each fault has a Gmail account of its own."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from entrypoints.gmail_double.ledger import Accepted
from tests.gmail_journeys.desk import Case, GmailDesk, Ticket, a_letter
from tests.gmail_journeys.double import Account
from tests.service import eventually

ENDED: Final = ("sent", "failed")
PATIENCE_S: Final = 110.0  # a silent server is given up after 30 s, and then looked at again


@dataclass(frozen=True)
class SendFault:
    """A fault of one call of the send protocol, and how the delivery ends."""

    route: str
    kind: str
    times: int = 1
    ends: str = "sent"
    says: str = ""

    @property
    def name(self) -> str:
        return f"{self.route} {self.kind}" + (f" x{self.times}" if self.times > 1 else "")

    @property
    def address(self) -> str:
        return f"{''.join(c if c.isalnum() else '-' for c in self.name)}@helios.example".lower()


FAULTS: Final = (
    # The silent ones first: they take the longest.
    SendFault("drafts.send", "hang"),
    SendFault("drafts.send", "hang_after"),
    SendFault("drafts.send", "drop_after"),
    SendFault("drafts.send", "drop_before"),
    SendFault("drafts.send", "503_after"),
    SendFault("drafts.send", "503", times=2),
    SendFault("drafts.send", "500"),
    SendFault("drafts.send", "404"),
    SendFault("drafts.send", "429", times=2),
    SendFault("drafts.send", "403:userRateLimitExceeded"),
    SendFault("drafts.send", "401"),
    SendFault("drafts.create", "drop_after"),
    SendFault("drafts.create", "drop_before"),
    SendFault("drafts.create", "503_after"),
    SendFault("drafts.create", "503"),
    SendFault("drafts.create", "429"),
    SendFault("drafts.create", "401"),
    SendFault("drafts.send", "400", ends="failed", says="refused (400 invalidArgument)"),
    SendFault("drafts.send", "403:domainPolicy", ends="failed", says="Google Workspace administrator"),
    SendFault("drafts.create", "403:insufficientPermissions", ends="failed", says="connect gmail"),
)


@dataclass(frozen=True)
class Outcome:
    """How one delivery ended, by the desk and by the ledger."""

    case: Case
    ticket: Ticket
    accepted: list[Accepted]
    mails: list[EmailMessage]
    drafts: list[str]
    steps: list[str]


@dataclass(frozen=True)
class Outcomes:
    """Gives every fault an account, a customer and an approved reply."""

    desk: GmailDesk

    def all(self) -> dict[str, Outcome]:
        """The outcomes by the fault's name."""
        arrived = {}
        for fault in FAULTS:
            account, mail = self.desk.double.account(fault.address), a_letter()
            arrived[fault.name] = (account, mail, account.receive(mail))
        self.desk.reports()
        cases = {name: Case(*there, self.desk.about(there[1])) for name, there in arrived.items()}
        for fault in FAULTS:
            cases[fault.name].account.fault(fault.route, fault.kind, fault.times)
            assert self.desk.rest.approve(cases[fault.name].ticket).status == 202
        return {name: self._outcome(case) for name, case in cases.items()}

    def _outcome(self, case: Case) -> Outcome:
        eventually(lambda: self._has_ended(case), PATIENCE_S)
        account: Account = case.account
        ticket = self.desk.rest.ticket(case.id)
        steps = self.desk.rest.get(f"/tickets/{case.id}/events")["items"]
        states = [event["fields"]["state"] for event in steps if event["kind"] == "send_step"]
        return Outcome(case, ticket, account.accepted(), account.sent(), account.drafts(), states)

    def _has_ended(self, case: Case) -> bool:
        return self.desk.rest.ticket(case.id)["delivery"]["state"] in ENDED
