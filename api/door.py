"""Who gets in: the check of a login, slowed down by what failed in the last quarter of an hour.

Failures are counted three ways. For one account from one address five are enough, and a whole address has fifty, which
an office may share. For one account from everywhere it takes a hundred: fewer would let a stranger lock somebody out,
and even then whoever has a session from their own address still gets in.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from api.accounts_use import plain_email
from api.origins import network_of
from api.passwords import is_right, rehashed
from api.second_factor import is_right_code
from api.services import Services
from tickets.audit import AuditEvent, EventKind
from tickets.errors import DeskError, NotAllowed
from tickets.people import Operator
from tickets.wording import Sentence

MAX_FAILURES: Final = 5
MAX_FAILURES_OF_AN_ADDRESS: Final = 50
MAX_FAILURES_OF_AN_ACCOUNT: Final = 100
MAX_WRONG_CODES: Final = 10  # of one account from everywhere: who enters codes knows the password
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
        """The operator with that password, whose second step may be still to come. Raises WrongLogin, TooManyLogins."""
        email, accounts = plain_email(email), self.services.accounts
        async with self._turn:
            known = await accounts.operator_by_email(email)
            limits = _limits(email, network_of(address))
            if known and await self.services.access.staff.has_session_from(known[0].id, address):
                del limits[_account(email)]
            await self._require_patience(limits)
            if await is_right(password, known[1] if known else None) and known:
                await self._keep_up(known[0], password, known[1])
                return known[0]
            await self._failed(_limits(email, network_of(address)), address, email if known else None)
        raise WrongLogin("The address or the password is not right. Try again.")

    async def check_code(self, operator: Operator, code: str, address: str) -> None:
        """The second step of a login. Raises WrongLogin, also for a code that was used before, or TooManyLogins."""
        near = {f"code:{operator.id}:{network_of(address)}": MAX_FAILURES}
        limits = {**near, f"codes:{operator.id}": MAX_WRONG_CODES}
        async with self._turn:
            is_known = await self.services.access.staff.has_session_from(operator.id, address)
            await self._require_patience(near if is_known else limits)
            if await is_right_code(self.services, operator, code):
                return
            await self._failed(limits, address, operator.email)
        raise WrongLogin("That code is not right, or was used before. Wait for the next one and try again.")

    async def check_password(self, operator: Operator, password: str, address: str) -> None:
        """Whether whoever holds a session knows its password. Raises WrongLogin, TooManyLogins."""
        limits = {f"again:{operator.id}:{network_of(address)}": MAX_FAILURES}
        async with self._turn:
            await self._require_patience(limits)
            known = await self.services.accounts.operator_by_email(operator.email)
            if await is_right(password, known[1] if known else None):
                return
            await self._failed(limits, address, operator.email)
        raise WrongLogin("That is not your password. Try again.")

    async def check_setup_code(self, code: str, address: str) -> None:
        """Raises WrongLogin unless it is the code that the console shows, or TooManyLogins."""
        limits = {f"setup:{address}": MAX_FAILURES}
        expected = self.services.settings.setup_code
        async with self._turn:
            await self._require_patience(limits)
            if expected and secrets.compare_digest(code.strip().encode(), expected.encode()):
                return
            await self._failed(limits, address, None)
        raise WrongLogin("That is not the setup code. Copy it from the console where the desk was started.")

    async def _keep_up(self, operator: Operator, password: str, password_hash: str) -> None:
        """Only now is the password here, so only now can it be hashed with newer parameters."""
        if newer := await rehashed(password, password_hash):
            await self.services.access.staff.keep_rehashed(operator.id, password_hash, newer)

    async def _require_patience(self, limits: Mapping[str, int]) -> None:
        since = self.services.clock.now() - WINDOW
        for key, allowed in limits.items():
            if await self.services.accounts.failed_logins(key, since) >= allowed:
                minutes = int(WINDOW.total_seconds() // 60)
                raise TooManyLogins(
                    Sentence("Too many failed attempts. Wait %(minutes)s minutes, then try again.", minutes=minutes)
                )

    async def _failed(self, limits: Mapping[str, int], address: str, email: str | None) -> None:
        now = self.services.clock.now()
        event = AuditEvent(EventKind.LOGIN_FAILED, VISITOR, now, fields={"address": address, "account": email})
        await self.services.accounts.login_failed(list(limits), now, event)


def _limits(email: str, network: str) -> dict[str, int]:
    both = hashlib.sha256(f"{email}\n{network}".encode()).hexdigest()
    return {
        f"both:{both}": MAX_FAILURES,
        f"address:{network}": MAX_FAILURES_OF_AN_ADDRESS,
        _account(email): MAX_FAILURES_OF_AN_ACCOUNT,
    }


def _account(email: str) -> str:
    return f"account:{hashlib.sha256(email.encode()).hexdigest()}"
