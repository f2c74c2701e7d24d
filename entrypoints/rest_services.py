"""What only scripts and other programs need of the desk, added to its services."""

import asyncio
import os
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from uuid import uuid4

from adapters.webhook_post import HttpPoster
from api.services import Services
from entrypoints.crash import crasher
from entrypoints.notices import with_notices
from entrypoints.settings import Settings
from graph.approvals import Approvals
from graph.inbox import ApprovalInbox
from persistence.engine import Database
from persistence.idempotency import SqlIdempotencyKeys
from persistence.sealing import Sealer
from persistence.views import SqlViews
from persistence.webhooks import SqlWebhooks
from tickets.ports import Clock
from tickets.sync import OpenMailbox
from tickets.webhook_desk import Webhooks


def with_rest(
    services: Services,
    settings: Settings,
    database: Database,
    approvals: Approvals,
    secret: bytes,
    open_mailbox: OpenMailbox,
) -> Services:
    """The same services, and what the REST interface, Agent Inbox, webhooks and notices stand on."""
    webhooks = webhooks_of(settings, database, services.clock, secret)
    keys, inbox = SqlIdempotencyKeys(database), ApprovalInbox(approvals)
    views = SqlViews(database)
    told = with_notices(services, settings, database, open_mailbox)
    return replace(told, idempotency=keys, inbox=inbox, webhooks=webhooks, views=views)


def webhooks_of(settings: Settings, database: Database, clock: Clock, secret: bytes) -> Webhooks:
    inwards = settings.webhook_allow_private
    store, poster = SqlWebhooks(database, Sealer(secret, "webhooks")), HttpPoster(inwards)
    crash = crasher(settings.crash_at)
    return Webhooks(store, poster, clock, uuid4, os.urandom, _all_of, crash, settings.site, inwards)


async def _all_of(waiting: Sequence[Awaitable[None]]) -> None:
    await asyncio.gather(*waiting)
