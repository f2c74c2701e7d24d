"""Builds the desk from its settings, top to bottom. Every program starts here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog

from adapters.chat_settings import profile
from adapters.clock import SystemClock
from adapters.example_index import ExampleIndex
from adapters.kept_knowledge import KeptKnowledge
from adapters.local_model import LocalModel
from adapters.parser import ProcessParser
from adapters.reply_html import reply_html
from api.services import Services, WebSettings
from entrypoints.administration import spending_of, with_administration
from entrypoints.bell import Bell
from entrypoints.board_parts import board_loops, desk_settings_of
from entrypoints.crash import crasher
from entrypoints.knowledge import begin_with_folder
from entrypoints.log import echo
from entrypoints.loops import DriveLoop, SyncLoop, Wake, survive, sweep_forever, tidy_forever, watch_forever
from entrypoints.mailbox_services import connecting_of, reconciliation_of, verify_push_of
from entrypoints.mailboxes import OpenMailboxes
from entrypoints.notices import notice_loops
from entrypoints.people_services import access_of, forget_forever, forgetting_of, sign_in_role
from entrypoints.readiness import Readiness
from entrypoints.rest_loops import rest_loops
from entrypoints.rest_services import with_rest
from entrypoints.retention import retention_loops, with_retention
from entrypoints.search_index import index_loops
from entrypoints.secret_key import secret_of
from entrypoints.settings import LOOPBACK, Settings
from entrypoints.ticket_services import with_past
from graph.approvals import Approvals
from graph.build import Ports, build
from graph.threads import Threads
from persistence.accounts import SqlAccounts
from persistence.boards import SqlBoards
from persistence.checkpoints import open_saver, prune
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database, open_database
from persistence.examples import SqlExamples
from persistence.knowledge import SqlKnowledgeBase
from persistence.leases import SqlLeases
from persistence.mailboxes import SqlMailboxes
from persistence.migrate import is_current, upgrade
from persistence.presence import SqlPresence
from persistence.reports import SqlFigures
from persistence.search import SqlSearch
from persistence.store import SqlStore
from tickets.agent import Agent
from tickets.arrival_policy import ArrivalPolicy
from tickets.delivery import Deliveries
from tickets.desk import Desk
from tickets.desk_settings import DeskSettings, TwoPerson
from tickets.drive import Drive
from tickets.errors import BadInput
from tickets.own_ids import OwnIds
from tickets.ports import Clock, Knowledge, Model, Parser
from tickets.quarantine import Quarantine
from tickets.spending import Spending
from tickets.storage import TicketStore
from tickets.sweep import Sweep
from tickets.sync import Sync
from tickets.ticket import TicketId
from tickets.tidying import Tidying
from tickets.watching import Watching

log = structlog.get_logger()

NO_MODEL = "Answers are written without a model: set ARCHITECT_BASE_URL (or another CA_MODEL_PROVIDER) to use one."


@dataclass(frozen=True)
class Parts:
    """The desk, built. `run` runs what goes on beside the web until it is cancelled."""

    settings: Settings
    services: Services
    store: SqlStore
    boards: SqlBoards
    accounts: SqlAccounts
    mailboxes: SqlMailboxes
    sync: Sync
    drive: Drive
    sweep: Sweep
    tidying: Tidying
    watching: Watching | None
    wake: Wake
    ports: Ports
    leases: SqlLeases
    sync_loop: SyncLoop
    database: Database

    async def run(self) -> None:
        """The drive, the sweep, the clearing up and the timer of the sync."""
        settings, store = self.settings, self.store
        drive_loop = DriveLoop(self.drive, store, self.services.clock, self.wake, settings.drive_concurrency)
        async with asyncio.TaskGroup() as group:
            group.create_task(survive("drive", drive_loop.run))
            group.create_task(survive("sweep", partial(sweep_forever, self.sweep)))
            group.create_task(survive("tidy", partial(tidy_forever, self.tidying)))
            for name, loop in self._side_loops():
                group.create_task(survive(name, loop))
            forgetting = forgetting_of(self.services.access, self.services.clock, self.services.settings)
            group.create_task(survive("forget", partial(forget_forever, forgetting)))
            if self.watching:
                group.create_task(survive("watch", partial(watch_forever, self.watching)))
            if settings.sync_every_s:
                group.create_task(survive("sync", self.sync_loop.run))

    def _side_loops(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        yield from rest_loops(self.services)
        yield from notice_loops(self.services)
        yield from index_loops(self.database)
        yield from board_loops(self.services)
        yield from retention_loops(self.services)


@asynccontextmanager
async def opened(
    settings: Settings, environ: Mapping[str, str], *, setup_code: str | None = None
) -> AsyncIterator[Parts]:
    """Open the database, the checkpoints and everything on top of them; raises DeskError with what to do."""
    secret, database = await asyncio.to_thread(_prepared, settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await database.ping()
        await begin_with_folder(settings, database)
        parser = await stack.enter_async_context(ProcessParser(max_bytes=settings.max_mail_mb * 2**20))
        saver = await stack.enter_async_context(open_saver(settings.checkpoints, secret))
        parts = await asyncio.to_thread(_parts, settings, environ, database, secret, parser, saver, setup_code)
        services = with_retention(parts.services, database, saver, parts.leases, secret)
        parts = replace(parts, services=services)
        if parts.services.reconciliation:
            stack.push_async_callback(parts.services.reconciliation.close)
        yield parts


def _reads(database: Database) -> dict[str, Any]:
    """What pages ask besides the store and the boards."""
    return {"search": SqlSearch(database), "figures": SqlFigures(database), "presence": SqlPresence(database)}


def _prepared(settings: Settings) -> tuple[bytes, Database]:
    """What has to be on disk before anything runs. SQLite is migrated at every start, Postgres by command."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = secret_of(settings)
    if settings.database_url is None or settings.database_url.startswith("sqlite"):
        upgrade(settings.database)
    elif not is_current(settings.database):
        raise BadInput("The database has not the tables of this version. Run `communication-agent migrate` first.")
    return secret, open_database(settings.database)


