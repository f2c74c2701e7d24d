"""The tables of the search.

`search_entries` has a row for each mail and note that can be found, `search_words` its folded words under the same id:
an FTS5 table on SQLite, a tsvector with a GIN index on PostgreSQL, so it is made by its migration and not described
here. Ids rise with the time of the mail, so that the newest hits are read first from either.

Triggers follow a mail or a note to another ticket, and take the words of a removed entry along.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Uuid

from persistence.rows import metadata
from persistence.rows_notes import notes  # noqa: F401 - an entry may be of a note

_LOW_BITS: Final = 21
_MOST_MS: Final = 2**42 - 1  # the year 2109
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

# On SQLite the type has to be INTEGER: only then is it the rowid.
_TIMED_ID: Final = BigInteger().with_variant(Integer(), "sqlite")

search_entries: Final = Table(
    "search_entries",
    metadata,
    Column("id", _TIMED_ID, primary_key=True, autoincrement=False),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("mail_id", Uuid, ForeignKey("mails.id", ondelete="CASCADE"), unique=True),
    Column("note_id", Uuid, ForeignKey("notes.id", ondelete="CASCADE"), unique=True),
    Column("has_attachment", Boolean, nullable=False),
    Index("ix_search_entries_ticket_id_id", "ticket_id", "id"),
)

# One row: how far the mails from before there was an index are in it. They are taken newest first.
search_progress: Final = Table(
    "search_progress",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("before", Uuid),  # mails with a lower id are still to come; None: all of them
    Column("filled", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("is_done", Boolean, nullable=False),
)


def timed_id(at: datetime) -> int:
    """An id for an entry of that time. Two of one millisecond differ by chance: whoever inserts tries again."""
    return first_id_of(at) + secrets.randbits(_LOW_BITS)


def first_id_of(at: datetime) -> int:
    """The lowest id that an entry of that time or later can have."""
    return min(max((at - _EPOCH) // _MS, 0), _MOST_MS) << _LOW_BITS


def time_of(entry_id: int) -> datetime:
    """When the mail of that entry came."""
    return _EPOCH + (entry_id >> _LOW_BITS) * _MS
