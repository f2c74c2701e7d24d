"""A `serve` process is killed while it sends, and the next one goes on: Gmail's own ledger shows one mail."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from entrypoints.scripted_model import RunningModel
from tests.gmail_journeys.desk import Case, GmailDesk, adding, commands, home_at, token_made
from tests.gmail_journeys.double import DoubleProcess
from tests.service import Rest, Service, holding

pytestmark = pytest.mark.slow

# Whether the mail has left when the process dies there.
POINTS = {"before_submit": 0, "submitted": 1}


@dataclass
class Aftermath:
    """What three processes, the first two of them killed, have left behind; the third still runs."""

    drafted: Case
    desk: GmailDesk
    killed: dict[str, Case] = field(default_factory=dict)
    left_by_then: dict[str, int] = field(default_factory=dict)

    def kill_at(self, point: str) -> None:
        """Approve a reply, and SIGKILL the process when it stands at this point."""
        case = self.desk.opened()
        assert self.desk.rest.approve(case.ticket).status == 202
        holding(self.desk.service, point)
        self.desk.service.kill()
        self.killed[point], self.left_by_then[point] = case, len(case.answers())


@pytest.fixture(scope="module")
def aftermath(
    double: DoubleProcess, model: RunningModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    home, account = home_at(tmp_path_factory.mktemp("killed"), double, model), double.account("killed@helios.example")
    _, token = commands(home, adding(account), token_made())

    def on(service: Service) -> GmailDesk:
        return GmailDesk(home, service, Rest(service.url, token.strip()), double, model, account)

    with Service(home, extra={"CA_CRASH_AT": "hold:before_submit"}) as first:
        after = Aftermath(on(first).opened(), on(first))
        after.kill_at("before_submit")
    # The second reply that is submitted here: the first one is that of the process before.
    with Service(home, extra={"CA_CRASH_AT": "hold:submitted:2"}) as second:
        after.desk = on(second)
        after.desk.settled(after.killed["before_submit"])
        after.kill_at("submitted")
    with Service(home) as third:
        after.desk = on(third)
        after.desk.settled(after.killed["submitted"])
        yield after


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_sending_leaves_one_mail(aftermath: Aftermath, point: str) -> None:
    case = aftermath.killed[point]

    (line,) = case.answers()

    assert aftermath.left_by_then[point] == POINTS[point]
    assert line.gmail_thread_id == case.thread_id
    assert aftermath.desk.rest.ticket(case.id)["status"] == "WAITING_OTHERS"
    assert aftermath.desk.kinds(case).count("sent") == 1
    assert case.account.drafts() == []


def test_a_draft_outlives_its_process_and_is_approved_in_another(aftermath: Aftermath) -> None:
    case = aftermath.drafted
    before = aftermath.desk.rest.ticket(case.id)

    ticket = aftermath.desk.answered(case)

    assert before == case.ticket
    assert ticket["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1


def test_the_processes_read_every_mail_once(aftermath: Aftermath) -> None:
    report = aftermath.desk.reports()[aftermath.desk.support.address]

    cases = aftermath.killed.values()
    assert (report["opened"], report["appended"]) == (0, 0)
    assert len(aftermath.desk.rest.tickets()) == 1 + len(cases)
    assert [len(aftermath.desk.rest.ticket(case.id)["messages"]) for case in cases] == [2, 2]
