"""The command `backtest`: what the agent would have made of the past, beside what the team really answered.

It reads an archive (or the desk's closed tickets) and asks a model. It holds no mailbox and no outbox: no code that is
reached from here can send, prepare or change a mail.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.parser import ProcessParser
from entrypoints.evaluation.archive import cases_of_archive
from entrypoints.evaluation.backtest_report import BacktestReport, backtest_report_of, write_backtest
from entrypoints.evaluation.bench import Bench, Wanted, opened_bench
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.desk_history import cases_of_desk
from entrypoints.evaluation.runner import CONCURRENCY, Advance, run_cases
from entrypoints.settings import Settings
from persistence.past import own_addresses_of
from tickets.errors import BadInput
from tickets.savings import Assumptions

DESK: Final = "desk"
QUARTER_DAYS: Final = 90.0


@dataclass(frozen=True, slots=True)
class BacktestAsked:
    """`path` is an mbox, a Maildir, or `desk`. `days` before the newest mail count; None for all there is."""

    path: str
    out: Path
    wanted: Wanted = field(default_factory=Wanted)
    own: tuple[str, ...] = ()
    days: float | None = QUARTER_DAYS
    assumed: Assumptions = field(default_factory=Assumptions)
    examples: int = 5
    concurrency: int = CONCURRENCY


@dataclass(frozen=True, slots=True)
class Found:
    """The cases of the past, and what they are."""

    cases: Sequence[Case]
    source: str
    since: datetime
    until: datetime
    notes: tuple[str, ...] = ()


async def backtest(
    settings: Settings, environ: Mapping[str, str], asked: BacktestAsked, read: Advance, tried: Advance
) -> BacktestReport:
    """Works on what is not done yet, and writes the reports. Raises DeskError for what cannot be used."""
    asked.out.mkdir(parents=True, exist_ok=True)
    wanted = replace(asked.wanted, first_versions=asked.path != DESK)
    async with opened_bench(settings, environ, wanted) as bench:
        found = await (_of_desk(asked, bench) if asked.path == DESK else _of_archive(settings, asked, bench, read))
        if not found.cases:
            raise BadInput(f"{found.source} holds no mail of a customer in that time. Try --days, or --address.")
        run = await run_cases(bench, found.cases, asked.out, tried, asked.concurrency)
        if not run.pairs:
            raise BadInput(f"{run.stopped}: no mail is done, so there is nothing to report.")
        report = backtest_report_of(run, bench, found.source, (found.since, found.until), asked.assumed, found.notes)
        write_backtest(report, run, asked.out, asked.examples)
        return report


async def _of_archive(settings: Settings, asked: BacktestAsked, bench: Bench, read: Advance) -> Found:
    own = frozenset(address.strip().casefold() for address in asked.own)
    if not own and bench.database:
        own = await own_addresses_of(bench.database)
    async with ProcessParser(max_bytes=settings.max_mail_mb * 2**20) as parser:
        found = await cases_of_archive(Path(asked.path), own, asked.days, parser, read)
    notes = [f"The team's address is taken to be {', '.join(sorted(found.own))}."]
    if found.unreadable:
        notes.append(f"{found.unreadable} mails could not be read and are left out.")
    return Found(found.cases, Path(asked.path).name, found.since, found.until, tuple(notes))


async def _of_desk(asked: BacktestAsked, bench: Bench) -> Found:
    if bench.database is None:
        raise BadInput("There is no desk here. Set CA_DATA_DIR or CA_DATABASE_URL to the desk's, or name an archive.")
    cases = await cases_of_desk(bench.database)
    until = cases[-1].at if cases else datetime.now(UTC)
    since = until - timedelta(days=asked.days) if asked.days is not None else cases[0].at if cases else until
    chosen = [case for case in cases if case.at >= since]
    return Found(chosen, "the desk's closed tickets", since, until)


def summary(report: BacktestReport, out: Path) -> Iterator[str]:
    """What the command prints at the end."""
    yield f"{report.mails} mails of customers, {report.since:%Y-%m-%d} to {report.until:%Y-%m-%d}"
    yield f"answered by the team {report.answered}, drafted by the agent {report.drafted}"
    yield f"agreed on whether to answer {report.agreed / max(1, report.mails):.1%}"
    with suppress(KeyError):
        yield f"likeness of draft and answer {report.figures['draft.fidelity'].value:.2f} on average"
    yield f"drafts worth editing {report.useful} of {report.compared}"
    yield f"estimated saving {report.saved.total / 60:.1f} hours"
    if report.cost:
        yield f"cost {report.cost:.2f} {report.currency}"
    yield f"Reports: {out / 'backtest.html'}, backtest.json"