def _parts(
    settings: Settings,
    environ: Mapping[str, str],
    database: Database,
    secret: bytes,
    parser: Parser,
    saver: Any,
    setup_code: str | None,
) -> Parts:
    clock, wake, crash = SystemClock(), Wake(), crasher(settings.crash_at)
    store = SqlStore(database, on_work=wake.ring, on_record=echo, clock=clock)
    boards, accounts, desk_settings = SqlBoards(database), SqlAccounts(database), desk_settings_of(settings, database)
    leases, mailboxes, policy = _leases(database), SqlMailboxes(database, secret), _arrival_policy(settings, secret)
    open_mailbox, knowledge = OpenMailboxes(settings, store, mailboxes), KeptKnowledge(SqlKnowledgeBase(database))
    model = _model(settings, environ, knowledge, spending_of(database, desk_settings, clock), database)
    desk = _desk(settings, store, parser, clock, policy, desk_settings)
    deliveries = Deliveries(store, open_mailbox, parser, leases, clock, crash, give_up_s=settings.send_give_up_s)
    approvals = Approvals(store, desk, clock, f"{settings.site}/boards/tickets", settings.allow_studio_approval)
    ports = Ports(store, _agent(settings, store, model, knowledge, clock, desk_settings), approvals, deliveries, crash)
    threads = Threads(build(ports, saver), store, partial(prune, saver))
    sync = Sync(store, open_mailbox, parser, leases, clock, log.error, crash, policy)
    sync_loop = SyncLoop(sync, store, settings.sync_every_s)
    ring, reconciliation = Bell(sync, sync_loop), reconciliation_of(settings, database, boards, clock)
    services = Services(
        desk=desk,
        sync=sync,
        store=store,
        boards=boards,
        desk_settings=desk_settings,
        accounts=accounts,
        access=access_of(settings, database, secret),
        **_reads(database),
        clock=clock,
        settings=_web_settings(settings, model, setup_code),
        ready=Readiness(database, boards, store, threads, model.name, _model_notice(model), reconciliation),
        wait_for_rest=partial(_wait_for_rest, store),
        reconciliation=reconciliation,
        connecting=connecting_of(settings, secret, store, mailboxes, open_mailbox, clock, ring),
        quarantine=Quarantine(store, open_mailbox, parser, clock, policy),
        verify_push=verify_push_of(settings),
        ring=ring,
    )
    services = with_rest(services, settings, database, approvals, secret, open_mailbox)
    return Parts(
        settings=settings,
        services=with_administration(with_past(services, knowledge, threads), database, model),
        store=store,
        boards=boards,
        accounts=accounts,
        mailboxes=mailboxes,
        sync=sync,
        drive=Drive(store, threads, leases, clock, log.warning),
        sweep=Sweep(store, threads, clock, log.info),
        tidying=Tidying(store, open_mailbox, leases, clock, log.warning, crash),
        watching=_watching(settings, store, mailboxes, open_mailbox, leases, clock),
        wake=wake,
        ports=ports,
        leases=leases,
        sync_loop=sync_loop,
        database=database,
    )


