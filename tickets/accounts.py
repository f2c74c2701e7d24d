"""What the web and the console need from the accounts: people, their logins, and the tokens of scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tickets.audit import AuditEvent
from tickets.people import ApiToken, Operator, OperatorId, Role


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's login. `id_hash` is the sha256 of the cookie; `csrf` is bound to the session."""

    id_hash: str
    operator: Operator
    csrf: str
    created_at: datetime
    last_seen_at: datetime
    device: str = ""
    address: str = ""
    has_second_factor: bool = False  # whether its operator's logins take a code, not whether this one did


class Accounts(Protocol):
    """Operators, sessions, tokens and failed logins. Secrets arrive here already hashed."""

    async def add_first_admin(self, email: str, name: str, password_hash: str, event: AuditEvent) -> Operator:
        """Raises Conflict when there is an administrator already, even one who comes at the same moment."""
        ...

    async def add_operator(self, email: str, name: str, role: Role, password_hash: str, event: AuditEvent) -> Operator:
        """Raises Conflict when the address has an account."""
        ...

    async def operator_by_email(self, email: str) -> tuple[Operator, str] | None:
        """The operator and the password hash (empty when they have none); None also for one who is disabled."""
        ...

    async def operators(self) -> tuple[Operator, ...]:
        """Those who may log in, by address."""
        ...

    async def signature(self, operator_id: OperatorId) -> str: ...
    async def set_signature(self, operator_id: OperatorId, signature: str, event: AuditEvent) -> None: ...
    async def set_reading(self, operator_id: OperatorId, language: str, time_zone: str, event: AuditEvent) -> None: ...
    async def has_admin(self) -> bool: ...
    async def add_session(self, session: Session, event: AuditEvent) -> None: ...
    async def session(self, id_hash: str) -> Session | None: ...
    async def touch_session(self, id_hash: str, at: datetime) -> None: ...
    async def drop_session(self, id_hash: str, event: AuditEvent) -> None: ...
    async def drop_sessions_of(self, operator_id: OperatorId) -> None: ...
    async def failed_logins(self, key: str, since: datetime) -> int: ...
    async def login_failed(self, keys: Sequence[str], at: datetime, event: AuditEvent) -> None: ...
    async def add_token(self, token: ApiToken, secret_sha256: str, event: AuditEvent) -> None:
        """Raises Conflict when the name is taken by a live token."""
        ...

    async def token(self, secret_sha256: str) -> ApiToken | None:
        """The token, within what its owner may do; None when it was revoked or its owner is disabled."""
        ...

    async def touch_token(self, token_id: UUID, at: datetime) -> None: ...
    async def tokens(self) -> tuple[ApiToken, ...]: ...
    async def revoke_token(self, token_id: UUID, event: AuditEvent) -> None: ...
