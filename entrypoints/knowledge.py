"""The company's knowledge when the desk starts for the first time."""

from pathlib import Path

from adapters.clock import SystemClock
from adapters.knowledge import FolderKnowledge
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
