"""Pulling mail on request."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK

from api.auth import may
from api.needs import ActorNeed, ServicesNeed, SyncNeed
from api.schemas import MailboxSyncOut, SyncOut
from api.tickets import Wait, problems
from tickets.people import Scope
from tickets.sync import PATIENCE_S


@post("/sync/run", guards=[may(Scope.SYNC)], status_code=HTTP_200_OK, responses=problems(503))
async def run_sync(sync: SyncNeed, services: ServicesNeed, actor: ActorNeed, wait_s: Wait = 0.0) -> SyncOut:
    """Pull what is new from every mailbox. Answers when the mails are stored; with `wait_s` also waits for drafts.

    A long backfill is not waited for: it goes on by itself, and its mailbox says `unfinished`.
    """
    reports = await sync.run(by=actor, patience_s=PATIENCE_S)
    touched = [ticket_id for report in reports for ticket_id in report.ticket_ids]
    if wait_s > 0 and touched:
        await services.wait_for_rest(touched, wait_s)
    return SyncOut([MailboxSyncOut.of(report) for report in reports])


sync_handlers: Sequence[HTTPRouteHandler] = (run_sync,)
