"""Making operators and API tokens: what the setup page and the console both do."""

import re
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import uuid4

from api.auth import TOKEN_PREFIX, token_hash
from api.passwords import hash_password
from tickets.accounts import Accounts
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput
from tickets.people import Actor, ApiToken, Operator, OperatorId, Role, Scope
from tickets.wording import Sentence

MAX_EMAIL: Final = 254
MAX_NAME: Final = 100
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]+")


def plain_email(email: str) -> str:
    """The form in which accounts are kept and looked up; case does not matter."""
    return email.strip().casefold()


async def add_operator(
    accounts: Accounts, email: str, name: str, role: Role, password: str, *, by: Actor, now: datetime
) -> Operator:
    """Raises BadInput for an unusable address, name or password, Conflict when the address has an account."""
    by.require(Scope.ADMIN)
    email, name = usable_email(email), usable_name(name, email)
    event = AuditEvent(EventKind.OPERATOR_ADDED, by.name, now, fields={"email": email, "role": role})
    return await accounts.add_operator(email, name, role, await hash_password(password, email), event)


async def add_first_admin(
    accounts: Accounts, email: str, name: str, password: str, *, by: Actor, now: datetime
) -> Operator:
    """As `add_operator`; raises Conflict when somebody else has set the desk up meanwhile."""
    by.require(Scope.ADMIN)
    email, name = usable_email(email), usable_name(name, email)
    event = AuditEvent(EventKind.OPERATOR_ADDED, by.name, now, fields={"email": email, "role": Role.ADMIN})
    return await accounts.add_first_admin(email, name, await hash_password(password, email), event)


def usable_email(email: str) -> str:
    """The address as it is kept. Raises BadInput for one that is none."""
    email = plain_email(email)
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        raise BadInput("That is no e-mail address. Write it like ada@example.com.")
    return email


def usable_name(name: str, email: str) -> str:
    """One line, made from the address when it is empty. Raises BadInput."""
    name = name.strip() or email.partition("@")[0]
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise BadInput(
            Sentence("A name is one line of at most %(max_name)s characters. Shorten it.", max_name=MAX_NAME)
        )
    return name


async def create_token(
    accounts: Accounts,
    name: str,
    scopes: Collection[Scope],
    *,
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
    owner_id: OperatorId | None = None,
) -> str:
    """The new token's text, which is shown this once and kept nowhere.

    Raises BadInput for an unusable name, no scope or an end in the past; Conflict when a live token has the name.
    """
    by.require(Scope.ADMIN)
    name = name.strip()
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise BadInput(
            Sentence(
                "A token has a name of one line and at most %(max_name)s characters. Choose one.", max_name=MAX_NAME
            )
        )
    if not scopes:
        raise BadInput(
            Sentence("A token without scopes can do nothing. Name at least one of: %(names)s.", names=", ".join(Scope))
        )
    if expires_at is not None and expires_at <= now:
        raise BadInput("A token that has expired already can do nothing. Choose a day to come.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(uuid4(), name, frozenset(scopes), now, expires_at, owner_id)
    fields: Fields = {"name": name, "scopes": sorted(str(scope) for scope in token.scopes)}
    event = AuditEvent(EventKind.TOKEN_CREATED, by.name, now, fields=fields)
    await accounts.add_token(token, token_hash(secret), event)
    return secret
