"""SIGKILL of the real service in the middle of a backfill: the next process goes on, and every mail is one ticket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.gmail_journeys.double import Account, DoubleProcess
from tests.service import Home, Service, eventually, holding

pytestmark = pytest.mark.slow

MAILS = 60
POINTS = ("mail_parsed", "mail_parsed:2", "mail_stored:2")


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoubleProcess]:
    with DoubleProcess(tmp_path_factory.mktemp("double") / "ledger.jsonl") as running:
        yield running


def _home(folder: Path, double: DoubleProcess, account: Account) -> Home:
    home = Home.at(
        folder,
        CA_GMAIL_API_ROOT=double.url,
        CA_GOOGLE_CLIENT_ID="client",
        CA_GOOGLE_CLIENT_SECRET="client-secret",
        CA_GOOGLE_TOKEN_URL=f"{double.url}/token",
        CA_SYNC_EVERY_S="1",
        CA_MODEL_PROVIDER="local",
    )
    words = ("mailbox", "add", "gmail", "--address", account.address, "--refresh-token-stdin")
    home.command(*words, stdin=account.refresh_token)
    return home


def _select(home: Home, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(f"sqlite:///{home.data_dir / 'desk.sqlite'}", poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _cursor(home: Home) -> str:
    ((cursor,),) = _select(home, "SELECT cursor FROM mailboxes")
    return str(cursor or "")


def _has_ended(home: Home) -> bool:
    return '"full": null' in _cursor(home)


def test_a_backfill_that_is_killed_again_and_again_takes_every_mail_in_once(
    double: DoubleProcess, tmp_path: Path
) -> None:
    account = double.account("killed-backfill@helios.example")
    double.control("seed", {"account": account.address, "count": MAILS, "every_s": 1})
    home = _home(tmp_path, double, account)

    kept = []
    for point in POINTS:
        service = Service(home, extra={"CA_CRASH_AT": f"hold:{point}"})
        service.start()
        holding(service, point.partition(":")[0])
        assert not _has_ended(home), f"nothing is left to kill at {point}"
        service.kill()
        kept.append(len(_select(home, "SELECT id FROM mails")))
    with Service(home):
        eventually(lambda: _has_ended(home))

    assert kept[0] == 0
    assert kept == sorted(kept)
    assert 0 < kept[-1] < MAILS
    assert len(_select(home, "SELECT id FROM mails")) == MAILS
    assert len(_select(home, "SELECT DISTINCT message_id FROM mails")) == MAILS
    assert len(_select(home, "SELECT id FROM tickets")) == MAILS
    assert len(_select(home, "SELECT provider_id FROM received_mails")) == MAILS
