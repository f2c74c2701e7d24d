"""The command `import`: mail from an mbox or a Maildir becomes history at the desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from adapters.importing import FileArchive, Kind
from entrypoints.wiring import Parts
from tickets.arrival import own_addresses
from tickets.importing import Advance, Importing, ImportReport
from tickets.people import CONSOLE

ANSWER_NEWER_THAN_DAYS: Final = 7.0
FILING: Final = "Filing"
BAR_WIDTH: Final = 14  # with figures in millions the line still fits 80 columns


async def import_mail(
    parts: Parts,
    path: Path,
    kind: Kind,
    address: str,
    *,
    report: "Bars",
    answer_newer_than_days: float = ANSWER_NEWER_THAN_DAYS,
    dry_run: bool = False,
) -> ImportReport:
    """File an archive into the mailbox with that address; only mail that is newer than so many days gets drafts.

    Raises BadInput for a path that is no such archive, NotFound for an unknown mailbox, Conflict while another import
    into it runs.
    """
    clock, sync = parts.services.clock, parts.sync
    archive = FileArchive(path, kind, own_addresses(await parts.store.mailboxes()), now=clock.now)
    importing = Importing(
        sync.store, sync.open_mailbox, sync.parser, sync.leases, sync.clock, sync.log, sync.crash, sync.policy
    )
    if dry_run:
        return await importing.preview(archive, address, report.reading)
    return await importing.load(
        archive,
        address,
        answer_since=clock.now() - timedelta(days=answer_newer_than_days),
        by=CONSOLE,
        read=report.reading,
        filed=report.filing,
    )


class _Filed(ProgressColumn):
    """Mails and their rate; the reading of an archive is counted in bytes, which say nothing to people."""

    def render(self, task: Task) -> Text:
        if task.description != FILING:
            return Text("")
        speed = f", {task.speed:,.0f}/s" if task.speed else ""
        return Text(f"{task.completed:,.0f} of {task.total or 0:,.0f}{speed}")


class Bars:
    """Two bars, one after the other: how far the archive is looked through, and how many mails are filed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    @property
    def reading(self) -> Advance:
        return lambda done, total: self._show("Looking through", done, total)

    @property
    def filing(self) -> Advance:
        return lambda done, total: self._show(FILING, done, total)

    def _show(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)


def columns() -> tuple[ProgressColumn, ...]:
    """What a bar shows, in less than 80 columns."""
    return (
        TextColumn("{task.description}"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        _Filed(),
        TimeRemainingColumn(),
    )


@contextmanager
def bars(console: Console | None = None) -> Iterator[Bars]:
    """Bars with rate and time left on standard error; off a terminal each shows its end only."""
    with Progress(*columns(), console=console or Console(stderr=True)) as progress:
        yield Bars(progress)


def summary(report: ImportReport, *, dry_run: bool = False) -> Iterator[str]:
    """What the command prints at the end."""
    span = f", from {report.oldest:%Y-%m-%d} to {report.newest:%Y-%m-%d}" if report.oldest and report.newest else ""
    yield f"{report.total} mails{span}; {report.known} were on record already"
    if dry_run:
        yield f"{report.total - report.known} would be read. Nothing was written."
        return
    if report.known == report.total:
        yield "Nothing was left to do."
        return
    counted = ("opened", "appended", "automatic", "skipped", "quarantined", "failed")
    yield ", ".join(f"{name} {getattr(report, name)}" for name in counted)
    if report.closed:
        yield f"History: {report.closed} of them, filed on closed tickets, without a draft"
    yield from (f"  skipped {count}: {reason}" for reason, count in sorted(report.reasons.items()))
