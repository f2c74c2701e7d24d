"""`make demo`: a desk on embedded defaults, with the sample mailbox of a solar company."""

import asyncio
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from entrypoints.accounts import add_mailbox, new_operator, new_token
from entrypoints.serve import require_free_port, serve
from entrypoints.settings import Settings
from entrypoints.wiring import opened
from tickets.errors import BadInput

ADDRESS: Final = "support@helios.example"
OPERATOR: Final = "ada@helios.example"
AUTHSERV_ID: Final = "mx.helios.example"
SPREAD_S: Final = 30 * 3600  # the sample arrives over the last day or so
NEWEST_S: Final = 240
MARKER: Final = ".communication-agent-demo"
SCOPES: Final = ("tickets:read", "tickets:draft", "tickets:approve", "sync:run")


def run_demo(environ: Mapping[str, str], data_dir: Path, port: int, *, reset: bool) -> None:
    """Set the demo up if it is not there yet, then serve it until stopped."""
    settings, token_path = demo_settings(environ, data_dir, port), data_dir / "api-token"
    require_free_port(settings)
    with _alone_in(data_dir):
        if reset or not token_path.exists():
            _clear(data_dir)  # a set-up that was interrupted starts over
            _set_up(settings, environ, token_path)
        else:
            _say(f"Sign in as   {OPERATOR} (its password was shown at the first start; RESET=1 starts afresh)")
        _say("", f"Boards       {settings.site}/boards", f"Drop a mail  into {data_dir / 'mailbox' / 'new'}", "")
        asyncio.run(serve(settings, environ))


@contextmanager
def _alone_in(data_dir: Path) -> Iterator[None]:
    """Take the folder for this demo, and only one that is a demo's. Raises BadInput otherwise; deletes nothing."""
    marker = data_dir / MARKER
    if data_dir.exists() and not marker.exists() and any(data_dir.iterdir()):
        raise BadInput(f"{data_dir} is no demo's folder and not empty. Choose another one with --data-dir.")
    data_dir.mkdir(parents=True, exist_ok=True)
    with marker.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"A demo is running on {data_dir}. Stop it first, then start again.") from None
        yield


def _clear(data_dir: Path) -> None:
    """Only what a demo puts there."""
    for name in ("mailbox", "knowledge"):
        shutil.rmtree(data_dir / name, ignore_errors=True)
    for pattern in ("desk.sqlite*", "checkpoints.sqlite*", "secret-key", "api-token"):
        for file in data_dir.glob(pattern):
            file.unlink()


def _set_up(settings: Settings, environ: Mapping[str, str], token_path: Path) -> None:
    lay_out(settings.data_dir)
    password, token = asyncio.run(_furnish(settings, environ))
    _keep(token, token_path)
    _say(f"Sign in as   {OPERATOR}", f"Password     {password}", f"API token    {token}")
    _say(f"Password and token are shown this once; the token is also in {token_path}")


def demo_settings(environ: Mapping[str, str], data_dir: Path, port: int) -> Settings:
    """Embedded defaults, whatever database the environment names; a configured model is used."""
    fixed = {
        "CA_DATA_DIR": str(data_dir),
        "CA_DATABASE_URL": "",
        "CA_HOST": "127.0.0.1",
        "CA_PORT": str(port),
        "CA_BASE_URL": "",
        "CA_DESK_NAME": "Helios Solar",
        "CA_KNOWLEDGE_DIR": "",
        "CA_SYNC_EVERY_S": "1",
    }
    return Settings.read({**environ, **fixed})


def lay_out(data_dir: Path) -> None:
    """Copy the sample mailbox (as a Maildir) and the knowledge base."""
    mailbox = data_dir / "mailbox"
    for folder in ("new", "cur", "tmp"):
        (mailbox / folder).mkdir(parents=True, exist_ok=True)
    with as_file(files("entrypoints") / "sample") as sample:
        shutil.copytree(sample / "knowledge", data_dir / "knowledge", dirs_exist_ok=True)
        mails = sorted((sample / "mailbox").glob("*.eml"))
        for mail, delivered_at in zip(mails, _delivery_times(mails), strict=True):
            shutil.copyfile(mail, mailbox / "new" / f"{delivered_at}.{mail.stem}.sample")


def _delivery_times(mails: list[Path]) -> list[int]:
    """The sample's own dates, squeezed so that the newest mail came a few minutes ago."""
    dates = [_date_of(mail) for mail in mails]
    first, last, now = min(dates), max(dates), time.time()
    return [int(now - NEWEST_S - (last - date) / (last - first) * SPREAD_S) for date in dates]


def _date_of(mail: Path) -> float:
    head = mail.read_bytes().partition(b"\n\n")[0].decode("latin-1")
    line = next(line for line in head.splitlines() if line.lower().startswith("date:"))
    return parsedate_to_datetime(line[5:].strip()).timestamp()


async def _furnish(settings: Settings, environ: Mapping[str, str]) -> tuple[str, str]:
    """The operator's password and the token's text."""
    password = secrets.token_urlsafe(12)
    mailbox = {"path": str((settings.data_dir / "mailbox").absolute()), "authserv_id": AUTHSERV_ID}
    async with opened(settings, environ) as parts:
        await new_operator(parts, OPERATOR, "Ada Lind", "admin", password)
        await add_mailbox(parts, "maildir", ADDRESS, mailbox)
        return password, await new_token(parts, "demo", SCOPES)


def _keep(token: str, path: Path) -> None:
    """Only this user may read it. Written last: the file says that the set-up is complete."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")


def _say(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - the newcomer's first page
