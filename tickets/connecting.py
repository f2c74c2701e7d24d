"""Use cases of the mailboxes page: connect an account by its owner's consent, disconnect it, change how it writes.

The consent takes its owner to the provider and back. What must be remembered meanwhile (the state, the proof key, which
mailbox it is for) travels in the owner's browser, sealed for that login, so that any process can take the answer.
"""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.errors import BadInput, Conflict, DeskError, MailboxError, NotFound, Rejected
from tickets.mail import MailboxId
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.storage import MailboxRecord, TicketStore
from tickets.sync import OpenMailbox
from tickets.wording import Sentence

GMAIL: Final = "gmail"
CONSENT_LIFETIME: Final = timedelta(minutes=10)
MAX_SIGNATURE: Final = 2000

NOT_ASKED: Final = (
    "This consent was not asked for in this login, was used before, or is older than ten minutes. "
    "Nothing was changed; start again on the Mailboxes page."
)
NO_CLIENT: Final = "Set CA_GOOGLE_CLIENT_ID and CA_GOOGLE_CLIENT_SECRET first; the guide on this page says how."


@dataclass(frozen=True, slots=True)
class Question:
    """The provider's consent page to open, and what its answer must be matched with."""

    url: str
    state: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A lasting permission, and the account that gave it."""

    refresh_token: str = field(repr=False)
    address: str


class Consent(Protocol):
    """The provider's OAuth. Methods raise Rejected (refused, incomplete) and Unavailable."""

    async def question(self, redirect_url: str, address: str | None) -> Question: ...
    async def grant(self, redirect_url: str, verifier: str, answer: Mapping[str, str]) -> Grant: ...
    async def revoke(self, refresh_token: str) -> None: ...


class Envelope(Protocol):
    """Authenticated encryption; `open` raises DeskError for anything that was not sealed here about the same."""

    def seal(self, plain: bytes, about: bytes = b"") -> bytes: ...
    def open(self, sealed: bytes, about: bytes = b"") -> bytes: ...


