"""`make demo` in a fresh clone: a desk on a sample mailbox, with nothing prepared beforehand."""

import json
import shutil
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.databases import lacking
from tests.repository import ROOT, tracked_files
from tests.running_demo import Demo, newcomers_environment, running
from tests.service import MaildirOf, a_mail, eventually

pytestmark = pytest.mark.slow

ADDRESS = "support@helios.example"
SAMPLE = ROOT / "entrypoints" / "sample"


@dataclass(frozen=True)
class Clone:
    """A newcomer's copy of the repository, and a home without configuration or caches."""

    folder: Path
    environ: dict[str, str]

    @property
    def data_dir(self) -> Path:
        return self.folder / "var" / "demo"

    @property
    def maildir(self) -> MaildirOf:
        return MaildirOf(self.data_dir / "mailbox", ADDRESS)

    def demo(self, *more: str) -> AbstractContextManager[Demo]:
        """`make demo`, until the end of the block."""
        return running(("make", "demo", "PORT={port}", *more), self.folder, self.data_dir, self.environ)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Installed by the Makefile itself, from the package index."""
    _require("make", "git")
    _require_package_index()
    folder, home = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("home")
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    clone = Clone(folder, newcomers_environment(HOME=str(home), XDG_CACHE_HOME=str(home / "cache")))
    installed = subprocess.run(
        ["make", ".venv/runtime"], cwd=folder, env=clone.environ, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    yield clone
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def test_a_newcomer_gets_from_a_clone_to_a_sent_reply(clone: Clone) -> None:
    with clone.demo("RESET=1") as demo:
        rest = demo.at_rest()
        full = [rest.ticket(ticket["id"]) for ticket in rest.tickets(limit="200")]
        mail = a_mail("Wallbox blinks red")
        clone.maildir.deliver(mail)
        (arrived,) = eventually(lambda: rest.tickets(q="Wallbox%20blinks%20red", status="NEEDS_ACTION"))
        ticket = eventually(lambda: (found := rest.ticket(arrived["id"]))["draft"] and found)
        approval = rest.approve(ticket, confirm_flags=[flag["id"] for flag in ticket["draft"]["flags"]])
        rest.delivered(ticket["id"])
        printed = demo.printed()

    assert _subjects_to_answer() <= {message["subject"] for ticket in full for message in ticket["messages"]}
    assert all(ticket["category"] and ticket["language"] for ticket in full)
    assert all(ticket["draft"] for ticket in full if ticket["triage"]["needs_reply"])
    assert demo.token() in printed
    assert stat.S_IMODE((clone.data_dir / "api-token").stat().st_mode) == 0o600
    assert approval.status == 202
    (reply,) = clone.maildir.sent()
    assert message_from_bytes(reply, policy=policy.default)["In-Reply-To"] == mail["Message-ID"]
    assert "Traceback" not in printed


def test_a_second_start_shows_the_same_desk_and_keeps_its_secrets(clone: Clone) -> None:
    with clone.demo("RESET=1") as demo:
        rest = demo.at_rest()
        closed = rest.tickets(status="NEEDS_ACTION")[0]
        assert rest.post(f"/tickets/{closed['id']}/status", {"status": "DONE"}).status == 200
        before, password = rest.tickets(limit="200"), demo.password()

    with clone.demo() as demo:
        after, printed = demo.rest().tickets(limit="200"), demo.printed()

    assert _standing(after) == _standing(before)
    assert password not in printed
    assert demo.token() not in printed


def test_reset_starts_afresh(clone: Clone) -> None:
    with clone.demo("RESET=1") as demo:
        before, rest = demo.token(), demo.rest()
        ticket_id = eventually(rest.tickets)[0]["id"]

    with clone.demo("RESET=1") as demo:
        assert demo.token() != before
        assert demo.rest().call("GET", f"/tickets/{ticket_id}").status == 404
        assert demo.password()


def _subjects_to_answer() -> set[str]:
    """Of the sample's mails that a person must see."""
    labels = [json.loads(line) for line in (SAMPLE / "labels.jsonl").read_text().splitlines()]
    raws = [(SAMPLE / "mailbox" / label["file"]).read_bytes() for label in labels if label["needs_reply"]]
    return {str(message_from_bytes(raw, policy=policy.default)["Subject"]) for raw in raws}


def _standing(tickets: list[dict[str, object]]) -> dict[object, object]:
    return {ticket["id"]: (ticket["status"], ticket["subject"], ticket["updated_at"]) for ticket in tickets}


def _require(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            lacking(f"{program} is not installed: no test of a fresh clone")


def _require_package_index() -> None:
    try:
        urllib.request.urlopen("https://pypi.org/simple/hatchling/", timeout=20).close()
    except (urllib.error.URLError, OSError):
        lacking("The package index cannot be reached: no test of a fresh clone")
