"""The commands `eval` and `backtest`: how good the model is, on labelled mails and on the desk's own past."""

import asyncio
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from entrypoints.cli_base import settings_of


class Amount(click.ParamType[Decimal]):
    """Money, exactly as written."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0:
            self.fail(f"{value!r} is no amount. Write it like 2.50.", param, ctx)
        return amount


_MODEL = click.option(
    "--model",
    type=click.Choice(["configured", "local"]),
    default="configured",
    show_default=True,
    help="The model of the settings, or the rules that need none.",
)
_KNOWLEDGE = click.option(
    "--knowledge", help="A folder of articles, or `sample`; the desk's own articles when it is left out."
)
_CAP = click.option("--cap", type=Amount(), help="Begin no further mail when this much is spent (see prices).")
_CONCURRENCY = click.option("--concurrency", type=click.IntRange(1, 64), default=4, show_default=True)


@click.command("eval")
@click.option("--data", required=True, help="JSON lines (docs/evaluation.md), `shipped`, or `desk`: closed tickets.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the reports.")
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="An older report.json.")
@click.option("--gate", help="A condition, like 'category.accuracy >= 0.8 and not worse(category.accuracy)'.")
@click.option("--target", type=click.FloatRange(0.5, 1.0), default=0.97, show_default=True, help="Wanted precision.")
@click.option(
    "--newest", type=click.FloatRange(0.01, 1.0), default=0.3, show_default=True, help="Share of `desk` used."
)
@_MODEL
@_KNOWLEDGE
@_CAP
@_CONCURRENCY
def evaluate(
    data: str,
    out: Path,
    baseline: Path | None,
    gate: str | None,
    target: float,
    newest: float,
    model: str,
    knowledge: str | None,
    cap: Decimal | None,
    concurrency: int,
) -> None:
    """Measure the model on labelled mails. Started again, it goes on where it was.

    Exit code 1: the gate did not hold. 2: something cannot be used. 3: stopped by --cap or the day's budget.
    """
    from entrypoints.evaluation.bench import Wanted
    from entrypoints.evaluation.evaluating import Asked, bars, exit_code, summary
    from entrypoints.evaluation.evaluating import evaluate as run

    settings, environ = settings_of(quiet=True)
    asked = Asked(data, out, Wanted(model, knowledge, cap), baseline, gate, target, newest, concurrency)
    with bars("Mails") as (advance,):
        report = asyncio.run(run(settings, environ, asked, advance))
    for line in summary(report, out):
        click.echo(line)
    for warning in report.warnings:
        click.echo(warning, err=True)
    sys.exit(exit_code(report))


@click.command()
@click.argument("path")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the reports.")
@click.option("--address", "own", multiple=True, help="The team's own address; may be repeated. Guessed when left out.")
@click.option("--days", type=click.FloatRange(0.1), default=90.0, show_default=True, help="Before the newest mail.")
@click.option("--all", "everything", is_flag=True, help="Everything there is, instead of --days.")
@click.option(
    "--examples", type=click.IntRange(0, 50), default=5, show_default=True, help="Drafts shown beside replies."
)
@click.option("--minutes-to-sort", type=click.FloatRange(0), default=1.0, show_default=True)
@click.option("--words-a-minute", type=click.FloatRange(1), default=20.0, show_default=True, help="Written by hand.")
@click.option("--minutes-to-check", type=click.FloatRange(0), default=1.0, show_default=True, help="For each draft.")
@click.option("--useful-from", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Share of the words.")
@_MODEL
@_KNOWLEDGE
@_CAP
@_CONCURRENCY
def backtest(path: str, out: Path, **options: Any) -> None:
    """What the agent would have made of the past: PATH is an mbox, a Maildir, or `desk` for its closed tickets.

    Nothing is sent. Started again, it goes on where it was. Exit code 3: stopped by --cap or the day's budget.
    """
    from entrypoints.evaluation.backtest import BacktestAsked, summary
    from entrypoints.evaluation.backtest import backtest as run
    from entrypoints.evaluation.bench import Wanted
    from entrypoints.evaluation.evaluating import UNFINISHED, bars
    from tickets.savings import Assumptions

    settings, environ = settings_of(quiet=True)
    assumed = Assumptions(
        options["minutes_to_sort"], options["words_a_minute"], options["minutes_to_check"], options["useful_from"]
    )
    asked = BacktestAsked(
        path,
        out,
        Wanted(options["model"], options["knowledge"], options["cap"]),
        options["own"],
        None if options["everything"] else options["days"],
        assumed,
        options["examples"],
        options["concurrency"],
    )
    with bars("Reading", "Mails") as (read, tried):
        report = asyncio.run(run(settings, environ, asked, read, tried))
    for line in summary(report, out):
        click.echo(line)
    for warning in report.warnings:
        click.echo(warning, err=True)
    sys.exit(UNFINISHED if report.stopped else 0)
