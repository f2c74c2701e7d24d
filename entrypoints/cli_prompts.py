"""The commands `prompts`: what the language model is told, in every version."""

import asyncio
import sys
from pathlib import Path

import click

from entrypoints.cli_base import settings_of


@click.group()
def prompts() -> None:
    """The instructions of the language model, and their versions."""


@prompts.command("list")
def list_prompts() -> None:
    """Every version; the ones in use are marked with a star."""
    from adapters.prompt_versions import current, shipped

    in_use = set(current().chosen.values())
    for prompt in shipped():
        star = "*" if prompt in in_use else " "
        click.echo(f"{star} {prompt.mark}  {len(prompt.text):>6} characters")


@prompts.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the text of NAME: draft@1, or draft for the newest."""
    from adapters.prompt_versions import prompt_named

    click.echo(prompt_named(name).text)


@prompts.command()
@click.argument("older")
@click.argument("newer")
@click.option("--data", help="Mails to try both on: a file of JSON lines, `shipped`, or `desk`.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of both reports.")
@click.option("--knowledge", help="A folder of articles, or `sample`; the desk's own when it is left out.")
@click.option("--gate", help="A condition on the newer one, as for `eval`.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=4, show_default=True)
def diff(
    older: str,
    newer: str,
    data: str | None,
    out: Path | None,
    knowledge: str | None,
    gate: str | None,
    concurrency: int,
) -> None:
    """Compare two versions: draft@1, draft@2, or a file like draft.friendlier.txt.

    With --data and --out both are tried on the same mails with the configured model.
    """
    from adapters.prompt_versions import prompt_named
    from entrypoints.evaluation.prompt_diff import Sides, text_diff

    sides = Sides(prompt_named(older), prompt_named(newer))
    click.echo("\n".join(text_diff(sides)) or "The texts are the same.")
    if data is None:
        return
    if out is None:
        raise click.UsageError("--data needs --out, the folder of the reports.")
    from entrypoints.evaluation.bench import Wanted
    from entrypoints.evaluation.evaluating import Asked, bars, exit_code, summary
    from entrypoints.evaluation.prompt_diff import compare

    settings, environ = settings_of(quiet=True)
    asked = Asked(data, out, Wanted(knowledge=knowledge), gate=gate, concurrency=concurrency)
    with bars(sides.older.version, sides.newer.version) as (before, after):
        report = asyncio.run(compare(settings, environ, sides, asked, (before, after)))
    for line in summary(report, out):
        click.echo(line)
    for warning in report.warnings:
        click.echo(warning, err=True)
    sys.exit(exit_code(report))
