"""A running desk with tickets in every state, and schemathesis run against it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.service import Home, Rest, Service, a_mail, rest

ADA = "ada@helios.example"
PASSWORD = "correct horse battery staple 9\n"
SEED = 20261128
# A key used twice, a tag that is no longer current and a ticket in another state are refused though the request fits
# the schema; so is a mailbox that does not answer.
ACCEPTED = [200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 412, 413, 422, 503]
REFUSED = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, 503]


@dataclass(frozen=True)
class Tried:
    """What schemathesis printed, and whether it found nothing."""

    code: int
    said: str


@contextmanager
def busy_desk(folder: Path) -> Iterator[tuple[Service, str]]:
    """The desk and a token of an administrator."""
    home = Home.at(folder, CA_RATE_LIMIT_PER_MINUTE="0", CA_UNDO_WINDOW_S="3600", CA_KNOWLEDGE_DIR="")
    home.command(
        "operator",
        "add",
        ADA,
        "--name",
        "Ada",
        "--role",
        "admin",
        "--password-stdin",
        stdin="correct horse battery staple 9\n",
    )
    mailbox, token = home.maildir(), home.token("admin")
    for subject in ("Inverter shows an error", "Where is my invoice?", "Offer for a battery", "Moving house"):
        mailbox.deliver(a_mail(subject))
    mailbox.deliver(a_mail("Away", Auto_Submitted="auto-replied"))
    with Service(home) as service:
        _in_every_state(rest(service, token))
        yield service, token


def _in_every_state(desk: Rest) -> None:
    desk.sync()
    waiting, closed, approved, _ = desk.tickets()
    desk.post(f"/tickets/{closed['id']}/reject", {"reason": "by phone"})
    desk.post(f"/tickets/{waiting['id']}/assign", {"assignee": ADA})
    desk.approve(desk.ticket(approved["id"]))


def try_all(url: str, token: str, folder: Path, *, examples: int, phases: str, seed: int = SEED) -> Tried:
    """Run it with all its checks on what the desk itself describes."""
    config = folder.absolute() / "schemathesis.toml"
    config.write_text(_config(rest_ids(url, token)))
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(f"{url}/schema/openapi.json", "--header", f"Authorization: Bearer {token}", "--checks", "all"),
        *("--max-examples", str(examples), "--phases", phases, "--seed", str(seed), "--generation-deterministic"),
        *("--no-color", "--suppress-health-check", "all", "--warnings", "off"),
        *("--continue-on-failure", "--request-timeout", "90"),
    )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return Tried(done.returncode, done.stdout + done.stderr)


def rest_ids(url: str, token: str) -> dict[str, list[str]]:
    """Ids that exist, so that not everything ends in 404."""
    desk = Rest(url, token)
    return {"ticket_id": [ticket["id"] for ticket in desk.tickets()]}


def _config(ids: dict[str, list[str]]) -> str:
    known = "\n".join(f'"path.{name}" = {json.dumps(values[0])}' for name, values in ids.items())
    return f"""
[parameters]
{known}

[checks]
positive_data_acceptance.expected-statuses = {ACCEPTED}
negative_data_rejection.expected-statuses = {REFUSED}
"""
