"""Adding mailboxes to the desk, and keeping their refresh tokens sealed."""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from sqlalchemy import select, update

from persistence.engine import Database
from persistence.packing import mailbox_from
from persistence.rows import mailboxes
from persistence.sealing import Sealer
from persistence.unit import unit_of_work
from tickets.audit import AuditEvent
from tickets.boards import MailboxState
from tickets.errors import NotFound
from tickets.mail import MailboxId
from tickets.ports import MailboxRecord

PURPOSE: Final = "refresh tokens"


class SqlMailboxes:
    """The ports MailboxRegistry and MailboxSecrets. `secret` is the desk's, 32 bytes."""

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
        }
        async with unit_of_work(self._database) as unit:
            put = unit.upsert(mailboxes).values(row)
            put = put.on_conflict_do_update(
                index_elements=["address_key"], set_={"kind": put.excluded.kind, "settings": put.excluded.settings}
            )
            added = (await unit.connection.execute(put.returning(mailboxes))).one()
            unit.events.append(event)
        return mailbox_from(added)

    async def refresh_token(self, mailbox_id: MailboxId) -> str | None:
        """Raises SealBroken when it was sealed with another key or for another mailbox."""
        query = select(mailboxes.c.refresh_token).where(mailboxes.c.id == mailbox_id)
        async with self._database.read() as connection:
            sealed: bytes | None = (await connection.execute(query)).scalar()
        return self._sealer.open(sealed, mailbox_id.bytes).decode() if sealed is not None else None

    async def keep_refresh_token(self, mailbox_id: MailboxId, token: str) -> None:
        """Raises NotFound."""
        sealed = self._sealer.seal(token.encode(), mailbox_id.bytes)
        kept = update(mailboxes).where(mailboxes.c.id == mailbox_id).values(refresh_token=sealed)
        async with self._database.write() as connection:
            if (await connection.execute(kept)).rowcount != 1:
                raise NotFound("There is no such mailbox. Add it with `communication-agent mailbox add`.")
