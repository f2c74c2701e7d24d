"""Passwords: argon2id, off the event loop (one hash takes about 200 ms), and what makes one usable."""

import asyncio
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from api.common_passwords import is_common
from tickets.errors import BadInput
from tickets.wording import Sentence

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 1000  # longer ones are a way to burn our CPU
NONE: Final = ""  # the hash of somebody who has no password, and gets in another way

# Checked against when nobody has that address, so that a stranger cannot tell by the time it takes.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LWxpdmVzLWhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def require_usable(password: str, email: str = "") -> None:
    """Raises BadInput for one that is too short, absurdly long, the account's own address, or among the most common."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(
            Sentence(
                "A password has %(min_length)s to %(max_length)s characters. Choose another one.",
                min_length=MIN_LENGTH,
                max_length=MAX_LENGTH,
            )
        )
    plain = password.strip().casefold()
    account = email.strip().casefold()
    if account and plain in (account, account.partition("@")[0]):
        raise BadInput("A password must not be the e-mail address. Choose another one.")
    if is_common(plain):
        raise BadInput("That password is among the first that anybody would guess. Choose another one.")


async def hash_password(password: str, email: str = "") -> str:
    """Raises BadInput as `require_usable`."""
    require_usable(password, email)
    return await asyncio.to_thread(_hasher().hash, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; as slow for an unknown account (None, or NONE) as for a known one."""
    fits = await asyncio.to_thread(_fits, password, password_hash or _NOBODY)
    return fits and bool(password_hash)


async def rehashed(password: str, password_hash: str) -> str | None:
    """The hash under today's parameters; None when it has them already. The password was found to be right."""
    if not _hasher().check_needs_rehash(password_hash):
        return None
    return await asyncio.to_thread(_hasher().hash, password)


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4, type=Type.ID)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
