"""Who gets in: the check of a login, slowed down per account and per address after five failures in a quarter hour."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from api.accounts_use import plain_email
from api.passwords import is_right
from api.services import Services
from tickets.audit import AuditEvent, EventKind
from tickets.errors import DeskError, NotAllowed
from tickets.people import Operator

MAX_FAILURES: Final = 5
MAX_FAILURES_OF_AN_ADDRESS: Final = 50  # a whole office may share one
WINDOW: Final = timedelta(minutes=15)
VISITOR: Final = "visitor"  # the audit trail's name for somebody who is not logged in


class WrongLogin(NotAllowed):
    """Address and password do not fit; which of the two is wrong is not told."""


class TooManyLogins(DeskError):
    """Too many failures from there, or for that account; `retry_after_s` is how long to wait at most."""

    retry_after_s: Final = int(WINDOW.total_seconds())


@dataclass
class Door:
    """One at a time, so that parallel guesses count too and hashing cannot take all memory."""

    services: Services
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def admit(self, email: str, password: str, address: str) -> Operator:
        """The operator who logs in. Raises WrongLogin or TooManyLogins."""
        email = plain_email(email)
        keys = (f"account:{hashlib.sha256(email.encode()).hexdigest()}", f"address:{address}")
        async with self._turn:
            await self._require_patience(keys)
            known = await self.services.accounts.operator_by_email(email)
            if await is_right(password, known[1] if known else None) and known:
                return known[0]
            await self._failed(keys, address, email if known else None)
        raise WrongLogin("The address or the password is not right. Try again.")

    async def check_setup_code(self, code: str, address: str) -> None:
        """Raises WrongLogin unless it is the code that the console shows, or TooManyLogins."""
        keys = (f"setup:{address}",)
        expected = self.services.settings.setup_code
        async with self._turn:
            await self._require_patience(keys)
            if expected and secrets.compare_digest(code.strip().encode(), expected.encode()):
                return
            await self._failed(keys, address, None)
        raise WrongLogin("That is not the setup code. Copy it from the console where the desk was started.")

    async def _require_patience(self, keys: Sequence[str]) -> None:
        since = self.services.clock.now() - WINDOW
        for key in keys:
            allowed = MAX_FAILURES_OF_AN_ADDRESS if key.startswith("address:") else MAX_FAILURES
            if await self.services.accounts.failed_logins(key, since) >= allowed:
                minutes = int(WINDOW.total_seconds() // 60)
                raise TooManyLogins(f"Too many failed attempts. Wait {minutes} minutes, then try again.")

    async def _failed(self, keys: Sequence[str], address: str, email: str | None) -> None:
        now = self.services.clock.now()
        event = AuditEvent(EventKind.LOGIN_FAILED, VISITOR, now, fields={"address": address, "account": email})
        await self.services.accounts.login_failed(keys, now, event)
