"""Opens the configured mailboxes, each kind in its own way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.maildir import Maildir
from entrypoints.settings import Settings
from tickets.boards import MailboxState
from tickets.errors import Disconnected, MailboxError
from tickets.mail import MailboxId
from tickets.ports import Mailbox
from tickets.storage import MailboxRecord, MailboxSecrets, TicketStore
from tickets.sync import OFF

if TYPE_CHECKING:
    from adapters.gmail_access import KeepToken

MAILDIR: Final = "maildir"
GMAIL: Final = "gmail"
IMAP: Final = "imap"

RECONNECT: Final = (
    "The permission for this mailbox is gone. Reconnect it with `communication-agent connect gmail`; nothing is lost."
)

LOGIN_REFUSED: Final = (
    "The server refused the password of this mailbox. Run `communication-agent mailbox add imap` again with the right "
    "one; nothing is lost."
)


@dataclass(frozen=True, slots=True)
class OpenMailboxes:
    """Keeps opened mailboxes; one whose settings or authorisation changed is opened anew."""

    settings: Settings
    store: TicketStore
    secrets: MailboxSecrets
    _open: dict[MailboxId, tuple[object, Mailbox]] = field(default_factory=dict)

    async def __call__(self, mailbox_id: MailboxId) -> Mailbox:
        """Raises MailboxError (Disconnected without an authorisation) with what to do."""
        record = next((r for r in await self.store.mailboxes() if r.id == mailbox_id), None)
        if record is None:
            raise MailboxError("This mailbox is not configured any more. Add it again.")
        if record.state is MailboxState.DISCONNECTED:
            self._open.pop(mailbox_id, None)
            raise Disconnected(OFF)
        token = await self.secrets.refresh_token(mailbox_id) if record.kind in (GMAIL, IMAP) else None
        made_from = (dict(record.settings), token)
        kept = self._open.get(mailbox_id)
        if kept and kept[0] == made_from:
            if record.state is MailboxState.RECONNECT_REQUIRED:
                # Nobody is asked again with a permission that was withdrawn, or a password that was refused.
                raise Disconnected(RECONNECT if record.kind == GMAIL else LOGIN_REFUSED)
            return kept[1]
        mailbox = await asyncio.to_thread(self._make, record, token)
        self._open[mailbox_id] = (made_from, mailbox)
        return mailbox

    async def _keep_token(self, record: MailboxRecord, token: str) -> None:
        """Google gave another refresh token; the opened mailbox, with what it knows of its quota, stays."""
        await self.secrets.keep_refresh_token(record.id, token)
        if kept := self._open.get(record.id):
            self._open[record.id] = ((dict(record.settings), token), kept[1])

    def _make(self, record: MailboxRecord, token: str | None) -> Mailbox:
        match record.kind:
            case "maildir":
                return _maildir(record.address, record.settings)
            case "gmail":
                return _gmail(self.settings, record, token, partial(self._keep_token, record))
            case "imap":
                return _imap(self.settings, record, token)
            case kind:
                raise MailboxError(f"'{kind}' is no kind of mailbox this desk knows. Add it as maildir, gmail or imap.")


def _maildir(address: str, settings: Mapping[str, str]) -> Mailbox:
    return Maildir(Path(settings["path"]), address, authserv_id=settings.get("authserv_id"))


def _gmail(settings: Settings, record: MailboxRecord, token: str | None, keep: "KeepToken") -> Mailbox:
    if token is None:
        raise Disconnected("No authorisation is on record. Run `communication-agent connect gmail`.")
    from adapters.gmail import GmailMailbox
    from adapters.gmail_quota import Quota
    from entrypoints.google import oauth_of

    return GmailMailbox(
        record.address,
        oauth_of(settings).credentials(token),
        settle_s=settings.send_settle_s,
        api_root=settings.gmail_api_root,
        window_days=settings.backfill_days,
        quota=Quota(settings.gmail_units_per_minute),
        on_new_refresh_token=keep,
    )


def _imap(settings: Settings, record: MailboxRecord, secret: str | None) -> Mailbox:
    from adapters.imap import ImapMailbox
    from adapters.imap_settings import ImapSettings, Passwords

    return ImapMailbox(
        record.address,
        ImapSettings.read(record.settings, record.address),
        Passwords.read(secret),
        settle_s=settings.send_settle_s,
        window_days=settings.backfill_days,
    )
