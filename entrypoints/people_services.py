"""Builds what logging in and administering people stand on, and the clearing of what has expired."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from api.access import Access
from api.services import WebSettings
from entrypoints.settings import Settings
from persistence.engine import Database
from persistence.one_time import SqlOneTimeSecrets
from persistence.second_factors import SqlSecondFactors
from persistence.staff import SqlStaff
from tickets.errors import BadInput
from tickets.forgetting import Forgetting
from tickets.people import Role
from tickets.ports import Clock
from tickets.signing_in import SignIn

FORGET_EVERY_S: Final = 3600.0


def access_of(settings: Settings, database: Database, secret: bytes) -> Access:
    """The accounts' ports; Google sign-in when it is switched on."""
    return Access(
        SqlStaff(database), SqlOneTimeSecrets(database), SqlSecondFactors(database, secret), _sign_in(settings)
    )


def sign_in_role(settings: Settings) -> Role:
    """Raises BadInput: nobody becomes an administrator by being on a list."""
    if settings.google_login_role not in (Role.VIEWER, Role.OPERATOR):
        raise BadInput("CA_GOOGLE_LOGIN_ROLE is viewer or operator. Make administrators by invitation.")
    return Role(settings.google_login_role)


def forgetting_of(access: Access, clock: Clock, settings: WebSettings) -> Forgetting:
    idle, longest = timedelta(seconds=settings.session_idle_s), timedelta(seconds=settings.session_max_s)
    return Forgetting(access.one_time, clock, idle, longest, structlog.get_logger().info)


async def forget_forever(forgetting: Forgetting, every_s: float = FORGET_EVERY_S) -> None:
    """At once, then every hour."""
    while True:
        await forgetting.run()
        await asyncio.sleep(every_s)


def _sign_in(settings: Settings) -> SignIn | None:
    if not settings.google_login:
        return None
    if not settings.google_client_id or settings.google_client_secret is None:
        raise BadInput("CA_GOOGLE_LOGIN needs CA_GOOGLE_CLIENT_ID and CA_GOOGLE_CLIENT_SECRET. Set them, or unset it.")
    from adapters.google_keys import GoogleKeys
    from adapters.google_login import GoogleLogin

    return GoogleLogin(
        settings.google_client_id,
        settings.google_client_secret.get_secret_value(),
        auth_url=settings.google_auth_url,
        token_url=settings.google_token_url,
        keys=GoogleKeys(settings.google_certs_url),
    )
