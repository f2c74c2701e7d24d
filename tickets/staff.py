"""The people of the desk as administrators see them: roles, who is disabled, sessions, and links that work once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from tickets.accounts import Session
from tickets.audit import AuditEvent
from tickets.errors import Conflict
from tickets.people import Operator, OperatorId, Role

INVITATION_LIFETIME: Final = timedelta(days=7)
RESET_LIFETIME: Final = timedelta(hours=24)
STEP_LIFETIME: Final = timedelta(minutes=5)
SIGN_IN_LIFETIME: Final = timedelta(minutes=10)

LAST_ADMIN: Final = "This is the only administrator who can log in. Make somebody else one first."


class Purpose(StrEnum):
    """What a one-time secret is good for."""

    INVITATION = "invitation"
    RESET = "reset"
    SECOND_STEP = "second_step"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True)
class OneTime:
    """A secret that works once, of which only the sha256 is kept. `about` is an address or an operator's id."""

    key_hash: str
    purpose: Purpose
    about: str
    fields: Mapping[str, str]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An operator with what an administrator must know of their account."""

    operator: Operator
    disabled_at: datetime | None
    has_password: bool
    has_second_factor: bool
    sessions: int
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The secret of an operator's code generator. It counts once `since` is set; `step` is the last one used."""

    secret: str
    since: datetime | None
    step: int


def require_another_admin(member: Operator, admins: Sequence[OperatorId]) -> None:
    """Raises Conflict when `member` is the only one of the `admins` who can log in."""
    if set(admins) == {member.id}:
        raise Conflict(LAST_ADMIN)


class Staff(Protocol):
    """What administrators do to accounts; every change is recorded with it. Raises NotFound for nobody's id."""

    async def members(self) -> tuple[Member, ...]: ...
    async def member(self, operator_id: OperatorId) -> Member: ...
    async def rename(self, operator_id: OperatorId, name: str, event: AuditEvent) -> None: ...
    async def change_role(self, operator_id: OperatorId, role: Role, event: AuditEvent) -> None:
        """Raises Conflict for the last administrator."""
        ...

    async def disable(self, operator_id: OperatorId, event: AuditEvent) -> None:
        """Ends their sessions, tokens and links in the same transaction. Raises Conflict for the last administrator."""
        ...

    async def enable(self, operator_id: OperatorId, event: AuditEvent) -> None: ...
    async def set_password(
        self, operator_id: OperatorId, password_hash: str, event: AuditEvent, *, keep: str | None = None
    ) -> None:
        """Ends all their sessions but the one with the id hash `keep`, and every link for a new password."""
        ...

    async def keep_rehashed(self, operator_id: OperatorId, before: str, password_hash: str) -> None:
        """The same password under newer parameters, unless it was changed meanwhile."""
        ...

    async def sessions(self, operator_id: OperatorId) -> tuple[Session, ...]:
        """Newest first, expired ones too until they are cleared away."""
        ...

    async def end_session(self, operator_id: OperatorId, handle: str, event: AuditEvent) -> None:
        """`handle` is the beginning of the id hash. Raises NotFound for a session that is not theirs."""
        ...

    async def end_sessions(self, operator_id: OperatorId, event: AuditEvent, *, keep: str | None = None) -> int: ...
    async def has_session_from(self, operator_id: OperatorId, address: str) -> bool: ...
    async def google_sub(self, operator_id: OperatorId) -> str | None: ...
    async def set_google_sub(self, operator_id: OperatorId, sub: str) -> None: ...


class OneTimeSecrets(Protocol):
    """Links and steps that work once, before they expire."""

    async def keep(self, secret: OneTime, event: AuditEvent | None = None) -> None:
        """Takes the place of others with its purpose that are about the same."""
        ...

    async def find(self, key_hash: str, purpose: Purpose, now: datetime) -> OneTime | None: ...
    async def take(self, key_hash: str, purpose: Purpose, now: datetime) -> OneTime | None:
        """Find it and use it up: of two who come at once one gets it."""
        ...

    async def about(self, about: str, purpose: Purpose, now: datetime) -> OneTime | None: ...
    async def pending(self, purpose: Purpose, now: datetime) -> tuple[OneTime, ...]: ...
    async def drop(self, key_hash: str, event: AuditEvent) -> None:
        """Raises NotFound."""
        ...

    async def join(self, invitation: OneTime, operator: Operator, password_hash: str, event: AuditEvent) -> None:
        """Use the invitation up and make the account. Raises Conflict when either was done before."""
        ...

    async def reset(self, link: OneTime, password_hash: str, event: AuditEvent) -> None:
        """Use the link up, set the password, end all sessions. Raises Conflict when it was used before."""
        ...


class SecondFactors(Protocol):
    """Secrets of code generators (sealed at rest) and recovery codes (hashed)."""

    async def of(self, operator_id: OperatorId) -> SecondFactor | None: ...
    async def offer(self, operator_id: OperatorId, secret: str) -> None:
        """Keep a secret that does not count yet; nothing happens when there is one that does."""
        ...

    async def confirm(
        self, operator_id: OperatorId, step: int, at: datetime, code_hashes: Sequence[str], event: AuditEvent
    ) -> None:
        """From now on it counts. Raises Conflict when it did before."""
        ...

    async def remove(self, operator_id: OperatorId, event: AuditEvent) -> None: ...
    async def use_step(self, operator_id: OperatorId, step: int) -> bool:
        """False when this code, or a later one, was used before."""
        ...

    async def use_recovery_code(self, operator_id: OperatorId, code_hash: str, event: AuditEvent) -> bool: ...
    async def renew_codes(self, operator_id: OperatorId, code_hashes: Sequence[str], event: AuditEvent) -> None: ...
    async def codes_left(self, operator_id: OperatorId) -> int: ...


class Expired(Protocol):
    """What nobody can use any more."""

    async def clear(self, idle_before: datetime, made_before: datetime, now: datetime) -> int:
        """Delete sessions last seen or made before those times, links that expired, failures that count no more."""
        ...
