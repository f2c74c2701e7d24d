"""A desk with mails on their way, as it lies on disk between two processes, and what must be true at the end.

What left is counted in the mailbox's own `.Sent` folder, never in the desk's tables.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from tests.service import Home, MaildirOf, Rest, Service, a_mail, eventually, rest

CUSTOMERS = 3
AT_REST_S = 60.0  # the promise: after any crash the next start converges in this time
TAKE_OVER_S = 20.0  # less than any lease or claim lasts: the survivor must not have waited for one to run out

ANSWERED_ONCE = ("mail_arrived", "triaged", "planned", "draft_offered", "approved", "sent")
"""What is on record of a mail that was answered once: each of these, and no further one."""

_LEFT_TO_DO = "SELECT count(*) FROM tickets WHERE work_at IS NOT NULL OR stopped OR attempts > 0"


@dataclass(frozen=True)
class Scene:
    """One data directory at one moment, with the mails that its customers wrote."""

    home: Home
    mailbox: MaildirOf
    token: str
    asked: tuple[str, ...]  # the Message-IDs of the customers' mails

    @property
    def database(self) -> str:
        return self.home.environ.get("CA_DATABASE_URL", f"sqlite:///{self.home.data_dir / 'desk.sqlite'}")

    def service(self, **settings: str) -> Service:
        """A service on it that looks into the mailbox every second, unless the settings say otherwise."""
        return Service(self.home, extra={"CA_SYNC_EVERY_S": "1", **settings})

    def rest(self, service: Service) -> Rest:
        return rest(service, self.token)

    def answered(self) -> Counter[str]:
        """How often each of the customers' mails was answered, by what lies in the mailbox."""
        return Counter(str(message_from_bytes(raw)["In-Reply-To"]) for raw in self.mailbox.sent())

    def drafts_left(self) -> list[str]:
        """Replies that lie in the mailbox and did not leave."""
        folder = self.mailbox.path / ".Drafts" / "cur"
        return [file.name for file in folder.iterdir()] if folder.is_dir() else []

    def left_to_do(self) -> int:
        """How many tickets are not at rest."""
        return int(self.select(_LEFT_TO_DO)[0][0])

    def select(self, query: str) -> Sequence[Any]:
        """Rows of the desk's own tables, for what the API does not show."""
        engine = create_engine(self.database, poolclass=NullPool)
        with engine.connect() as connection:
            return connection.execute(text(query)).all()


@contextmanager
def standing_at(scene: Scene, point: str, **settings: str) -> Iterator[Service]:
    """A process that has come to this point and stands still there; it is killed at the end if it still lives."""
    service = scene.service(CA_CRASH_AT=f"hold:{point}", **settings)
    service.start()
    try:
        eventually(lambda: _stands(service, point.partition(":")[0]), AT_REST_S)
        yield service
    finally:
        assert service.process is not None
        if service.process.poll() is None:
            service.kill()


def _stands(service: Service, name: str) -> bool:
    assert service.process is not None
    assert service.process.poll() is None, "\n".join(service.lines)
    return service.said(f"holding at {name}")


def kill_at(scene: Scene, point: str, **settings: str) -> None:
    """Start a process, and SIGKILL it from outside when it has come to this point."""
    with standing_at(scene, point, **settings) as service:
        service.kill()


def approved_by_hand(scene: Scene, desk: Rest, within_s: float = AT_REST_S) -> None:
    """Wait for a draft on every ticket, then approve each as it is shown."""

    def drafted() -> list[dict[str, Any]]:
        tickets = [desk.ticket(line["id"]) for line in desk.tickets()]
        is_complete = len(tickets) == len(scene.asked) and all(ticket["draft"] for ticket in tickets)
        return tickets if is_complete else []

    for ticket in eventually(drafted, within_s):
        assert desk.approve(ticket).status == 202


def require_drafted(scene: Scene, desk: Rest, within_s: float = AT_REST_S) -> None:
    """Every mail is one ticket at rest, with one draft that waits for an operator; nothing has left."""
    eventually(lambda: len(desk.tickets()) == len(scene.asked) and scene.left_to_do() == 0, within_s)
    tickets = [desk.ticket(line["id"]) for line in desk.tickets()]
    assert [(ticket["status"], ticket["delivery"]["state"]) for ticket in tickets] == [
        ("NEEDS_ACTION", "none") for _ in scene.asked
    ]
    assert [ticket["draft"]["revision"] for ticket in tickets] == [1 for _ in scene.asked]
    assert scene.answered() == Counter()


def require_answered(scene: Scene, desk: Rest, within_s: float = AT_REST_S) -> None:
    """Every mail is one ticket at rest, answered once in the mailbox, and every step is on record once."""
    eventually(lambda: _are_answered(scene, desk) and scene.left_to_do() == 0, within_s)
    assert scene.answered() == Counter(scene.asked)
    assert scene.drafts_left() == []
    for line in desk.tickets():
        kinds = Counter(event["kind"] for event in desk.get(f"/tickets/{line['id']}/events")["items"])
        assert {kind: kinds[kind] for kind in ANSWERED_ONCE} == dict.fromkeys(ANSWERED_ONCE, 1), line


def _are_answered(scene: Scene, desk: Rest) -> bool:
    tickets = [desk.ticket(line["id"]) for line in desk.tickets()]
    states = [(ticket["status"], ticket["delivery"]["state"]) for ticket in tickets]
    return states == [("WAITING_OTHERS", "sent") for _ in scene.asked]


def everything(desk: Rest) -> list[dict[str, Any]]:
    """All that the API shows of the tickets, with their audit trails."""
    tickets = [desk.ticket(line["id"]) for line in desk.tickets()]
    return [{**ticket, "events": desk.get(f"/tickets/{ticket['id']}/events")} for ticket in tickets]


@dataclass(frozen=True)
class Seeds:
    """The same desk at three moments, each to be put back as often as needed.

    `mailed`: three mails lie in the mailbox. `stored`: they are tickets, on which nothing was done. `approved`: the
    process was killed in the undo window, which is over soon after.
    """

    folder: Path
    mailed: Scene

    def back_to(self, moment: str) -> Scene:
        """The desk as it was then."""
        home = self.mailed.home.data_dir
        shutil.rmtree(home)
        shutil.copytree(self.folder / moment, home)
        return self.mailed

    def keep(self, moment: str) -> None:
        shutil.copytree(self.mailed.home.data_dir, self.folder / moment)


def new_home(folder: Path, database_url: str | None = None) -> Home:
    """A migrated desk in a folder; its processes start quickly."""
    # Child processes share compiled modules: they start in half the time where none are installed.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    home = Home.at(folder / "home", database_url, **compiled)
    if database_url:
        home.migrate()
    return home


def new_scene(folder: Path, database_url: str | None = None) -> Scene:
    """A desk with an operator's token and a mailbox in which three customers' mails lie."""
    home = new_home(folder, database_url)
    mailbox = home.maildir()
    mails = [
        a_mail(f"Inverter {number} shows an error", sender=f"Customer <customer{number}@example.net>")
        for number in range(CUSTOMERS)
    ]
    for mail in mails:
        mailbox.deliver(mail)
    return Scene(home, mailbox, home.token(), tuple(str(mail["Message-ID"]) for mail in mails))


def approve_and_die(scene: Scene, window_s: int) -> None:
    """Have all drafts written and approved, then SIGKILL the process within the undo window."""
    with scene.service(CA_UNDO_WINDOW_S=str(window_s)) as service:
        approved_by_hand(scene, scene.rest(service))
        service.kill()
    assert scene.answered() == Counter(), "the machine is too slow for this undo window"
