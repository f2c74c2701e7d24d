"""One double, one scripted model and one desk for all tests of this folder; every test has customers of its own."""

from collections.abc import Iterator

import pytest

from entrypoints.scripted_model import RunningModel
from tests.gmail_journeys.desk import ADMIN, GmailDesk, adding, commands, home_at, letters_added, token_made
from tests.gmail_journeys.double import DoubleProcess
from tests.gmail_journeys.outcomes import FAULTS, Outcome, Outcomes
from tests.service import Rest, Service

SUPPORT = "support@helios.example"
OTHERS = tuple(f"{name}@helios.example" for name in ("withdrawn", "reconnected", "troubled", "expired"))


@pytest.fixture(scope="package")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoubleProcess]:
    """The double's process."""
    with DoubleProcess(tmp_path_factory.mktemp("double") / "ledger.jsonl") as running:
        yield running


@pytest.fixture(scope="package")
def model() -> Iterator[RunningModel]:
    """The model's server."""
    with RunningModel() as running:
        yield running


@pytest.fixture(scope="package")
def shared_desk(
    double: DoubleProcess, model: RunningModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GmailDesk]:
    """A desk with one Gmail account for most tests, and one for each of the faults in `outcomes`."""
    home = home_at(tmp_path_factory.mktemp("desk"), double, model)
    support = double.account(SUPPORT)
    accounts = [support, *map(double.account, OTHERS), *(double.account(fault.address) for fault in FAULTS)]
    email, password = ADMIN
    operator = (("operator", "add", email, "--role", "admin", "--password-stdin"), f"{password}\n")
    *_, token = commands(home, *(adding(account) for account in accounts), letters_added(home), operator, token_made())
    with Service(home) as service:
        yield GmailDesk(home, service, Rest(service.url, token.strip()), double, model, support)


@pytest.fixture
def desk(shared_desk: GmailDesk) -> Iterator[GmailDesk]:
    """The shared desk; what a test spoils is mended after it."""
    yield shared_desk
    shared_desk.double.heal()
    shared_desk.model.always(None)


@pytest.fixture(scope="package")
def outcomes(shared_desk: GmailDesk) -> dict[str, Outcome]:
    """What became of one approved reply under each fault; all of them are sent side by side."""
    return Outcomes(shared_desk).all()