def _leases(database: Database) -> SqlLeases:
    leases = SqlLeases(database)
    leases.claimant()  # looks this process up once, here where blocking is no harm
    return leases


def _agent(
    settings: Settings,
    store: SqlStore,
    model: Model,
    knowledge: Knowledge,
    clock: Clock,
    desk_settings: SqlDeskSettings,
) -> Agent:
    allowed = _listed(settings.allowed_statements)
    return Agent(store, model, knowledge, clock, allowed, settings.desk_name, settings.quote_original, desk_settings)


def _desk(
    settings: Settings,
    store: SqlStore,
    parser: Parser,
    clock: SystemClock,
    policy: ArrivalPolicy,
    desk_settings: DeskSettings,
) -> Desk:
    return Desk(
        store,
        parser,
        clock,
        timedelta(seconds=settings.undo_window_s),
        settings.desk_name,
        to_html=reply_html,
        ids=policy.own_ids,
        max_files_bytes=settings.max_attachments_mb * 2**20,
        two_person=partial(desk_settings.read, TwoPerson),
    )


def _watching(
    settings: Settings,
    store: SqlStore,
    mailboxes: SqlMailboxes,
    open_mailbox: OpenMailboxes,
    leases: SqlLeases,
    clock: Clock,
) -> Watching | None:
    """None while no Pub/Sub topic is set: mailboxes are then looked into by the clock alone."""
    if settings.gmail_push_topic is None:
        return None
    return Watching(store, mailboxes, open_mailbox, leases, clock, settings.gmail_push_topic, log.warning)


def _arrival_policy(settings: Settings, secret: bytes) -> ArrivalPolicy:
    return ArrivalPolicy(
        own_ids=OwnIds.of_secret(secret),
        reopen_within=timedelta(days=settings.reopen_days),
        quarantine_failed_senders=settings.quarantine_failed_senders,
        max_per_sender_and_hour=settings.max_mails_per_sender,
        max_per_ticket_and_hour=settings.max_mails_per_ticket,
    )


def _model(
    settings: Settings, environ: Mapping[str, str], knowledge: Knowledge, spending: Spending, database: Database
) -> Model:
    local = LocalModel(knowledge, settings.desk_name, ExampleIndex(SqlExamples(database)))
    chat = profile({**environ, **settings.model_keys})
    if chat is None:
        return local
    from adapters.chat_model import ChatModel

    return ChatModel(chat, local, settings.desk_name, meter=spending)


def _model_notice(model: Model) -> str | None:
    return NO_MODEL if isinstance(model, LocalModel) else None


def _web_settings(settings: Settings, model: Model, setup_code: str | None) -> WebSettings:
    public = urlsplit(settings.site)
    hosts = {*LOOPBACK, *_listed(settings.allowed_hosts), public.hostname or "localhost"}
    return WebSettings(
        base_url=settings.site,
        secure_cookies=public.scheme == "https" or not (settings.is_loopback or settings.insecure_http),
        allowed_hosts=tuple(sorted(hosts)),
        model_name=model.name,
        model_notice=_model_notice(model),
        desk_name=settings.desk_name,
        setup_code=setup_code,
        rate_limit=settings.rate_limit_per_minute,
        inbox_origins=_listed(settings.agent_inbox_origins),
        admins_need_second_factor=settings.admins_need_second_factor,
        sign_in_allowed=_listed(settings.google_login_allowed.casefold()),
        sign_in_role=sign_in_role(settings),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


async def _wait_for_rest(store: TicketStore, ticket_ids: Sequence[TicketId], timeout_s: float) -> bool:
    """Looks often: the caller waits for it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while not await store.at_rest(ticket_ids):
        if loop.time() >= end:
            return False
        await asyncio.sleep(0.05)
    return True
