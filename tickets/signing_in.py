"""Signing in with an account elsewhere: who is vouched for, and who of them has a place at this desk."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignInQuestion:
    """The provider's page to open, and what its answer must be matched with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for, with a verified address. `domain` is the Workspace that manages the account."""

    sub: str
    email: str
    name: str
    domain: str | None


class SignIn(Protocol):
    """The provider."""

    async def question(self, redirect_url: str) -> SignInQuestion: ...
    async def identity(self, redirect_url: str, nonce: str, verifier: str, code: str) -> Identity:
        """Raises Rejected for an answer that does not hold, Unavailable without one."""
        ...


def is_on_list(identity: Identity, allowed: Collection[str]) -> bool:
    """Whether the list names the address, or the domain of the Workspace that manages the account.

    An address alone does not make somebody one of a domain's: its owner may have left, and kept the account.
    """
    email = identity.email.casefold()
    names = {name.casefold().removeprefix("@") for name in allowed}
    by_domain = identity.domain is not None and email.endswith(f"@{identity.domain.casefold()}")
    return email in names or (by_domain and str(identity.domain).casefold() in names)
