"""An IMAP account with SMTP submission as a mailbox.

It has three connections of its own: one reads, so that a long first sync keeps no reply waiting, one files what is
sent, and one waits for the server to announce mail.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import structlog

from adapters.clock import SystemClock
from adapters.imap_idle import ImapIdle
from adapters.imap_line import ImapLine
from adapters.imap_outbox import ImapOutbox, Note
from adapters.imap_settings import ImapSettings, Passwords
from adapters.imap_sync import ImapSync
from adapters.smtp import Envelope, Submission
from tickets.errors import Disconnected, MailboxError, Rejected, Unavailable
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.ports import Changes, Clock, Unknown

log = structlog.get_logger()

WINDOW_DAYS: Final = 30


class ImapMailbox:
    """One account. `settle_s` matters where the server itself files what is submitted and may be late with it."""

    def __init__(
        self,
        address: str,
        settings: ImapSettings,
        passwords: Passwords,
        *,
        settle_s: float = 90.0,
        window_days: int = WINDOW_DAYS,
        poll_every_s: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        self.address = address
        self.authserv_id = settings.authserv_id
        self.settle_s = settle_s
        self._settings = settings
        lines = [ImapLine(settings.imap, settings.username, passwords.imap, name) for name in ("read", "send", "idle")]
        self._reading, self._filing, self._waiting = lines
        self._sync = ImapSync(self._reading, settings, clock or SystemClock(), window_days=window_days)
        self._idle = ImapIdle(self._waiting, poll_every_s=poll_every_s)
        self._outbox = ImapOutbox(address, settings)
        self._submission = Submission(settings.smtp, settings.username, passwords.smtp)
        self._one_at_a_time = asyncio.Lock()

    def close(self) -> None:
        """End the connections and their threads."""
        for line in (self._reading, self._filing, self._waiting):
            line.close()

    def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """The last `window_days` of every folder the first time, what is above the last UID from then on."""
        return self._sync.changes(cursor, unknown)

    async def announced(self, timeout_s: float) -> bool:
        """IDLE on INBOX, or looking now and then on a server without it."""
        return await self._idle.announced(timeout_s)

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Adopt or lay down the draft."""
        return await self._filing.run(partial(self._outbox.prepare, outgoing=outgoing))

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """A note into the drafts, one SMTP transaction, the copy among the sent mails; then draft and note go."""
        async with self._one_at_a_time:
            begun = await self._filing.run(partial(self._outbox.begin, outgoing=outgoing))
            if isinstance(begun, Receipt):
                return begun
            refused = await self._transmit(outgoing, begun)
            return await self._file(outgoing, refused)

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Look for the marker among the sent mails, then for notes and the draft."""
        return await self._filing.run(partial(self._outbox.lookup, outgoing=outgoing))

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete the draft, and notes about it."""
        await self._filing.run(partial(self._outbox.discard, outgoing=outgoing))

    async def senders(self) -> frozenset[str]:
        """Its address and the aliases that its settings name: IMAP has no way to ask the server."""
        return frozenset({self.address.casefold(), *(alias.casefold() for alias in self._settings.aliases)})

    async def _transmit(self, outgoing: Outgoing, note: Note) -> tuple[str, ...]:
        try:
            return await self._submission.send(self._envelope(outgoing), outgoing.mime)
        except (Unavailable, Rejected, Disconnected):
            self._outbox.void(note)
            try:
                await self._filing.run(partial(self._outbox.take_back, outgoing=outgoing, note=note))
            except MailboxError as error:
                # This process knows that the note is void. If it ends before the note goes, a person is asked.
                log.warning("send_note_left", send_id=str(outgoing.id), error=type(error).__name__)
            raise

    async def _file(self, outgoing: Outgoing, refused: tuple[str, ...]) -> Receipt:
        """The mail is out: nothing that happens here may turn that into a failure."""
        receipt: Receipt | None = None
        try:
            receipt = await self._filing.run(partial(self._outbox.file_as_sent, outgoing=outgoing))
            await self._filing.run(partial(self._outbox.discard, outgoing=outgoing))
        except MailboxError as error:
            log.warning("sent_copy_not_filed", send_id=str(outgoing.id), error=type(error).__name__)
        if receipt is None:
            return Receipt(f"smtp:{outgoing.id}", outgoing.message_id, is_read_back=False, refused=refused)
        return Receipt(receipt.provider_id, receipt.message_id, refused=refused)

    def _envelope(self, outgoing: Outgoing) -> Envelope:
        people = {each.key: each.address for each in (*outgoing.to, *outgoing.cc, *outgoing.bcc)}
        return Envelope(outgoing.sender or self.address, tuple(people.values()))
