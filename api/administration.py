"""What administrators do on the settings pages, gathered: the handlers of the pages, and those for scripts."""

from collections.abc import Sequence
from typing import Final

from litestar.handlers import HTTPRouteHandler

from api.categories import category_handlers, category_page_handlers
from api.knowledge import knowledge_handlers, knowledge_page_handlers
from api.knowledge_import import knowledge_import_handlers, knowledge_import_page_handlers
from api.model_use import model_handlers, model_page_handlers
from api.notice_pages import notice_page_handlers
from api.notices import notice_handlers
from api.retention import retention_handlers, retention_page_handlers
from api.routing import routing_handlers, routing_page_handlers
from api.section_pages import section_page_handlers
from api.section_rest import section_handlers

administration_page_handlers: Final[Sequence[HTTPRouteHandler]] = (
    *section_page_handlers,
    *retention_page_handlers,
    *knowledge_import_page_handlers,
    *category_page_handlers,
    *routing_page_handlers,
    *knowledge_page_handlers,
    *model_page_handlers,
    *notice_page_handlers,
)
administration_handlers: Final[Sequence[HTTPRouteHandler]] = (
    *section_handlers,
    *retention_handlers,
    *knowledge_import_handlers,
    *category_handlers,
    *routing_handlers,
    *knowledge_handlers,
    *model_handlers,
    *notice_handlers,
)