class Connections(Protocol):
    """The mailboxes' permissions and how they write; each change is recorded in its own transaction."""

    async def add(self, kind: str, address: str, settings: Mapping[str, str], event: AuditEvent) -> MailboxRecord: ...
    async def refresh_token(self, mailbox_id: MailboxId) -> str | None: ...
    async def connected(self, mailbox_id: MailboxId, refresh_token: str | None, event: AuditEvent) -> None:
        """The mailbox is to be read again; None leaves its token as it is."""
        ...

    async def disconnected(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Forget the token; nothing is read and nothing leaves until it is connected again."""
        ...

    async def paused(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Fetch nothing from it; one that is paused already stays as it is, without another event."""
        ...

    async def resumed(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Fetch again, from the cursor on; one that is not paused stays as it is."""
        ...

    async def changed(self, mailbox_id: MailboxId, send_as: str | None, signature: str, event: AuditEvent) -> None: ...


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the owner, and what their browser must bring back."""

    url: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Pending:
    state: str
    verifier: str
    mailbox_id: str | None
    address: str | None
    until: str


@dataclass(frozen=True, slots=True)
class Connecting:
    """All that an administrator does to a mailbox. `consent` is None while no OAuth client is configured."""

    consent: Consent | None
    connections: Connections
    store: TicketStore
    open_mailbox: OpenMailbox
    envelope: Envelope
    clock: Clock
    redirect_url: str
    ring: Callable[[str], None]
    wake_waiting: Callable[[MailboxId], Awaitable[object]]
    _used: dict[str, datetime] = field(default_factory=dict)

    async def begin(
        self, session: str, address: str | None, mailbox_id: MailboxId | None = None, *, by: Actor
    ) -> Begun:
        """Ask for consent in this login. Raises BadInput without a client, NotFound, Conflict for another kind."""
        by.require(Scope.ADMIN)
        if mailbox_id is not None:
            address = await self._gmail_address(mailbox_id)
        question = await self._asking().question(self.redirect_url, address or None)
        until = (self.clock.now() + CONSENT_LIFETIME).isoformat()
        pending = [question.state, question.verifier, str(mailbox_id) if mailbox_id else None, address or None, until]
        sealed = self.envelope.seal(json.dumps(pending).encode(), session.encode())
        return Begun(question.url, base64.urlsafe_b64encode(sealed).decode())

    async def finish(self, session: str, sealed: str | None, answer: Mapping[str, str], *, by: Actor) -> MailboxRecord:
        """Take the provider's answer and connect the mailbox.

        Raises BadInput for an answer nobody asked for, Rejected for a consent that does not fit, Unavailable.
        """
        by.require(Scope.ADMIN)
        pending = self._asked_for(session, sealed, answer.get("state", ""))
        grant = await self._asking().grant(self.redirect_url, pending.verifier, answer)
        if pending.address and grant.address.casefold() != pending.address.casefold():
            await self._give_back(grant)
            raise Rejected(
                Sentence(
                    "You agreed as %(other)s, but this mailbox is %(address)s. Nothing was changed. "
                    "Start again and choose %(address)s.",
                    other=grant.address,
                    address=pending.address,
                )
            )
        record = await self._record_of(pending, grant.address, by)
        await self.connections.connected(record.id, grant.refresh_token, self._event(record.id, by, is_on=True))
        await self._wake(record)
        return record

    async def disconnect(self, mailbox_id: MailboxId, *, by: Actor) -> bool | None:
        """Stop reading and sending, and give the permission back.

        True when the provider confirmed that, False when it could not be asked, None when there was none.
        """
        by.require(Scope.ADMIN)
        await self._record(mailbox_id)
        try:
            token = await self.connections.refresh_token(mailbox_id)
            is_readable = True
        except DeskError:  # sealed with another key: it cannot be given back, and must go all the same
            token, is_readable = None, False
        await self.connections.disconnected(mailbox_id, self._event(mailbox_id, by, is_on=False))
        if token is None:
            return None if is_readable else False
        return await self._revoked(token)

    async def pause(self, mailbox_id: MailboxId, *, by: Actor) -> None:
        """Fetch nothing new, while approved replies still leave. Raises Conflict for one that is off the desk."""
        by.require(Scope.ADMIN)
        record = await self._record(mailbox_id)
        if record.state is MailboxState.DISCONNECTED:
            raise Conflict("This mailbox is off the desk, so nothing is fetched from it. Connect it first.")
        event = AuditEvent(EventKind.MAILBOX_PAUSED, by.name, self.clock.now(), fields={"mailbox": str(mailbox_id)})
        await self.connections.paused(mailbox_id, event)

    async def resume(self, mailbox_id: MailboxId, *, by: Actor) -> None:
        """Read a mailbox again that was paused, or taken off the desk. Raises Conflict for one that needs a consent."""
        by.require(Scope.ADMIN)
        record = await self._record(mailbox_id)
        if record.paused_at is not None:
            kind, now = EventKind.MAILBOX_RESUMED, self.clock.now()
            await self.connections.resumed(
                mailbox_id, AuditEvent(kind, by.name, now, fields={"mailbox": str(mailbox_id)})
            )
            self.ring(record.address)
            return
        if record.kind == GMAIL and await self.connections.refresh_token(mailbox_id) is None:
            raise Conflict("This account has to give its permission again. Press Connect on the Mailboxes page.")
        await self.connections.connected(mailbox_id, None, self._event(mailbox_id, by, is_on=True))
        await self._wake(record)

    async def change(self, mailbox_id: MailboxId, send_as: str | None, signature: str, *, by: Actor) -> None:
        """Set the address that replies bear and the signature under them.

        Raises BadInput for an address that the mailbox may not send as, MailboxError when it cannot be asked.
        """
        by.require(Scope.ADMIN)
        record = await self._record(mailbox_id)
        chosen = (send_as or "").strip().casefold() or None
        if chosen == record.address.casefold():
            chosen = None
        if chosen and chosen != record.send_as and chosen not in await self.senders(mailbox_id):
            raise BadInput(
                Sentence(
                    "%(chosen)s is no verified sender of %(address)s. Verify it in the mailbox first.",
                    chosen=chosen,
                    address=record.address,
                )
            )
        signature = signature.replace("\r\n", "\n").strip()
        if len(signature) > MAX_SIGNATURE or "\0" in signature:
            raise BadInput(
                Sentence(
                    "A signature has at most %(max_signature)s characters. Shorten it.", max_signature=MAX_SIGNATURE
                )
            )
        fields = {"mailbox": str(mailbox_id), "send_as": chosen, "signature_length": len(signature)}
        event = AuditEvent(EventKind.MAILBOX_CHANGED, by.name, self.clock.now(), fields=fields)
        await self.connections.changed(mailbox_id, chosen, signature, event)

    async def senders(self, mailbox_id: MailboxId) -> frozenset[str]:
        """The verified addresses it may send as. Raises MailboxError when it cannot be asked."""
        await self._record(mailbox_id)
        return await (await self.open_mailbox(mailbox_id)).senders()

    def _asking(self) -> Consent:
        if self.consent is None:
            raise BadInput(NO_CLIENT)
        return self.consent

    def _asked_for(self, session: str, sealed: str | None, state: str) -> _Pending:
        """What was remembered, if this answer belongs to it. A state is good for one answer."""
        now = self.clock.now()
        try:
            opened = self.envelope.open(base64.urlsafe_b64decode(sealed or ""), session.encode())
            pending = _Pending(*json.loads(opened))
        except (DeskError, ValueError, TypeError):
            raise BadInput(NOT_ASKED) from None
        is_ours = hmac.compare_digest(pending.state.encode(), state.encode())
        if not is_ours or datetime.fromisoformat(pending.until) < now or pending.state in self._used:
            raise BadInput(NOT_ASKED)
        for old in [used for used, until in self._used.items() if until < now]:
            del self._used[old]
        self._used[pending.state] = now + CONSENT_LIFETIME
        return pending

    async def _record_of(self, pending: _Pending, address: str, by: Actor) -> MailboxRecord:
        """The mailbox that was connected: the one it was asked for, one of that address, or a new one."""
        if pending.mailbox_id is not None:
            return await self._record(MailboxId(UUID(pending.mailbox_id)))
        for known in await self.store.mailboxes():
            if known.address.casefold() == address.casefold():
                if known.kind != GMAIL:
                    raise Conflict(
                        Sentence(
                            "%(address)s is on this desk already, as %(kind)s. Disconnect it there first.",
                            address=address,
                            kind=known.kind,
                        )
                    )
                return known
        event = AuditEvent(EventKind.MAILBOX_ADDED, by.name, self.clock.now(), fields={"kind": GMAIL})
        return await self.connections.add(GMAIL, address, {}, event)

    async def _give_back(self, grant: Grant) -> None:
        """Google withdraws an account's permission as a whole: one that the desk reads must keep it."""
        if any(known.address.casefold() == grant.address.casefold() for known in await self.store.mailboxes()):
            return
        await self._revoked(grant.refresh_token)

    async def _revoked(self, refresh_token: str) -> bool:
        try:
            await self._asking().revoke(refresh_token)
        except (MailboxError, BadInput):
            return False
        return True

    async def _gmail_address(self, mailbox_id: MailboxId) -> str:
        record = await self._record(mailbox_id)
        if record.kind != GMAIL:
            raise Conflict(
                Sentence(
                    "%(address)s needs no consent of Google. Press Resume on the Mailboxes page.",
                    address=record.address,
                )
            )
        return record.address

    async def _record(self, mailbox_id: MailboxId) -> MailboxRecord:
        for record in await self.store.mailboxes():
            if record.id == mailbox_id:
                return record
        raise NotFound("There is no such mailbox. Go back to the Mailboxes page.")

    async def _wake(self, record: MailboxRecord) -> None:
        self.ring(record.address)
        await self.wake_waiting(record.id)

    def _event(self, mailbox_id: MailboxId, by: Actor, *, is_on: bool) -> AuditEvent:
        kind = EventKind.MAILBOX_CONNECTED if is_on else EventKind.MAILBOX_DISCONNECTED
        return AuditEvent(kind, by.name, self.clock.now(), fields={"mailbox": str(mailbox_id)})
