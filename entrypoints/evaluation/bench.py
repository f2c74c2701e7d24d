"""What cases are tried on: a model, articles, categories and rules, and no mailbox at all.

With a desk in the data directory (or `CA_DATABASE_URL`) its articles, categories, rules, prices and budget are used and
its spending is added to; its tables are never migrated from here. Without one the shipped defaults are.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from adapters.chat_settings import ChatSettings, profile
from adapters.clock import SystemClock
from adapters.example_index import MOST
from adapters.knowledge import FolderKnowledge
from adapters.local_model import LocalModel
from adapters.prompt_versions import Prompts, current
from entrypoints.administration import spending_of
from entrypoints.board_parts import desk_settings_of
from entrypoints.evaluation.decided_by_then import DecidedByThen
from entrypoints.evaluation.knowledge_of_then import KnowledgeOfThen, always, from_the_beginning, revisions_in
from entrypoints.evaluation.metering import CaseMeter
from entrypoints.settings import Settings
from persistence.engine import Database, open_database
from persistence.examples import SqlExamples
from persistence.knowledge import SqlKnowledgeBase
from persistence.migrate import is_current
from tickets.categories import SHIPPED, Categories
from tickets.desk_settings import ModelBudget
from tickets.errors import BadInput
from tickets.ports import Model
from tickets.routing import RoutingRules, Rule

LOCAL: Final = "local"
CONFIGURED: Final = "configured"
SAMPLE: Final = "sample"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked to use. `knowledge` is a folder, `sample`, or None for the desk's own articles."""

    model: str = CONFIGURED
    knowledge: str | None = None
    cap: Decimal | None = None
    prompts: Prompts | None = None
    first_versions: bool = False  # stand for articles before they were written


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a case needs. `database` is the desk's, where there is one."""

    model: Model
    knowledge: KnowledgeOfThen
    meter: CaseMeter
    categories: Categories = SHIPPED
    rules: Sequence[Rule] = ()
    allowed: tuple[str, ...] = ()
    prompts: Prompts | None = None  # None: the model has none
    database: Database | None = None
    decided: DecidedByThen | None = None
    names: tuple[str, ...] = ()  # how the model signs its steps, where they have models of their own

    @property
    def signatures(self) -> tuple[str, ...]:
        """What is signed otherwise was written by a fallback."""
        return self.names or (self.model.name,)

    @property
    def label(self) -> str:
        """What the results hang on besides the cases: model and prompts."""
        stamps = [self.prompts.stamp(step) for step in ("triage", "plan", "draft")] if self.prompts else []
        return " | ".join([*self.signatures, *stamps])


@asynccontextmanager
async def opened_bench(settings: Settings, environ: Mapping[str, str], wanted: Wanted) -> AsyncIterator[Bench]:
    """Raises DeskError with what to do."""
    async with AsyncExitStack() as stack:
        database = _database(settings)
        if database:
            stack.push_async_callback(database.close)
            await database.ping()
        yield await _bench(settings, environ, wanted, database)


def _database(settings: Settings) -> Database | None:
    if settings.database_url is None and not (settings.data_dir / _FILE).exists():
        return None
    if not is_current(settings.database):
        raise BadInput("The database has not the tables of this version. Run `communication-agent migrate` first.")
    return open_database(settings.database)


_FILE: Final = "desk.sqlite"


async def _bench(settings: Settings, environ: Mapping[str, str], wanted: Wanted, database: Database | None) -> Bench:
    knowledge = await _knowledge(settings, wanted, database)
    meter, categories = CaseMeter(cap=wanted.cap), SHIPPED
    rules: Sequence[Rule] = ()
    if database:
        clock, sections = SystemClock(), desk_settings_of(settings, database)
        budget = await sections.read(ModelBudget)
        # What costs nothing is stopped by no budget.
        spending = spending_of(database, sections, clock) if _is_chat(settings, environ, wanted) else None
        meter = CaseMeter(budget, spending, wanted.cap)
        categories, rules = await sections.read(Categories), (await sections.read(RoutingRules)).rules
    examples = await SqlExamples(database).newest(MOST) if database else ()
    decided = DecidedByThen(examples, lambda: knowledge.moment)
    model, prompts = _model(settings, environ, wanted, knowledge, meter, decided)
    allowed = tuple(part.strip() for part in settings.allowed_statements.split(",") if part.strip())
    chat = chat_settings(settings, environ) if _is_chat(settings, environ, wanted) else None
    names = chat.names if chat else ()
    return Bench(model, knowledge, meter, categories, rules, allowed, prompts, database, decided, names)


def _model(
    settings: Settings,
    environ: Mapping[str, str],
    wanted: Wanted,
    knowledge: KnowledgeOfThen,
    meter: CaseMeter,
    decided: DecidedByThen,
) -> tuple[Model, Prompts | None]:
    local = LocalModel(knowledge, settings.desk_name, decided)
    chat = chat_settings(settings, environ) if _is_chat(settings, environ, wanted) else None
    if chat is None:
        return local, None
    from adapters.chat_model import ChatModel

    prompts = wanted.prompts or current()
    return ChatModel(chat, local, settings.desk_name, meter=meter, prompts=prompts), prompts


def _is_chat(settings: Settings, environ: Mapping[str, str], wanted: Wanted) -> bool:
    return wanted.model != LOCAL and chat_settings(settings, environ) is not None


def chat_settings(settings: Settings, environ: Mapping[str, str]) -> ChatSettings | None:
    """The language model that is configured, whose key may come from a file; None for none."""
    return profile({**environ, **settings.model_keys})


async def _knowledge(settings: Settings, wanted: Wanted, database: Database | None) -> KnowledgeOfThen:
    if wanted.knowledge == SAMPLE:
        with as_file(files("entrypoints") / "sample" / "knowledge") as folder:
            return KnowledgeOfThen(always(FolderKnowledge(folder).articles))
    if wanted.knowledge is not None:
        return KnowledgeOfThen(always(FolderKnowledge(Path(wanted.knowledge)).articles))
    if database:
        revisions = await revisions_in(SqlKnowledgeBase(database))
        return KnowledgeOfThen(from_the_beginning(revisions) if wanted.first_versions else revisions)
    folder = settings.knowledge_dir or settings.data_dir / "knowledge"
    return KnowledgeOfThen(always(FolderKnowledge(folder).articles if folder.is_dir() else ()))
