"""Google's consent for the web: the blocking calls of `GoogleOAuth`, each in a thread."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.google_oauth import GoogleOAuth
from tickets.connecting import Grant, Question

AGAIN = "Start again on the Mailboxes page"


@dataclass(frozen=True, slots=True)
class WebConsent:
    """The port Consent."""

    oauth: GoogleOAuth

    async def question(self, redirect_url: str, address: str | None) -> Question:
        return await asyncio.to_thread(self.oauth.question, redirect_url, address)

    async def grant(self, redirect_url: str, verifier: str, answer: Mapping[str, str]) -> Grant:
        """Raises Rejected, Unavailable."""
        return await asyncio.to_thread(replace(self.oauth, again=AGAIN).grant, redirect_url, verifier, answer)

    async def revoke(self, refresh_token: str) -> None:
        """Raises Unavailable."""
        await asyncio.to_thread(self.oauth.revoke, refresh_token)
