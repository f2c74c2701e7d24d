"""Passwords: argon2id, off the event loop (one hash takes about 200 ms), at least twelve characters."""

import asyncio
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from tickets.errors import BadInput

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 1000  # longer ones are a way to burn our CPU

# Checked against when nobody has that address, so that a stranger cannot tell by the time it takes.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LWxpdmVzLWhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def require_usable(password: str) -> None:
    """Raises BadInput for a password that is too short or absurdly long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters. Choose another one.")


async def hash_password(password: str) -> str:
    """Raises BadInput as `require_usable`."""
    require_usable(password)
    return await asyncio.to_thread(_hasher().hash, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; as slow for an unknown account (None) as for a known one."""
    fits = await asyncio.to_thread(_fits, password, password_hash or _NOBODY)
    return fits and password_hash is not None


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4, type=Type.ID)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
