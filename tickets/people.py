"""Who acts: operators with a role, tokens with scopes, and the programs themselves."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from tickets.errors import NotAllowed
from tickets.wording import Sentence

OperatorId = NewType("OperatorId", UUID)


class Role(StrEnum):
    """What a person at the desk may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a caller may do, person or script. `tickets:draft` also covers assign, status and reject."""

    READ = "tickets:read"
    DRAFT = "tickets:draft"
    APPROVE = "tickets:approve"
    SYNC = "sync:run"
    ADMIN = "admin"


SCOPES_OF: Final[dict[Role, frozenset[Scope]]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.DRAFT, Scope.APPROVE, Scope.SYNC}),
    Role.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """A person with an account at the desk. An empty `language` or `time_zone` means that none was chosen."""

    id: OperatorId
    email: str
    name: str
    role: Role
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A script's credential; the secret itself is kept nowhere, only its sha256."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    owner_id: OperatorId | None = None  # None: made on the console, or by such a token
    last_used_at: datetime | None = None

    def held_by(self, role: Role) -> "ApiToken":
        """What is left of it in the hands of an owner with that role: never more than they may do themselves."""
        return replace(self, scopes=self.scopes & SCOPES_OF[role])


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as the audit trail names them: `operator:ada@...`, `token:nightly`, `agent`, `sync`, `studio`."""

    name: str
    scopes: frozenset[Scope] = frozenset()
    person_id: OperatorId | None = None  # the one person who stands behind it; None for programs

    @classmethod
    def operator(cls, operator: Operator) -> "Actor":
        return cls(f"operator:{operator.email}", SCOPES_OF[operator.role], operator.id)

    @classmethod
    def token(cls, token: ApiToken) -> "Actor":
        return cls(f"token:{token.name}", token.scopes, token.owner_id)

    def may(self, scope: Scope) -> bool:
        """Whether the actor holds the scope; `admin` holds them all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises NotAllowed unless the actor holds the scope."""
        if not self.may(scope):
            raise NotAllowed(
                Sentence("This needs the permission '%(scope)s'. Ask an administrator of the desk for it.", scope=scope)
            )


AGENT: Final = Actor("agent")
RETENTION: Final = Actor("retention")
SYNC: Final = Actor("sync")
STUDIO: Final = Actor("studio", frozenset({Scope.READ, Scope.DRAFT, Scope.APPROVE}))
CONSOLE: Final = Actor("console", frozenset(Scope))
