"""Archives, written as other programs write them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from adapters.importing import FileArchive, Kind
from tests.agent.world import ADDRESS
from tickets.importing import Archived
from tickets.ports import Incoming

TODAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # what the world's clock says at first


def letter(
    subject: str = "Inverter",
    *,
    days_ago: float = 100,
    sender: str = "anna@example.net",
    to: str = ADDRESS,
    message_id: str | None = None,
    answers: str | None = None,
    body: str = "It beeps.",
    extra: str = "",
) -> bytes:
    """One mail of that age."""
    at = TODAY - timedelta(days=days_ago)
    message_id = message_id or f"<{subject.replace(' ', '-')}-{days_ago}@example.net>"
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {format_datetime(at)}\nMessage-ID: {message_id}\n"
    parents = f"In-Reply-To: {answers}\nReferences: {answers}\n" if answers else ""
    return f"{head}{parents}{extra}\n{body}\n".encode()


def mbox(path: Path, letters: Iterable[bytes], separator: bytes = b"From - Mon Mar  2 09:00:00 2026") -> Path:
    """As mail programs write it: lines that look like a separator are quoted."""
    with path.open("wb") as file:
        for raw in letters:
            quoted = b"\n".join(b">" + line if _looks_like_a_separator(line) else line for line in raw.split(b"\n"))
            file.write(separator + b"\n" + quoted + b"\n")
    return path


def maildir(path: Path, letters: Iterable[bytes], flags: str = "S") -> Path:
    for part in ("new", "cur", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(letters):
        (path / "cur" / f"1770000000.M{number}P{len(list((path / 'cur').iterdir()))}.host:2,{flags}").write_bytes(raw)
    return path


def opened(path: Path, kind: Kind = "mbox") -> FileArchive:
    return FileArchive(path, kind, frozenset({ADDRESS}), now=lambda: TODAY)


async def everything(archive: FileArchive) -> list[Incoming]:
    contents: list[Archived] = list(await archive.contents(lambda done, total: None))
    return list(await archive.read(contents))


def _looks_like_a_separator(line: bytes) -> bool:
    return line.lstrip(b">").startswith(b"From ")
