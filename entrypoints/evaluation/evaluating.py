"""The command `eval`: cases through the model, figures out, and a gate on them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from entrypoints.evaluation.bench import SAMPLE, Bench, Wanted, opened_bench
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.desk_history import cases_of_desk
from entrypoints.evaluation.labelled import SHIPPED, cases_in, shipped_or
from entrypoints.evaluation.measures import TARGET
from entrypoints.evaluation.papers import write_report
from entrypoints.evaluation.report import Baseline, Report, read_baseline, report_of
from entrypoints.evaluation.runner import CONCURRENCY, Advance, run_cases
from entrypoints.settings import Settings
from tickets.errors import BadInput
from tickets.gates import check

PASSED: Final = 0
GATE_FAILED: Final = 1
UNFINISHED: Final = 3
DESK: Final = "desk"
NEWEST_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. `data` is a file, `shipped`, or `desk` for its own closed tickets."""

    data: str
    out: Path
    wanted: Wanted = field(default_factory=Wanted)
    baseline: Path | None = None
    gate: str | None = None
    target: float = TARGET
    newest_share: float = NEWEST_SHARE
    concurrency: int = CONCURRENCY


async def evaluate(settings: Settings, environ: Mapping[str, str], asked: Asked, advance: Advance) -> Report:
    """Runs what is not done yet, and writes the three reports. Raises DeskError for what cannot be used."""
    if asked.gate:
        check(asked.gate)
    baseline = read_baseline(asked.baseline) if asked.baseline else None
    asked.out.mkdir(parents=True, exist_ok=True)
    async with opened_bench(settings, environ, _with_articles(asked)) as bench:
        cases, source = await _cases(asked, bench)
        return await measured(bench, cases, source, asked, baseline, advance)


async def measured(
    bench: Bench, cases: Sequence[Case], source: str, asked: Asked, baseline: Baseline | None, advance: Advance
) -> Report:
    """The run and its reports, on a bench that is open."""
    run = await run_cases(bench, cases, asked.out, advance, asked.concurrency)
    if not run.pairs:
        raise BadInput(f"{run.stopped or 'Nothing was done'}: no case is done, so there is nothing to report.")
    report = report_of(run, bench, source, datetime.now(UTC), asked.target, baseline, asked.gate)
    write_report(report, asked.out)
    return report


def _with_articles(asked: Asked) -> Wanted:
    """The shipped mails are those of the sample's company, so its articles answer them."""
    wanted = asked.wanted
    if asked.data == SHIPPED and wanted.knowledge is None:
        return replace(wanted, knowledge=SAMPLE)
    return wanted


async def _cases(asked: Asked, bench: Bench) -> tuple[Sequence[Case], str]:
    if asked.data != DESK:
        known = None if asked.data == SHIPPED else bench.categories.keys
        path = shipped_or(asked.data)
        return cases_in(path, known), "the shipped mails" if asked.data == SHIPPED else path.name
    if bench.database is None:
        raise BadInput("There is no desk here. Set CA_DATA_DIR or CA_DATABASE_URL to the desk's, or give --data FILE.")
    cases = await cases_of_desk(bench.database)
    newest = cases[len(cases) - max(1, round(len(cases) * asked.newest_share)) :]
    if not newest:
        raise BadInput("The desk has no closed tickets with a customer's mail yet. Close some, or give --data FILE.")
    return newest, f"the newest {len(newest)} of {len(cases)} mails on the desk's closed tickets"


def exit_code(report: Report) -> int:
    """A gate that did not hold fails the pipeline, unless there were too few rows to tell."""
    if report.verdict and report.verdict.is_binding and not report.verdict.held:
        return GATE_FAILED
    return UNFINISHED if report.stopped else PASSED


SHOWN: Final = (
    *("category.accuracy", "category.macro_f1", "routing.accuracy", "priority.accuracy", "language.accuracy"),
    *("needs_reply.accuracy", "coverage.share", "calibration.error", "draft.fidelity", "draft.written"),
    *("draft.unchanged", "injection.held", "latency.p50_s", "latency.p95_s", "cost.total"),
)


def summary(report: Report, out: Path) -> Iterator[str]:
    """What the command prints at the end."""
    for name in SHOWN:
        if figure := report.figures.get(name):
            interval = f"  ({figure.low:.3f} to {figure.high:.3f})" if figure.low is not None else ""
            change = report.differences.get(name)
            against = f"  {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})" if change else ""
            yield f"{name:<22} {figure.value:.3f}{interval}{against}"
    if report.verdict:
        held = "held" if report.verdict.held else "NOT held"
        binding = "" if report.verdict.is_binding else ", not binding"
        yield f"Gate {held}{binding}: {report.verdict.expression}"
    yield f"Reports: {out / 'report.html'}, report.md, report.json"


@contextmanager
def bars(*names: str, console: Console | None = None) -> Iterator[tuple[Advance, ...]]:
    """A bar for each name on standard error, shown once it moves; off a terminal its end only."""
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console or Console(stderr=True)) as progress:
        yield tuple(_advance(progress, progress.add_task(name, total=None, visible=False)) for name in names)


def _advance(progress: Progress, task: TaskID) -> Advance:
    return lambda done, total: progress.update(task, completed=done, total=total, visible=True)
