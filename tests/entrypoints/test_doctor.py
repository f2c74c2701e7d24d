"""The doctor looks at the parts for real, says what to do for each, and one that is broken hides none of the others."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from entrypoints import examining
from entrypoints.examining import Check
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.scripted_model import Fault, RunningModel, answer
from tests.entrypoints.conftest import Console

ADDRESS = "support@helios.example"
READ_ONLY = "https://www.googleapis.com/auth/gmail.readonly"


@pytest.fixture
def google() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        running.double.add_account(ADDRESS, "good-token")
        yield running


@pytest.fixture
def model() -> Iterator[RunningModel]:
    with RunningModel() as running:
        running.always(answer({"ok": True}))
        yield running


@pytest.fixture
def desk(console: Console, google: RunningDouble, model: RunningModel) -> Console:
    """A desk with a Gmail account, a model and an administrator."""
    console.environ |= {
        "CA_GMAIL_API_ROOT": google.url,
        "CA_GOOGLE_CLIENT_ID": "client",
        "CA_GOOGLE_CLIENT_SECRET": "secret",
        "CA_GOOGLE_TOKEN_URL": f"{google.url}/token",
        "CA_MODEL_BASE_URL": model.base_url,
        "CA_MODEL_NAME": "scripted",
        "CA_MODEL_TIMEOUT_S": "5",
    }
    console.does("mailbox", "add", "gmail", "--address", ADDRESS, "--refresh-token-stdin", stdin="good-token")
    console.does("operator", "add", "ada@helios.example", "--role", "admin", "--password-stdin", stdin="a" * 20)
    return console


def examined(desk: Console, *options: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    """The exit code, and by part whether it is in order and what is said."""
    result = desk.run("doctor", "--json", *options)
    found = json.loads(result.stdout)
    return result.exit_code, {one["name"]: (one["is_ok"], one["says"]) for one in found}


def wrong(findings: dict[str, tuple[bool, str]]) -> list[str]:
    return [name for name, (is_ok, _) in findings.items() if not is_ok]


def test_a_desk_in_order_is_looked_at_for_real(desk: Console, google: RunningDouble, model: RunningModel) -> None:
    before = google.requests().get("oauth.token", 0)

    code, findings = examined(desk)

    assert (code, wrong(findings)) == (0, []), findings
    assert google.requests()["oauth.token"] > before
    assert "works and covers what is needed" in findings[f"{ADDRESS} permission"][1]
    assert "answered in" in findings["model"][1]
    assert "within" in findings["clock"][1]
    assert "pages are sound" in findings["database"][1]


def test_a_withdrawn_permission_is_told_in_words(desk: Console, google: RunningDouble) -> None:
    google.double.revoke(ADDRESS)

    code, findings = examined(desk)

    assert (code, wrong(findings)) == (1, [f"{ADDRESS} permission", ADDRESS])
    assert "invalid_grant" in findings[f"{ADDRESS} permission"][1]
    assert "Testing" in findings[f"{ADDRESS} permission"][1]


def test_a_permission_that_covers_too_little_is_told(desk: Console, google: RunningDouble) -> None:
    google.double.add_account(ADDRESS, "good-token", [READ_ONLY])

    _, findings = examined(desk)

    assert "does not cover https://www.googleapis.com/auth/gmail.modify" in findings[f"{ADDRESS} permission"][1]


def test_a_model_that_does_not_answer_is_told_and_hides_nothing(desk: Console, model: RunningModel) -> None:
    model.always(Fault.UNAUTHORIZED)

    code, findings = examined(desk)

    assert (code, wrong(findings)) == (1, ["model"])
    assert "key" in findings["model"][1]


def test_offline_nothing_is_asked_over_the_network(desk: Console, google: RunningDouble, model: RunningModel) -> None:
    before = dict(google.requests())

    code, findings = examined(desk, "--offline")

    assert (code, "clock" in findings) == (0, False)
    assert google.requests() == before
    assert model.requests == []


def test_a_damaged_database_hides_neither_disk_nor_model(desk: Console) -> None:
    file = desk.data_dir / "desk.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 12] = b"\xaa" * (4096 * 11)
    file.write_bytes(content)

    code, findings = examined(desk)

    assert code == 1
    assert {"database", "start"} <= set(wrong(findings))
    assert "restore the latest backup" in findings["database"][1]
    assert findings["disk"][0]
    assert findings["model"][0]


def test_a_mail_that_is_nowhere_is_found(desk: Console) -> None:
    with sqlite3.connect(desk.data_dir / "desk.sqlite") as connection:
        connection.execute("INSERT INTO received_mails SELECT id, 'lost-mail', '2020-01-01' FROM mailboxes")
    connection.close()

    _, findings = examined(desk, "--offline")

    assert wrong(findings) == ["received mail"]
    assert f"{ADDRESS}: 1 of 1 mails received more than 14 days ago" in findings["received mail"][1]


def test_without_json_a_table_is_printed_that_ends_with_the_sum(console: Console) -> None:
    result = console.run("doctor")

    assert result.stdout.splitlines()[-1] == "2 to fix."


async def test_a_check_that_hangs_or_breaks_is_a_finding() -> None:
    async def hangs() -> tuple[bool, str]:
        await examining.asyncio.Event().wait()
        return True, ""

    async def breaks() -> tuple[bool, str]:
        raise RuntimeError("secret words")

    hung, broken = await Check("slow", hangs, 0.01).run(), await Check("broken", breaks).run()

    assert (hung.is_ok, broken.is_ok) == (False, False)
    assert "no answer within" in hung.says
    assert "secret words" not in broken.says


@pytest.mark.parametrize(("off_s", "is_ok"), [(0, True), (-120, False), (120, False)])
async def test_a_clock_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch, off_s: int, is_ok: bool) -> None:
    server = datetime.now(UTC) + timedelta(seconds=off_s)
    monkeypatch.setattr(examining, "_date_of", lambda _: server)

    found, says = await examining._clock("https://elsewhere.example")

    assert found is is_ok
    assert is_ok or ("fast" if off_s < 0 else "slow") in says


def test_the_guide_shows_this_desks_own_addresses(console: Console) -> None:
    printed = console.does("guide", "gmail", CA_BASE_URL="https://desk.example")

    assert "Redirect URI: https://desk.example/boards/mailboxes/callback" in printed
    assert "Push endpoint: https://desk.example/webhooks/gmail" in printed
