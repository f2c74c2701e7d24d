"""The company's knowledge when the desk starts, and the commands that import and export it."""

from pathlib import Path

import click

from adapters.clock import SystemClock
from adapters.knowledge import FolderKnowledge
from entrypoints.cli_base import with_parts
from entrypoints.settings import Settings
from persistence.engine import Database
from persistence.knowledge import SqlKnowledgeBase
from tickets.people import CONSOLE


def knowledge_folder(settings: Settings) -> Path | None:
    """Where the Markdown files are that a fresh desk begins with; None when there are none."""
    folder = settings.knowledge_dir or settings.data_dir / "knowledge"
    return folder if settings.knowledge_dir or folder.is_dir() else None


async def begin_with_folder(settings: Settings, database: Database) -> None:
    """Import the folder into a desk that has no article yet. Raises DeskError for a file that cannot be read."""
    base = SqlKnowledgeBase(database)
    if not await base.kept() and (found := FolderKnowledge(knowledge_folder(settings)).articles):
        await base.take_in(found, CONSOLE, SystemClock().now())


@click.group()
def knowledge() -> None:
    """Import and export articles and ready texts."""


@knowledge.command("import")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def import_folder(folder: Path) -> None:
    """Take in every Markdown file below FOLDER. Running it again changes nothing."""
    from entrypoints.wiring import Parts

    async def run(parts: Parts) -> str:
        done = await SqlKnowledgeBase(parts.database).take_in(
            FolderKnowledge(folder).articles, CONSOLE, SystemClock().now()
        )
        return f"{done.added} added, {done.changed} changed, {done.unchanged} as before."

    click.echo(with_parts(run))


@knowledge.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_folder(folder: Path) -> None:
    """Write every article in use into FOLDER, one Markdown file each."""
    from adapters.kept_knowledge import write_folder
    from entrypoints.wiring import Parts

    async def run(parts: Parts) -> int:
        kept = [each.article for each in await SqlKnowledgeBase(parts.database).kept() if not each.is_retired]
        write_folder(folder, kept)
        return len(kept)

    click.echo(f"{with_parts(run)} written to {folder}.")
