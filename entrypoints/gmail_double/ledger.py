"""What was accepted for sending: one JSON line for each mail, on disk before the client is answered."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Accepted:
    """A mail that left. `sha256` is of the bytes as submitted, before any header was rewritten.

    `recipients` are all addresses it went to, those of Bcc too.
    """

    account: str
    gmail_id: str
    gmail_thread_id: str
    message_id: str
    to: str
    subject: str
    send_id: str
    sha256: str
    at_ms: int
    recipients: tuple[str, ...] = ()


class Ledger:
    """Accepted mails, oldest first; with a file, also those of earlier runs."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.lines: list[Accepted] = read_ledger(path) if path else []

    def accept(self, mail: Accepted) -> None:
        """Note the mail. It is on disk when this returns, so a kill cannot lose it."""
        self.lines.append(mail)
        if self.path:
            with self.path.open("ab") as file:
                file.write(json.dumps(asdict(mail)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())

    def forget(self) -> None:
        """Empty the memory; the file is never shortened."""
        self.lines = []


def read_ledger(path: Path) -> list[Accepted]:
    """The lines of a ledger file; none when there is no file."""
    if not path.exists():
        return []
    return [_accepted(line) for line in path.read_text("utf-8").splitlines() if line]


def _accepted(line: str) -> Accepted:
    read = json.loads(line)
    return Accepted(**read | {"recipients": tuple(read.get("recipients", ()))})
