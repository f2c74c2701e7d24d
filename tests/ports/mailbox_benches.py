"""Four kinds of mailbox on a bench: the same handles to let mail arrive, spoil a draft and count what left."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from adapters.gmail import GmailMailbox
from adapters.gmail_transport import Backoff
from adapters.google_oauth import GoogleOAuth
from adapters.imap import ImapMailbox
from adapters.imap_settings import ImapSettings, Passwords
from adapters.maildir import Maildir
from adapters.memory import MemoryMailbox
from entrypoints.gmail_double.mailbox import Mailbox as Account
from entrypoints.gmail_double.outgoing import update_draft
from entrypoints.gmail_double.running import RunningDouble
from tests.imap.hands import Hands
from tests.imap.servers import PASSWORD, Servers
from tickets.mail import Address, MailboxId
from tickets.outbox import OutboxState, Outgoing, RemoteDraft
from tickets.ports import Changes, Clock, Incoming, Mailbox, Skipped
from tickets.ticket import DecisionId, TicketId

SUPPORT = "support@helios.example"
QUICK = Backoff(attempts=4, first_s=0.001, longest_s=0.05)

_numbers = count(1)


def a_mail(
    subject: str = "The inverter beeps", body: str = "It beeps.", references: str = "", extra: str = ""
) -> bytes:
    """A customer's mail; its Message-ID is its own."""
    head = f"From: Anna <anna@example.net>\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\n"
    message_id = f"Message-ID: <m{next(_numbers)}@example.net>\r\n"
    parents = f"In-Reply-To: {references}\r\nReferences: {references}\r\n" if references else ""
    return (head + message_id + parents + extra + f"\r\n{body}\r\n").encode()


def an_outgoing(
    body: str = "Please switch it off and on.",
    *,
    subject: str = "Re: The inverter beeps",
    references: str = "",
    provider_thread_id: str | None = None,
    remote_draft_id: str | None = None,
    send_id: UUID | None = None,
) -> Outgoing:
    """An approved reply with its MIME frozen."""
    send_id = send_id or uuid4()
    message_id = f"<{send_id}@helios.example>"
    head = f"From: {SUPPORT}\r\nTo: anna@example.net\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\n"
    parents = f"In-Reply-To: {references}\r\nReferences: {references}\r\n" if references else ""
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Outgoing(
        id=send_id,
        decision_id=DecisionId(uuid4()),
        ticket_id=TicketId(uuid4()),
        mailbox_id=MailboxId(uuid4()),
        revision=1,
        work_seq=1,
        state=OutboxState.SENDING,
        due_at=now,
        next_at=now,
        mime=(head + parents + f"X-CA-Send-Id: {send_id}\r\n\r\n{body}\r\n").encode(),
        message_id=message_id,
        to=(Address("Anna", "anna@example.net"),),
        approved_by="anna@helios.example",
        provider_thread_id=provider_thread_id,
        remote_draft_id=remote_draft_id,
    )


@dataclass
class Desk:
    """Reads a mailbox as the sync does: remembers what it was given, and the cursor that came with it."""

    mailbox: Mailbox
    cursor: str | None = None
    incoming: list[Incoming] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    portions: list[Changes] = field(default_factory=list)

    async def unknown(self, ids: Sequence[str]) -> frozenset[str]:
        known = {mail.provider_id for mail in self.incoming}
        known |= {mail.provider_id for mail in self.skipped if mail.is_final}
        return frozenset(ids) - known

    async def sync(self, portions: int | None = None) -> list[Incoming]:
        """The mails of this run; `portions` ends it early, as a kill would."""
        before = len(self.incoming)
        async for changes in self.mailbox.changes(self.cursor, self.unknown):
            self.portions.append(changes)
            self.incoming += changes.incoming
            self.skipped += changes.skipped
            self.gone += changes.gone
            self.cursor = changes.cursor
            portions = None if portions is None else portions - 1
            if portions == 0:
                break
        return self.incoming[before:]


class Bench(Protocol):
    """A mailbox and what its owner, its provider and the counting witness can do to it."""

    @property
    def mailbox(self) -> Mailbox: ...
    def receive(self, raw: bytes) -> str: ...
    def edit_draft(self, draft: RemoteDraft, raw: bytes) -> None: ...
    def delete_draft(self, draft: RemoteDraft) -> None: ...
    def close(self) -> None: ...
    def left(self) -> list[bytes]:
        """The mails that left, as they are kept among the sent ones."""
        ...


class MemoryBench:
    def __init__(self) -> None:
        self.mailbox = MemoryMailbox(SUPPORT)

    def close(self) -> None: ...

    def receive(self, raw: bytes) -> str:
        return self.mailbox.receive(raw)

    def edit_draft(self, draft: RemoteDraft, raw: bytes) -> None:
        self.mailbox.drafts[draft.id] = raw

    def delete_draft(self, draft: RemoteDraft) -> None:
        del self.mailbox.drafts[draft.id]

    def left(self) -> list[bytes]:
        return list(self.mailbox.sent)


