"""The real `langgraph dev`, driven by its own SDK, beside the desk's own service: journey (d)."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.databases import lacking
from tests.service import Home, MaildirOf, Service, a_mail, eventually, free_port, holding, rest

REPOSITORY = Path(__file__).resolve().parents[2]

ACCEPT = {"resume": [{"type": "accept", "args": None}]}

pytestmark = pytest.mark.slow


@dataclass
class Studio:
    """A `langgraph dev` on a desk with one waiting ticket and one that is still NEW."""

    url: str
    home: Home
    mailbox: MaildirOf
    waiting: str
    new: str

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        from langgraph_sdk import get_client

        async with get_client(url=self.url) as client:
            yield client


def a_desk(folder: Path, **settings: str) -> tuple[Home, MaildirOf, str, str]:
    home = Home.at(folder, **settings)
    mailbox, token = home.maildir(), home.token()
    mailbox.deliver(a_mail("Quote for ten panels", "Hello,\n\nwhat do ten panels cost?\n\nAnna Keller\n"))
    with Service(home) as service:
        rest(service, token).sync()
        [waiting] = rest(service, token).tickets()
    mailbox.deliver(
        a_mail("Invoice charged twice", "Hello,\n\nyou charged me twice.\n\nBob Ray\n", "Bob <bob@example.org>")
    )
    # A NEW ticket: the service is ended before the agent has done anything for it.
    with Service(home, extra={"CA_CRASH_AT": "hold:enter_ingest", "CA_SYNC_EVERY_S": "1"}) as service:
        holding(service, "enter_ingest")
        service.kill()
    return home, mailbox, waiting["id"], new_ticket(home)


def new_ticket(home: Home) -> str:
    """Read from the file: any service that could be asked would start working on the ticket."""
    with closing(sqlite3.connect(home.data_dir / "desk.sqlite")) as database:
        [(found,)] = database.execute("SELECT id FROM tickets WHERE status = 'NEW'").fetchall()
    return str(UUID(found))


def launched(home: Home, folder: Path) -> Iterator[str]:
    """`langgraph dev` from a copy of the repository, so that what it keeps stays out of this one."""
    if find_spec("langgraph_api") is None:
        lacking("LangGraph Studio: the extra 'studio' is not installed")
    for name in ("entrypoints", "graph", "tickets", "adapters", "persistence", "api", "templates"):
        (folder / name).symlink_to(REPOSITORY / name)
    for name in ("langgraph.json", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder / name)
    port, lines = free_port(), []
    command = [shutil.which("langgraph") or "langgraph", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    environ = home.environ | {"PATH": f"{REPOSITORY / '.venv' / 'bin'}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        eventually(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, "".join(lines)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        reader.join(10)
        if process.stdout:
            process.stdout.close()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ok", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home, mailbox, waiting, new = a_desk(tmp_path_factory.mktemp("desk"))
    for url in launched(home, tmp_path_factory.mktemp("repository")):
        yield Studio(url, home, mailbox, waiting, new)


@pytest.fixture(scope="module")
def trusting_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home, mailbox, waiting, new = a_desk(tmp_path_factory.mktemp("desk"), CA_ALLOW_STUDIO_APPROVAL="true")
    for url in launched(home, tmp_path_factory.mktemp("repository")):
        yield Studio(url, home, mailbox, waiting, new)


async def listed_waiting(studio: Studio) -> dict[str, Any]:
    """The waiting ticket's thread, as soon as the server lists it."""
    async with studio.client() as client:
        for _ in range(600):
            for thread in await client.threads.search(status="interrupted"):
                if thread["thread_id"] == studio.waiting:
                    return dict(thread)
            await asyncio.sleep(0.1)
    raise AssertionError("the waiting thread is not listed")


def question(state: Any) -> dict[str, Any]:
    [task] = state["tasks"]
    [request] = task["interrupts"][0]["value"]
    return dict(request)


async def test_the_waiting_threads_are_listed_with_their_question(studio: Studio) -> None:
    thread = await listed_waiting(studio)

    [[interrupt]] = thread["interrupts"].values()
    [request] = interrupt["value"]
    assert request["action_request"]["action"] == "send_reply"
    assert request["action_request"]["args"]["body"]
    assert set(request["config"]) == {"allow_ignore", "allow_respond", "allow_edit", "allow_accept"}


async def test_the_state_shows_what_was_decided_and_no_mail_text(studio: Studio) -> None:
    await listed_waiting(studio)

    async with studio.client() as client:
        state = await client.threads.get_state(studio.waiting)

    assert state["values"]["triage"]["category"] == "sales"
    assert state["values"]["draft"]["revision"] == 1
    assert "what do ten panels cost" not in json.dumps(state)


async def test_a_new_ticket_can_be_run_to_the_interrupt(studio: Studio) -> None:
    await listed_waiting(studio)

    async with studio.client() as client:
        await client.runs.wait(studio.new, "ticket", input={"ticket_id": studio.new})
        state = await client.threads.get_state(studio.new)

    assert state["next"] == ["human_approval"]
    assert question(state)["revision"] == 1


async def test_an_unknown_ticket_ends_with_a_clear_error(studio: Studio) -> None:
    unknown = str(uuid4())

    async with studio.client() as client:
        await client.threads.create(thread_id=unknown, graph_id="ticket")
        result = await client.runs.wait(unknown, "ticket", input={"ticket_id": unknown}, raise_error=False)

    assert "no ticket" in result["__error__"]["message"]


async def test_approving_from_studio_is_refused_unless_allowed(studio: Studio) -> None:
    await listed_waiting(studio)

    async with studio.client() as client:
        await client.runs.wait(studio.waiting, "ticket", command=ACCEPT)
        state = await client.threads.get_state(studio.waiting)

    assert "CA_ALLOW_STUDIO_APPROVAL" in question(state)["description"]
    assert studio.mailbox.sent() == []


async def test_an_allowed_approval_goes_through_the_desk_and_leaves_once(trusting_studio: Studio) -> None:
    await listed_waiting(trusting_studio)

    async with trusting_studio.client() as client:
        await client.runs.wait(trusting_studio.waiting, "ticket", command=ACCEPT)

    token = trusting_studio.home.token()
    with Service(trusting_studio.home) as service:
        ticket = await asyncio.to_thread(rest(service, token).delivered, trusting_studio.waiting)
        events = rest(service, token).get(f"/tickets/{trusting_studio.waiting}/events")["items"]
    assert ticket["status"] == "WAITING_OTHERS"
    assert len(trusting_studio.mailbox.sent()) == 1
    assert [event["actor"] for event in events if event["kind"] == "approved"] == ["studio"]
