"""Adding mailboxes to the desk, taking them off it, and keeping their refresh tokens sealed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, case, literal, select, update

from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.packing import Columns, mailbox_from
from persistence.rows import audit_events, mailboxes
from persistence.sealing import Sealer
from persistence.unit import unit_of_work
from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.errors import NotFound
from tickets.mail import MailboxId
from tickets.storage import MailboxRecord

PURPOSE: Final = "refresh tokens"
_READ: Final[Columns] = {"paused_at": None, "paused_by": None}
GONE: Final = "There is no such mailbox. Add it with `communication-agent mailbox add`."


class SqlMailboxes:
    """The ports MailboxRegistry, MailboxSecrets and Connections. `secret` is the desk's, 32 bytes."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._sealer = Sealer(secret, PURPOSE)

    async def add(self, kind: str, address: str, settings: Mapping[str, str], event: AuditEvent) -> MailboxRecord:
        """Insert, or give back the mailbox with that address after bringing its kind and settings up to date."""
        row = {
            "id": uuid4(),
            "kind": kind,
            "address": address.strip(),
            "address_key": address.strip().casefold(),
            "settings": dict(settings),
            "state": MailboxState.OK.value,
            "state_since": event.at,
        }
        async with unit_of_work(self._database) as unit:
            put = unit.upsert(mailboxes).values(row)
            put = put.on_conflict_do_update(
                index_elements=["address_key"], set_={"kind": put.excluded.kind, "settings": put.excluded.settings}
            )
            added = (await unit.connection.execute(put.returning(mailboxes))).one()
            unit.events.append(event)
        return mailbox_from(added)

    async def watched_until(self, mailbox_id: MailboxId, until: datetime) -> None:
        """When the provider's notices end."""
        watched = update(mailboxes).where(mailboxes.c.id == mailbox_id).values(watch_until=until)
        async with self._database.write() as connection:
            await connection.execute(watched)

    async def refresh_token(self, mailbox_id: MailboxId) -> str | None:
        """Raises SealBroken when it was sealed with another key or for another mailbox."""
        query = select(mailboxes.c.refresh_token).where(mailboxes.c.id == mailbox_id)
        async with self._database.read() as connection:
            sealed: bytes | None = (await connection.execute(query)).scalar()
        return self._sealer.open(sealed, mailbox_id.bytes).decode() if sealed is not None else None

    async def keep_refresh_token(self, mailbox_id: MailboxId, token: str) -> None:
        """Raises NotFound, also for a mailbox that was disconnected: its token must not come back by itself."""
        is_on = (mailboxes.c.id == mailbox_id) & (mailboxes.c.state != MailboxState.DISCONNECTED.value)
        kept = update(mailboxes).where(is_on).values(refresh_token=self._sealed(token, mailbox_id))
        async with self._database.write() as connection:
            if (await connection.execute(kept)).rowcount != 1:
                raise NotFound(GONE)

    async def connected(self, mailbox_id: MailboxId, refresh_token: str | None, event: AuditEvent) -> None:
        """Read it again from where it stood: the cursor stays. Raises NotFound."""
        changes: Columns = {"state": MailboxState.OK.value, "state_since": event.at, "detail": None}
        if refresh_token is not None:
            changes["refresh_token"] = self._sealed(refresh_token, mailbox_id)
        await self._change(mailbox_id, changes, event)

    async def disconnected(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Forget its token. Raises NotFound."""
        off = {"state": MailboxState.DISCONNECTED.value, "state_since": event.at, "detail": None}
        await self._change(mailbox_id, {**off, **_READ, "refresh_token": None, "watch_until": None}, event)

    async def paused(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Who pauses it first is named; later ones change nothing."""
        changes: Columns = {"paused_at": event.at, "paused_by": event.actor}
        await self._change_if(mailbox_id, mailboxes.c.paused_at.is_(None), changes, event)

    async def resumed(self, mailbox_id: MailboxId, event: AuditEvent) -> None:
        """Its silence is reckoned from now on; a fault of before the pause is for the next sync to find again."""
        is_ill = mailboxes.c.state == MailboxState.RECONNECT_REQUIRED.value
        changes: Columns = {
            **_READ,
            "state": case((is_ill, mailboxes.c.state), else_=MailboxState.OK.value),
            "detail": case((is_ill, mailboxes.c.detail), else_=None),
            "state_since": case((is_ill, mailboxes.c.state_since), else_=literal(event.at, UtcDateTime)),
        }
        await self._change_if(mailbox_id, mailboxes.c.paused_at.is_not(None), changes, event)

    async def changed(self, mailbox_id: MailboxId, send_as: str | None, signature: str, event: AuditEvent) -> None:
        """Raises NotFound."""
        await self._change(mailbox_id, {"send_as": send_as, "signature": signature}, event)

    async def connected_at(self, mailbox_id: MailboxId) -> datetime | None:
        """When its owner gave the permission last, by the record."""
        events = audit_events.c
        query = select(events.at, events.fields).where(events.kind == EventKind.MAILBOX_CONNECTED.value)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return max((row.at for row in rows if (row.fields or {}).get("mailbox") == str(mailbox_id)), default=None)

    async def _change(self, mailbox_id: MailboxId, changes: Columns, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            changed = await unit.connection.execute(
                update(mailboxes).where(mailboxes.c.id == mailbox_id).values(changes)
            )
            if changed.rowcount != 1:
                raise NotFound(GONE)
            unit.events.append(event)

    async def _change_if(
        self, mailbox_id: MailboxId, condition: ColumnElement[bool], changes: Columns, event: AuditEvent
    ) -> None:
        """On record only when it changed something."""
        change = update(mailboxes).where(mailboxes.c.id == mailbox_id, condition).values(changes)
        async with unit_of_work(self._database) as unit:
            if (await unit.connection.execute(change)).rowcount == 1:
                unit.events.append(event)

    def _sealed(self, token: str, mailbox_id: MailboxId) -> bytes:
        return self._sealer.seal(token.encode(), mailbox_id.bytes)
