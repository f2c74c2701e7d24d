"""Putting mails and notes into the index of the search, in the transaction that puts them on record."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.rows_search import search_entries, timed_id
from tickets.mail import Mail
from tickets.search import Indexed, words_of_mail, words_of_note

_TRIES: Final = 5
_WEIGHTS: Final = (("subject", "A"), ("sender", "B"), ("recipients", "C"), ("body", ""))
_LAST_POSITION: Final = 16_383  # PostgreSQL counts no further
_APART: Final = 10  # positions between two places, so that no phrase spans them

_INTO_FTS5: Final = text(
    "INSERT INTO search_words(rowid, subject, sender, recipients, body)"
    " VALUES (:id, :subject, :sender, :recipients, :body)"
)
_INTO_TSVECTOR: Final = text("INSERT INTO search_words(id, words) VALUES (:id, CAST(:words AS tsvector))")


class SearchIndex:
    """Writes to the index over one connection, inside its transaction."""

    def __init__(self, connection: AsyncConnection, *, is_sqlite: bool) -> None:
        self._connection = connection
        self._is_sqlite = is_sqlite

    async def put_mail(self, mail_id: UUID, ticket_id: UUID, at: datetime, mail: Mail) -> None:
        """A mail that is in the index already stays as it is there."""
        key = {"mail_id": mail_id, "has_attachment": any(not part.is_inline for part in mail.attachments)}
        await self._put(ticket_id, at, key, words_of_mail(mail))

    async def put_note(self, note_id: UUID, ticket_id: UUID, at: datetime, note: str, author: str) -> None:
        """A note that is in the index already stays as it is there."""
        await self._put(ticket_id, at, {"note_id": note_id, "has_attachment": False}, words_of_note(note, author))

    async def forget_note(self, note_id: UUID) -> None:
        """Before it is put in again with other words, or because it is gone."""
        await self._connection.execute(delete(search_entries).where(search_entries.c.note_id == note_id))

    async def forget_mails(self, mail_ids: list[UUID]) -> None:
        """Before they are put in again. A mail that is deleted takes its entry along by itself."""
        await self._connection.execute(delete(search_entries).where(search_entries.c.mail_id.in_(mail_ids)))

    async def _put(self, ticket_id: UUID, at: datetime, key: dict[str, object], words: Indexed) -> None:
        insert = sqlite.insert(search_entries) if self._is_sqlite else postgresql.insert(search_entries)
        for _ in range(_TRIES):
            row = {"id": timed_id(at), "ticket_id": ticket_id, **key}
            put = insert.on_conflict_do_nothing().values(row).returning(search_entries.c.id)
            if (entry_id := (await self._connection.execute(put)).scalar()) is not None:
                await self._put_words(entry_id, words)
                return
            if await self._holds(key):
                return

    async def _holds(self, key: dict[str, object]) -> bool:
        name = "mail_id" if "mail_id" in key else "note_id"
        there = select(search_entries.c.id).where(search_entries.c[name] == key[name])
        return (await self._connection.execute(there)).first() is not None

    async def _put_words(self, entry_id: int, words: Indexed) -> None:
        if self._is_sqlite:
            places = {name: getattr(words, name) for name, _ in _WEIGHTS}
            await self._connection.execute(_INTO_FTS5, {"id": entry_id, **places})
        else:
            await self._connection.execute(_INTO_TSVECTOR, {"id": entry_id, "words": as_tsvector(words)})


def as_tsvector(words: Indexed) -> str:
    """The words with their positions and places, as PostgreSQL reads a tsvector: its own parser has no part in it."""
    positions: defaultdict[str, list[str]] = defaultdict(list)
    here = 0
    for name, weight in _WEIGHTS:
        for word in getattr(words, name).split():
            here = min(here + 1, _LAST_POSITION)
            positions[word].append(f"{here}{weight}")
        here = min(here + _APART, _LAST_POSITION)
    return " ".join(f"'{word}':{','.join(places)}" for word, places in positions.items())
