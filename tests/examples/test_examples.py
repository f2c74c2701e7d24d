"""What the documentation shows works on a running desk: the client in Python, and every recipe for curl."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.databases import lacking
from tests.service import Home, Rest, Service, a_mail, rest

ROOT = Path(__file__).resolve().parents[2]
ADA = "ada@helios.example"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("examples"), CA_UNDO_WINDOW_S="3600", CA_RATE_LIMIT_PER_MINUTE="0")
    password = "correct horse battery staple 9\n"
    home.command("operator", "add", ADA, "--name", "Ada", "--role", "operator", "--password-stdin", stdin=password)
    mailbox = home.maildir()
    for number in range(5):
        mailbox.deliver(a_mail(f"Question {number}", sender=f"Nora <nora{number}@example.net>"))
    return home


@pytest.fixture(scope="module")
def desk(home: Home) -> Iterator[Rest]:
    with Service(home) as service:
        desk = rest(service, home.token())
        desk.sync()
        yield desk


@pytest.fixture(scope="module")
def client() -> ModuleType:
    spec = spec_from_file_location("desk_client", ROOT / "docs" / "examples" / "client.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recipes() -> list[str]:
    """The shell blocks of docs/api.md that call the desk, as one script would run them."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL | re.MULTILINE)
    return [block for block in blocks if "curl" in block]


def test_every_recipe_for_curl_is_answered_as_it_promises(desk: Rest, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        lacking("curl: the recipes of docs/api.md were not run")
    script = "\n".join(
        [
            "set -euo pipefail",
            # A refusal must fail the script, where a reader would only see a problem document.
            'curl() { command curl --fail-with-body "$@"; echo; }',
            f'DESK={desk.url}\nAUTH="Authorization: Bearer {desk.token}"',
            *recipes(),
        ]
    )

    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "304" in done.stdout


def test_the_client_writes_approves_and_closes(desk: Rest, client: ModuleType) -> None:
    with client.Desk(desk.url, desk.token) as api:
        first, second, *_ = api.tickets(status="NEEDS_ACTION")
        drafted = api.write_draft(api.ticket(first.id), "Re: your question", "We call you.")
        approved = api.approve(drafted)
        closed = api.close(api.ticket(second.id))

    assert desk.ticket(str(first.id))["draft"]["body"] == "We call you."
    assert (approved.delivery.state, closed.status) == ("approved", "DONE")


def test_the_client_tells_what_the_desk_refused(desk: Rest, client: ModuleType) -> None:
    with client.Desk(desk.url, desk.token) as api:
        *_, last = api.tickets(status="NEEDS_ACTION")
        seen = api.ticket(last.id)
        api.write_draft(seen, "Re: your question", "We call you.")
        with pytest.raises(client.Problem, match="outdated"):
            api.write_draft(seen, "Re: your question", "We write to you.")
