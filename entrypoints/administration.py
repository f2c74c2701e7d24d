"""What the settings pages need beside the desk."""

from dataclasses import replace

import structlog

from adapters.knowledge_upload import read_uploads
from adapters.reply_html import reply_html
from api.services import Services
from persistence.engine import Database
from persistence.examples import SqlExamples
from persistence.knowledge import SqlKnowledgeBase
from persistence.model_calls import SqlModelCalls
from tickets.desk_settings import DeskSettings
from tickets.knowledge_import import KnowledgeImport
from tickets.ports import Clock, Model
from tickets.spending import Spending

log = structlog.get_logger()


def spending_of(database: Database, desk_settings: DeskSettings, clock: Clock) -> Spending:
    """What language models are asked through."""
    return Spending(SqlModelCalls(database), desk_settings, clock, log.warning)


def with_administration(services: Services, database: Database, model: Model) -> Services:
    """The services with what administrators change and look at."""
    base = SqlKnowledgeBase(database)
    return replace(
        services,
        knowledge_base=base,
        knowledge_import=KnowledgeImport(base, read_uploads, services.clock),
        as_html=reply_html,
        examples=SqlExamples(database),
        spending=spending_of(database, services.desk_settings, services.clock),
        try_model=getattr(model, "tried", None),  # the local model has nothing to try
    )
