"""A Gmail account as a mailbox."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adapters.clock import SystemClock
from adapters.gmail_access import KeepToken
from adapters.gmail_quota import Quota
from adapters.gmail_send import GmailSender
from adapters.gmail_sync import GmailSync
from adapters.gmail_transport import Backoff, GmailApi
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.ports import Changes, Clock, Unknown

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials

WINDOW_DAYS: Final = 30


class GmailMailbox:
    """One account through Google's API. `api_root` stands in for Google's own in tests.

    Reading and sending pay from one `quota`; without one nothing is counted. `on_new_refresh_token` is awaited when
    Google replaces the refresh token.
    """

    authserv_id = "mx.google.com"

    def __init__(
        self,
        address: str,
        credentials: "Credentials",
        *,
        settle_s: float = 90.0,
        api_root: str | None = None,
        window_days: int = WINDOW_DAYS,
        timeout_s: float = 30.0,
        backoff: Backoff | None = None,
        clock: Clock | None = None,
        quota: Quota | None = None,
        on_new_refresh_token: KeepToken | None = None,
    ) -> None:
        self.address = address
        self.settle_s = settle_s
        self._api = GmailApi(
            credentials,
            api_root=api_root,
            timeout_s=timeout_s,
            backoff=backoff,
            quota=quota,
            on_new_refresh_token=on_new_refresh_token,
        )
        self._sync = GmailSync(self._api, clock or SystemClock(), window_days)
        self._sender = GmailSender(self._api)

    def close(self) -> None:
        """End the mailbox's threads."""
        self._api.close()

    def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """A listing of the last `window_days` the first time, the history from then on."""
        return self._sync.changes(cursor, unknown)

    async def watch(self, topic: str) -> datetime:
        """Ask Gmail for notices on that Pub/Sub topic, for about a week; asking again renews it."""
        watched = await self._api.read(lambda gmail: gmail.users().watch(userId="me", body={"topicName": topic}))
        return datetime.fromtimestamp(int(watched["expiration"]) / 1000, UTC)

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Adopt or create the Gmail draft."""
        return await self._sender.prepare(outgoing)

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """One drafts.send."""
        return await self._sender.submit(draft, outgoing)

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Look for the marker among the sent mails, then among the drafts."""
        return await self._sender.lookup(outgoing)

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete the draft that bears the marker."""
        await self._sender.discard(outgoing)

    async def senders(self) -> frozenset[str]:
        """The account's address and its verified send-as aliases."""
        return await self._sender.senders()
