"""The commands `knowledge import` and `knowledge export`: articles and ready texts as files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from entrypoints.cli_base import with_parts

if TYPE_CHECKING:
    from entrypoints.wiring import Parts


@click.group()
def knowledge() -> None:
    """Import and export articles and ready texts."""


@knowledge.command("import")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def import_folder(folder: Path) -> None:
    """Take in every Markdown file below FOLDER. Running it again changes nothing."""

    async def run(parts: "Parts") -> str:
        from adapters.clock import SystemClock
        from adapters.knowledge import FolderKnowledge
        from persistence.knowledge import SqlKnowledgeBase
        from tickets.people import CONSOLE

        articles = FolderKnowledge(folder).articles
        done = await SqlKnowledgeBase(parts.database).take_in(articles, CONSOLE, SystemClock().now())
        return f"{done.added} added, {done.changed} changed, {done.unchanged} as before."

    click.echo(with_parts(run))


@knowledge.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_folder(folder: Path) -> None:
    """Write every article in use into FOLDER, one Markdown file each."""

    async def run(parts: "Parts") -> int:
        from adapters.kept_knowledge import write_folder
        from persistence.knowledge import SqlKnowledgeBase

        kept = [each.article for each in await SqlKnowledgeBase(parts.database).kept() if not each.is_retired]
        write_folder(folder, kept)
        return len(kept)

    click.echo(f"{with_parts(run)} written to {folder}.")
