"""SQLite over aiosqlite with one trip to its thread for each statement.

As it comes, SQLAlchemy makes the cursor, executes, fetches and closes in four trips, each of which wakes the event
loop; they cost more than the statements do.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiosqlite


@dataclass(slots=True)
class OneHopCursor:
    """A cursor that has its rows, and is closed, when `execute` returns."""

    connection: "OneHopConnection"
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1
    rows: list[Any] = field(default_factory=list)

    async def __aenter__(self) -> "OneHopCursor":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> "OneHopCursor":
        return await self._run(lambda cursor: cursor.execute(operation, parameters))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> "OneHopCursor":
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def fetchall(self) -> list[Any]:
        return self.rows

    async def close(self) -> None:
        """Nothing is left to close."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> "OneHopCursor":
        await self.connection.in_thread(partial(self._in_thread, statement))
        return self

    def _in_thread(self, statement: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = self.connection.sqlite.cursor()
        try:
            statement(cursor)
            self.description = cursor.description
            self.rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class OneHopConnection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors need one trip."""

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        return OneHopCursor(self)

    @property
    def sqlite(self) -> sqlite3.Connection:
        """The connection itself, for use in its own thread."""
        return self._conn

    async def in_thread(self, function: Callable[[], object]) -> None:
        await self._execute(function)  # type: ignore[no-untyped-call]


def connect(database: str, **options: Any) -> OneHopConnection:
    """A connection that opens when it is awaited; the arguments are those of `sqlite3.connect`."""
    connection = OneHopConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # a program that ends must not wait for it
    return connection
