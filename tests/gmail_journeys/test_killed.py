"""A `serve` process that stops or is killed on the way: Gmail's own ledger shows one mail."""

from dataclasses import dataclass

import pytest

from entrypoints.scripted_model import RunningModel
from tests.gmail_journeys.desk import Case, GmailDesk, a_maildir, adding, commands, home_at, token_made
from tests.gmail_journeys.double import DoubleProcess
from tests.service import Home, Rest, Service, holding

pytestmark = pytest.mark.slow

# Whether the mail has left when the process dies there.
POINTS = {"draft_created": 0, "before_submit": 0, "submitted": 1}


@dataclass(frozen=True)
class Fleeting:
    """A desk whose processes come and go."""

    home: Home
    token: str
    double: DoubleProcess
    model: RunningModel

    def on(self, service: Service) -> GmailDesk:
        """The desk while this process runs."""
        account = self.double.account("fleeting@helios.example")
        letters = a_maildir(self.home.data_dir / str(service.port))
        return GmailDesk(self.home, service, Rest(service.url, self.token), self.double, self.model, account, letters)


@pytest.fixture(scope="module")
def fleeting(double: DoubleProcess, model: RunningModel, tmp_path_factory: pytest.TempPathFactory) -> Fleeting:
    home = home_at(tmp_path_factory.mktemp("fleeting"), double, model)
    account = double.account("fleeting@helios.example")
    _, token = commands(home, adding(account), token_made())
    return Fleeting(home, token.strip(), double, model)


def require_answered(desk: GmailDesk, case: Case) -> None:
    ticket = desk.settled(case)
    (line,) = case.answers()
    assert line.gmail_thread_id == case.thread_id
    assert ticket["status"] == "WAITING_OTHERS"
    assert case.account.drafts() == []
    assert desk.kinds(case).count("sent") == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_sending_leaves_one_mail(fleeting: Fleeting, point: str) -> None:
    with Service(fleeting.home, extra={"CA_CRASH_AT": f"hold:{point}"}) as doomed:
        case = fleeting.on(doomed).opened()
        fleeting.on(doomed).rest.approve(case.ticket)
        holding(doomed, point)
        doomed.kill()
    left_before = len(case.answers())

    with Service(fleeting.home) as restarted:
        require_answered(fleeting.on(restarted), case)

    assert left_before == POINTS[point]


def test_a_restart_between_draft_and_approval_changes_nothing(fleeting: Fleeting) -> None:
    with Service(fleeting.home) as first:
        case = fleeting.on(first).opened()
        assert first.stop() == 0

    with Service(fleeting.home) as second:
        desk = fleeting.on(second)
        assert desk.rest.ticket(case.id) == case.ticket
        assert desk.reports()[case.account.address]["opened"] == 0
        desk.rest.approve(case.ticket)
        require_answered(desk, case)
