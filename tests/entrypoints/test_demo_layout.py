"""What `demo` lays out and prints, without serving it; a whole demo runs in tests/test_demo.py."""

import socket
import stat
import time
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from entrypoints import demo
from entrypoints.demo import NEWEST_S, SPREAD_S, demo_settings, lay_out
from tests.entrypoints.conftest import Console

SAMPLE = Path(demo.__file__).parent / "sample"


def delivered_at(mail: Path) -> int:
    return int(mail.name.partition(".")[0])


@pytest.fixture
def unserved(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """The demo ends where it would begin to serve."""

    async def at_once(*_: Any) -> None:
        return None

    monkeypatch.setattr(demo, "serve", at_once)
    return console


def test_every_mail_of_the_sample_lies_in_the_maildir(tmp_path: Path) -> None:
    lay_out(tmp_path)

    originals = sorted(mail.read_bytes() for mail in (SAMPLE / "mailbox").glob("*.eml"))
    assert sorted(mail.read_bytes() for mail in (tmp_path / "mailbox" / "new").iterdir()) == originals
    assert [list((tmp_path / "mailbox" / folder).iterdir()) for folder in ("cur", "tmp")] == [[], []]


def test_the_knowledge_of_the_sample_is_the_desks(tmp_path: Path) -> None:
    lay_out(tmp_path)

    names = {file.name for file in (tmp_path / "knowledge").iterdir()}
    assert names == {file.name for file in (SAMPLE / "knowledge").iterdir()}
    assert names


def test_the_mails_came_over_the_last_day_or_so_the_newest_a_few_minutes_ago(tmp_path: Path) -> None:
    before = int(time.time())
    lay_out(tmp_path)
    after = int(time.time())

    times = sorted(delivered_at(mail) for mail in (tmp_path / "mailbox" / "new").iterdir())

    assert before - NEWEST_S - 1 <= times[-1] <= after - NEWEST_S
    assert times[-1] - times[0] in (SPREAD_S - 1, SPREAD_S, SPREAD_S + 1)


def test_the_mails_came_in_the_order_of_their_dates(tmp_path: Path) -> None:
    lay_out(tmp_path)

    mails = sorted((tmp_path / "mailbox" / "new").iterdir(), key=delivered_at)
    dates = [parsedate_to_datetime(message_from_bytes(mail.read_bytes())["Date"]).timestamp() for mail in mails]
    squeezed = 2 * (max(dates) - min(dates)) / SPREAD_S  # what lies closer together may fall into one second
    assert all(later - earlier > -squeezed for earlier, later in pairwise(dates))


def test_the_demo_takes_no_database_address_or_folder_from_the_environment(tmp_path: Path) -> None:
    environ = {
        "CA_DATABASE_URL": "postgresql://desk@db/desk",
        "CA_HOST": "0.0.0.0",
        "CA_DATA_DIR": "/srv/desk",
        "CA_BASE_URL": "https://desk.example",
        "CA_UNDO_WINDOW_S": "3",
    }

    settings = demo_settings(environ, tmp_path, 8123)

    assert (settings.database_url, settings.data_dir, settings.is_loopback) == (None, tmp_path, True)
    assert settings.site == "http://127.0.0.1:8123"
    assert settings.undo_window_s == 3


def test_the_first_start_shows_the_way_in_and_the_second_keeps_it_to_itself(unserved: Console) -> None:
    words = ("demo", "--port", "0", "--data-dir", "desk")

    first, second = unserved.does(*words), unserved.does(*words)

    token = (unserved.folder / "desk" / "api-token").read_text().strip()
    assert token.startswith("ca_")
    assert f"API token    {token}" in first
    assert "Password     " in first
    assert (token in second, "Password     " in second, "ada@helios.example" in second) == (False, False, True)
    assert stat.S_IMODE((unserved.folder / "desk" / "api-token").stat().st_mode) == 0o600


def test_reset_starts_afresh_and_an_interrupted_set_up_starts_over(unserved: Console) -> None:
    words = ("demo", "--port", "0", "--data-dir", "desk")
    unserved.does(*words)
    token_path = unserved.folder / "desk" / "api-token"
    first = token_path.read_text()

    unserved.does(*words, "--reset")
    second = token_path.read_text()
    token_path.unlink()
    unserved.does(*words)

    assert len({first, second, token_path.read_text()}) == 3


def test_a_taken_port_is_refused_before_anything_is_forgotten(unserved: Console) -> None:
    unserved.does("demo", "--port", "0", "--data-dir", "desk")
    before = (unserved.folder / "desk" / "api-token").read_text()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        result = unserved.run("demo", "--reset", "--port", str(taken.getsockname()[1]), "--data-dir", "desk")

    assert result.exit_code == 2
    assert result.stderr.startswith("Cannot listen on 127.0.0.1:")
    assert (unserved.folder / "desk" / "api-token").read_text() == before
