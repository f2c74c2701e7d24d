"""A real `communication-agent serve` process on a free port, and a client of its REST API, for tests."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

START_S = 60.0
COMPILED = Path(tempfile.gettempdir()) / "communication-agent-tests-pycache"
ALL_BUT_ADMIN = ("tickets:read", "tickets:draft", "tickets:approve", "sync:run")


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: Callable[[], Any], within_s: float = 60.0, every_s: float = 0.1) -> Any:
    """The first true value of `what`; fails the test when there is none in time."""
    end = time.monotonic() + within_s
    while not (value := what()):
        assert time.monotonic() < end, f"did not happen within {within_s} s"
        time.sleep(every_s)
    return value


@dataclass(frozen=True)
class Home:
    """A data directory, its settings, and the commands run on it."""

    data_dir: Path
    environ: dict[str, str]

    @classmethod
    def at(cls, data_dir: Path, database_url: str | None = None, **settings: str) -> Self:
        """A home of its own; nothing of the developer's environment or `.env` reaches it."""
        data_dir.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        fixed = {
            "CA_DATA_DIR": str(data_dir),
            "CA_SECRET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CA_UNDO_WINDOW_S": "0",
            "CA_SYNC_EVERY_S": "0",
            "CA_SEND_SETTLE_S": "1",
            "PYTHONPYCACHEPREFIX": str(COMPILED),  # a start that has to compile everything takes twice as long
            "PYTHONDONTWRITEBYTECODE": "",
        }
        url = {"CA_DATABASE_URL": database_url} if database_url else {}
        return cls(data_dir, clean | fixed | url | settings)

    def command(self, *words: str, stdin: str = "") -> str:
        """Run a command to its end; its standard output. Fails the test when it fails."""
        done = subprocess.run(
            [*PROGRAM, *words], env=self.environ, cwd=self.data_dir, input=stdin, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words} failed: {done.stdout}\n{done.stderr}"
        return done.stdout

    def migrate(self) -> None:
        """Needed on PostgreSQL, harmless on SQLite."""
        self.command("migrate")

    def token(self, *scopes: str, name: str | None = None) -> str:
        """A fresh API token."""
        asked = [word for scope in scopes or ALL_BUT_ADMIN for word in ("--scope", scope)]
        return self.command("token", "create", name or f"test-{uuid4()}", *asked).strip()

    def maildir(self, address: str = "support@helios.example", name: str = "mailbox") -> "MaildirOf":
        """Make a Maildir and add it to the desk."""
        path = self.data_dir / name
        for folder in ("new", "cur", "tmp"):
            (path / folder).mkdir(parents=True, exist_ok=True)
        self.command("mailbox", "add", "maildir", str(path), "--address", address)
        return MaildirOf(path, address)


def _is_ours(name: str) -> bool:
    return name.startswith(("CA_", "ARCHITECT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_"))


PROGRAM = (sys.executable, "-m", "entrypoints.cli")


@dataclass(frozen=True)
class MaildirOf:
    """A Maildir as the outside world uses it: mail is delivered into it, and what left is counted in it."""

    path: Path
    address: str

    def deliver(self, mail: bytes | EmailMessage) -> None:
        """As a mail server does: written aside, then renamed into new/."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        name = f"{time.time_ns() // 10**9}.{uuid4().hex}.test"
        (self.path / "tmp" / name).write_bytes(raw)
        (self.path / "tmp" / name).rename(self.path / "new" / name)

    def sent(self) -> list[bytes]:
        """Every mail that left."""
        folder = self.path / ".Sent" / "cur"
        return [file.read_bytes() for file in sorted(folder.iterdir())] if folder.is_dir() else []


def a_mail(
    subject: str = "Inverter shows an error",
    text: str = "Hello,\n\nmy inverter shows an error since Monday. What should I do?\n\nAnna Keller\n",
    sender: str = "Anna Keller <anna.keller@example.net>",
    to: str = "support@helios.example",
    **headers: str,
) -> EmailMessage:
    """A customer's mail with a Message-ID of its own; `In_Reply_To` sets In-Reply-To, and so on."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = headers.pop("Message_ID", f"<{uuid4()}@example.net>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    body: Any


@dataclass(frozen=True)
class Rest:
    """A client of the REST API with one token."""

    url: str
    token: str

    def call(self, method: str, path: str, body: object = None, timeout_s: float = 90.0) -> Answer:
        """One request; an error status is an answer like any other."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:
                return Answer(response.status, json.loads(response.read() or b"null"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, json.loads(error.read() or b"null"))

    def get(self, path: str) -> Any:
        """The body of a successful GET."""
        answer = self.call("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def post(self, path: str, body: object = None) -> Answer:
        return self.call("POST", path, {} if body is None else body)

    def sync(self, wait_s: int = 60) -> list[dict[str, Any]]:
        """Pull mail and wait until the agent is at rest; the reports."""
        answer = self.post(f"/sync/run?wait_s={wait_s}")
        assert answer.status == 200, answer
        mailboxes: list[dict[str, Any]] = answer.body["mailboxes"]
        return mailboxes

    def tickets(self, **wanted: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in {"limit": "100", **wanted}.items())
        items: list[dict[str, Any]] = self.get(f"/tickets?{query}")["items"]
        return items

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/tickets/{ticket_id}")
        return found

    def approve(self, ticket: Mapping[str, Any], **more: object) -> Answer:
        """Approve the draft as this full ticket shows it."""
        draft = ticket["draft"]
        seen = {"revision": draft["revision"], "content_hash": draft["content_hash"], **more}
        return self.post(f"/tickets/{ticket['id']}/approve_send", seen)

    def delivered(self, ticket_id: str, state: str = "sent", within_s: float = 60.0) -> dict[str, Any]:
        """The ticket, once its delivery has come to that state."""

        def reached() -> dict[str, Any] | None:
            ticket = self.ticket(ticket_id)
            return ticket if ticket["delivery"]["state"] == state else None

        ticket: dict[str, Any] = eventually(reached, within_s)
        return ticket


@dataclass
class Service:
    """One `communication-agent serve` process. Use as a context manager; `kill` is SIGKILL."""

    home: Home
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        eventually(self.is_up, START_S)
        return self

    def start(self) -> None:
        """Start the process without waiting for it to answer."""
        environ = self.home.environ | {"CA_PORT": str(self.port), "PYTHONUNBUFFERED": "1"} | self.extra
        self.process = subprocess.Popen(
            [*PROGRAM, "serve"],
            env=environ,
            cwd=self.home.data_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "\n".join(self.lines)
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def said(self, text: str) -> bool:
        """Whether a line of the output holds it."""
        return any(text in line for line in list(self.lines))

    def kill(self) -> None:
        """SIGKILL, from outside."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()


def rest(service: Service, token: str) -> Rest:
    """A client of that service."""
    return Rest(service.url, token)


def holding(service: Service, point: str, within_s: float = 60.0) -> None:
    """Wait until a service started with CA_CRASH_AT=hold:point stands still there."""
    eventually(lambda: service.said(f"holding at {point}"), within_s)