class MaildirBench:
    def __init__(self, root: Path) -> None:
        for part in ("tmp", "new", "cur"):
            (root / part).mkdir(parents=True)
        self.root = root
        self.mailbox = Maildir(root, SUPPORT)

    def close(self) -> None: ...

    def receive(self, raw: bytes, name: str | None = None) -> str:
        name = name or f"{1_770_000_000 + next(_numbers)}.M1.host"
        (self.root / "tmp" / name).write_bytes(raw)
        (self.root / "tmp" / name).rename(self.root / "new" / name)
        return name

    def edit_draft(self, draft: RemoteDraft, raw: bytes) -> None:
        self._draft_file(draft).write_bytes(raw)

    def delete_draft(self, draft: RemoteDraft) -> None:
        self._draft_file(draft).unlink()

    def left(self) -> list[bytes]:
        return [file.read_bytes() for file in (self.root / ".Sent" / "cur").glob("*")]

    def _draft_file(self, draft: RemoteDraft) -> Path:
        return next(file for file in (self.root / ".Drafts" / "cur").iterdir() if file.name.startswith(draft.id))


class GmailBench:
    """An account of its own on a double that others may share."""

    def __init__(self, gmail: RunningDouble, *, timeout_s: float = 5.0, clock: Clock | None = None) -> None:
        self.gmail = gmail
        self.address = f"support{next(_numbers)}@helios.example"
        self.refresh_token = f"refresh-{self.address}"
        gmail.double.add_account(self.address, self.refresh_token)
        self.oauth = GoogleOAuth("client", "secret", token_url=f"{gmail.url}/token", api_root=gmail.url)
        self.mailbox = GmailMailbox(
            self.address,
            self.oauth.credentials(self.refresh_token),
            api_root=gmail.url,
            timeout_s=timeout_s,
            backoff=QUICK,
            clock=clock,
        )

    def close(self) -> None:
        self.mailbox.close()

    def receive(self, raw: bytes, *labels: str, thread_id: str | None = None) -> str:
        return self.gmail.receive(self.address, raw, labels or ("INBOX", "UNREAD"), thread_id).id

    def fault(self, route: str, kind: str, times: int = 1, **more: int) -> None:
        self.gmail.double.fault(route, kind, times, self.address, **more)

    def edit_draft(self, draft: RemoteDraft, raw: bytes) -> None:
        with self.gmail.double.lock:
            encoded = base64.urlsafe_b64encode(raw).decode()
            update_draft(self.account, draft.id, {"raw": encoded}, self.gmail.double.now_ms())

    def delete_draft(self, draft: RemoteDraft) -> None:
        with self.gmail.double.lock:
            self.account.delete(self.account.drafts[draft.id])

    def calls(self, route: str) -> int:
        """How often the double was asked for that, by any account."""
        return self.gmail.requests().get(route, 0)

    def left(self) -> list[bytes]:
        accepted = [mail.gmail_id for mail in self.gmail.ledger() if mail.account == self.address]
        return [self.account.get(gmail_id).source.raw for gmail_id in accepted]

    @property
    def account(self) -> Account:
        """The double's own view of the account."""
        return self.gmail.double.mailbox(self.address)


class ImapBench:
    """An account of its own on a Dovecot and an Exim that others may share. What left is counted where it arrived."""

    def __init__(
        self,
        servers: Servers,
        settings: dict[str, str] | None = None,
        *,
        address: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.servers = servers
        self.address = servers.new_address(address)
        self.hands = Hands(servers, self.address)
        self.settings = servers.settings() | (settings or {})
        self._clock = clock
        self.mailbox = self.reopened()

    def reopened(self) -> ImapMailbox:
        """The same account opened once more, as another process would."""
        read = ImapSettings.read(self.settings, self.address)
        return ImapMailbox(self.address, read, Passwords.read(PASSWORD), settle_s=0.0, clock=self._clock)

    def number_anew(self) -> None:
        """The server forgets its UIDs; every session of before is over."""
        self.close()
        self.servers.number_anew(self.address)
        self.hands, self.mailbox = Hands(self.servers, self.address), self.reopened()

    def close(self) -> None:
        self.mailbox.close()
        self.hands.close()

    def receive(self, raw: bytes, folder: str = "INBOX") -> str:
        return self.hands.put(folder, raw)

    def edit_draft(self, draft: RemoteDraft, raw: bytes) -> None:
        """As mail programs do: the new text is another mail, and the old one goes."""
        self.hands.put("Drafts", raw, b"\\Draft")
        self.hands.remove(draft.id)

    def delete_draft(self, draft: RemoteDraft) -> None:
        self.hands.remove(draft.id)

    def left(self) -> list[bytes]:
        return self.servers.left(self.address)
