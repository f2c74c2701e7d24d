"""Reads of a reply's earlier revisions."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select

from persistence.engine import Database
from persistence.packing import draft_from
from persistence.rows import decisions, drafts
from tickets.errors import NotFound
from tickets.revisions import MAX_REVISIONS, Revision
from tickets.ticket import Draft, DraftState, TicketId
from tickets.wording import Sentence

_WISH: Final = "decision:"
_LISTED: Final = tuple(
    drafts.c[name]
    for name in ("revision", "made_for", "written_by", "created_at", "state", "subject", "flags", "prompt")
)


class RevisionReads:
    """The part of the store that looks back."""

    _database: Database

    async def revisions(self, ticket_id: TicketId, limit: int = MAX_REVISIONS) -> tuple[Revision, ...]:
        """Two selects; the texts stay where they are."""
        of_ticket = (
            select(*_LISTED, func.length(drafts.c.body).label("length"))
            .where(drafts.c.ticket_id == ticket_id)
            .order_by(drafts.c.revision.desc())
            .limit(limit)
        )
        wishes = select(decisions.c.id, decisions.c.actor, decisions.c.feedback).where(
            decisions.c.ticket_id == ticket_id
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(of_ticket)).all()
            asked = {wish.id: wish for wish in await connection.execute(wishes)}
        return tuple(_revision(row, asked) for row in rows)

    async def revision(self, ticket_id: TicketId, revision: int) -> Draft:
        """Raises NotFound."""
        this = select(drafts).where(drafts.c.ticket_id == ticket_id, drafts.c.revision == revision)
        async with self._database.read() as connection:
            row = (await connection.execute(this)).first()
        if row is None:
            raise NotFound(
                Sentence(
                    "This ticket has no draft %(number)s. Go back to the ticket and choose one of the list.",
                    number=revision,
                )
            )
        return draft_from(row)

    async def agents_draft(self, ticket_id: TicketId, up_to: int) -> Draft | None:
        by_agent = (
            select(drafts)
            .where(drafts.c.ticket_id == ticket_id, drafts.c.revision <= up_to, ~drafts.c.made_for.startswith("edit:"))
            .order_by(drafts.c.revision.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(by_agent)).first()
        return draft_from(row) if row else None


def _revision(row: Row[*tuple[Any, ...]], asked: Mapping[UUID, Any]) -> Revision:
    wish = asked.get(UUID(row.made_for.removeprefix(_WISH))) if row.made_for.startswith(_WISH) else None
    return Revision(
        revision=row.revision,
        made_for=row.made_for,
        written_by=row.written_by,
        created_at=row.created_at,
        state=DraftState(row.state),
        subject=row.subject,
        length=row.length,
        flags=len(row.flags),
        asked_by=wish.actor if wish else None,
        feedback=wish.feedback if wish else None,
        prompt=row.prompt,
    )
