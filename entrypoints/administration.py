"""What the settings pages need beside the desk."""

from dataclasses import replace

from adapters.reply_html import reply_html
from api.services import Services
from persistence.engine import Database
from persistence.knowledge import SqlKnowledgeBase


def with_administration(services: Services, database: Database) -> Services:
    """The services with what administrators change and look at."""
    return replace(services, knowledge_base=SqlKnowledgeBase(database), as_html=reply_html)
