"""The doctor looks at the parts for real, says what to do for each, and one that is broken hides none of the others."""

import json
import socket
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
    console.does(
        "operator",
        "add",
        "ada@helios.example",
        "--role",
        "admin",
        "--password-stdin",
        stdin="correct horse battery staple",
    )
    return console


def examined(desk: Console, *options: str, **settings: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    """The exit code, and by part whether it is in order and what is said."""
    result = desk.run("doctor", "--json", *options, **settings)
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


def test_a_clock_that_differs_from_googles_is_to_be_fixed(desk: Console, google: RunningDouble) -> None:
    google.double.move_clock(20 * 60)

    _, findings = examined(desk)

    is_ok, says = findings["clock"]
    assert not is_ok
    assert "slow" in says


def test_a_model_that_cannot_be_reached_is_named_without_its_password(desk: Console) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        _, findings = examined(desk, CA_MODEL_BASE_URL=f"http://user:hidden-word@127.0.0.1:{port}/v1?key=hidden-word")

    is_ok, says = findings["model"]
    assert not is_ok
    assert f"no connection is taken by http://127.0.0.1:{port}/v1." in says
    assert "hidden-word" not in says


def test_a_model_whose_name_is_unknown_is_told_apart(desk: Console) -> None:
    _, findings = examined(desk, CA_MODEL_BASE_URL="http://model.invalid/v1")

    assert "the name cannot be resolved in http://model.invalid/v1" in findings["model"][1]


def test_the_second_model_is_asked_as_well_with_its_own_key(desk: Console, model: RunningModel) -> None:
    (desk.folder / "key").write_text("key-of-the-second\n")
    second = {"CA_MODEL_FALLBACK_BASE_URL": model.base_url, "CA_MODEL_FALLBACK_NAME": "b"}

    _, findings = examined(desk, **second, CA_MODEL_FALLBACK_API_KEY_FILE=str(desk.folder / "key"))

    assert findings["model"][0]
    assert "fallback:b answered in" in findings["model"][1]
    assert model.keys[-1] == "key-of-the-second"


def test_a_model_that_refuses_is_named_with_its_address(desk: Console, model: RunningModel) -> None:
    model.always(Fault.UNAUTHORIZED)

    _, findings = examined(desk)

    assert f"asked at {model.base_url}" in findings["model"][1]


def test_a_bad_secret_of_a_desk_that_exists_is_not_to_be_replaced(desk: Console) -> None:
    code, findings = examined(desk, "--offline", CA_SECRET_KEY="short")

    assert code == 1
    assert "Put the key back" in findings["secret key"][1]
    assert "ake a new" not in " ".join(says for _, says in findings.values())


def test_a_bad_secret_of_a_desk_that_is_not_made_yet_may_be_replaced(console: Console) -> None:
    _, findings = examined(console, CA_SECRET_KEY="short")

    assert "Make a new one" in findings["secret key"][1]


def test_a_token_endpoint_that_is_dead_is_named(desk: Console) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        _, findings = examined(desk, CA_GOOGLE_TOKEN_URL=f"http://127.0.0.1:{port}/token")

    is_ok, says = findings[f"{ADDRESS} permission"]
    assert not is_ok
    assert f"The token endpoint http://127.0.0.1:{port}/token did not renew the access" in says


def test_a_data_directory_that_cannot_be_made_is_told_in_words(console: Console) -> None:
    (console.folder / "file").write_text("in the way")

    code, findings = examined(console, CA_DATA_DIR=str(console.folder / "file" / "var"))

    assert code == 1
    assert "CA_DATA_DIR cannot be made" in findings["disk"][1]
    assert {"secret key", "disk", "start"} <= set(wrong(findings))
    assert "itself failed" not in " ".join(says for _, says in findings.values())


def test_a_first_sync_under_way_says_how_far_it_is(desk: Console) -> None:
    with sqlite3.connect(desk.data_dir / "desk.sqlite") as connection:
        far = json.dumps({"done": 665, "total": 2000, "since": "2026-03-02T09:00:00+00:00"})
        connection.execute("UPDATE mailboxes SET progress = ?", [far])
    connection.close()

    _, findings = examined(desk)

    assert findings[ADDRESS] == (True, "first sync under way: 665 of 2,000")
