"""Secrets that work once, from their making to their use. Whoever holds one holds what it is good for."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from api.services import Services
from api.sessions import secret_hash
from tickets.audit import AuditEvent
from tickets.errors import Conflict
from tickets.staff import OneTime, Purpose

USED: Final = "This link was used before, was withdrawn, or has expired. Ask an administrator for a new one."


async def new_secret(
    services: Services,
    purpose: Purpose,
    about: str,
    fields: Mapping[str, str],
    lifetime: timedelta,
    event: AuditEvent | None = None,
) -> str:
    """The secret's text, which is kept nowhere."""
    secret, now = secrets.token_urlsafe(32), services.clock.now()
    kept = OneTime(secret_hash(secret), purpose, about, fields, now, now + lifetime)
    await services.access.one_time.keep(kept, event)
    return secret


async def found(services: Services, purpose: Purpose, secret: str | None) -> OneTime:
    """What the secret is good for; it stays so. Raises Conflict for one that is good for nothing any more."""
    now, one_time = services.clock.now(), services.access.one_time
    known = await one_time.find(secret_hash(secret), purpose, now) if secret else None
    if known is None:
        raise Conflict(USED)
    return known


def link_to(services: Services, path: str, secret: str) -> str:
    """The address to hand over."""
    return f"{services.settings.base_url}{path}/{secret}"
