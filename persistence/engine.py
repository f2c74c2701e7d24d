"""Opening a database: one writer and several readers, tuned so that no update is lost and none waits for a reader."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, DateTime, Engine, Executable, event, func, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from persistence import one_hop
from tickets.errors import StorageFault

BUSY_MS: Final = 30_000  # how long one process waits for another's transaction on SQLite
CHECKED_BYTES: Final = 64 * 2**20  # a SQLite file up to this size is checked page by page before it is used


class DatabaseFault(StorageFault):
    """The database cannot be used; the message says which and what to do. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Write through `write`, read through `read`; `close` it at the end."""

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: commits when the block ends, rolls back when it raises. Raises DatabaseFault."""
        with explain(self.url):
            async with self.writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which every statement sees what is committed then. Raises DatabaseFault."""
        with explain(self.url):
            async with self.reader.connect() as connection:
                yield connection

    async def ping(self) -> None:
        """Raises DatabaseFault unless the database answers."""
        async with self.read() as connection:
            await connection.execute(_PING)

    def now(self) -> Any:
        """The present, as an operand of SQL: the server's own clock where several hosts share one database."""
        if self.is_sqlite:
            return datetime.now(UTC)
        return func.clock_timestamp(type_=DateTime(timezone=True))

    async def close(self) -> None:
        """Give back every connection."""
        await self.writer.dispose()
        await self.reader.dispose()


_PING: Final[Executable] = text("SELECT 1")


def parse_url(url: str) -> URL:
    """The URL with the driver that is used here (aiosqlite, psycopg 3). Raises DatabaseFault."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseFault(
            "The database URL cannot be read. Set CA_DATABASE_URL to sqlite:///file or postgresql://..."
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            _require_psycopg()
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise DatabaseFault(
                f"'{other}' is no database of this desk. Set CA_DATABASE_URL to sqlite:///... or postgresql://..."
            )


def open_database(url: str, *, readers: int = 4, writers: int = 10) -> Database:
    """Open a migrated database. `writers` counts on PostgreSQL only; SQLite has one.

    Raises DatabaseFault for a SQLite file that is missing, damaged or read-only; PostgreSQL is first asked by `ping`.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        check_file(sqlite_path(parsed))
        driver = {"async_creator_fn": one_hop.connect}
        writer = create_async_engine(
            parsed, pool_size=1, max_overflow=0, pool_timeout=60, connect_args=driver, hide_parameters=True
        )
        reader = create_async_engine(
            parsed,
            connect_args=driver,
            pool_size=readers,
            max_overflow=0,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )
        tune_sqlite(writer.sync_engine)
        tune_sqlite(reader.sync_engine, query_only=True)
    else:
        writer = create_async_engine(parsed, pool_size=writers, pool_pre_ping=True, hide_parameters=True)
        reader = create_async_engine(
            parsed, pool_size=readers, pool_pre_ping=True, isolation_level="AUTOCOMMIT", hide_parameters=True
        )
    return Database(parsed, writer, reader)


def tune_sqlite(engine: Engine, *, query_only: bool = False) -> None:
    """Write-ahead log, waiting instead of failing, and transactions that take the write lock when they begin."""

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin by itself: it would begin too weakly
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    if not query_only:
        event.listen(engine, "begin", on_begin)


def sqlite_path(url: URL) -> Path:
    """The file behind a SQLite URL. Raises DatabaseFault for an in-memory one: processes could not share it."""
    if not url.database or url.database == ":memory:":
        raise DatabaseFault("The desk needs a database file. Set CA_DATABASE_URL to sqlite:///path/to/desk.db.")
    return Path(url.database)


def check_file(path: Path) -> None:
    """Raises DatabaseFault for a file that is missing, damaged or cannot be written."""
    if not path.is_file():
        raise DatabaseFault(f"There is no database at {path}. Run `communication-agent migrate` to make one.")
    try:
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
        try:
            _check_contents(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise DatabaseFault(_sqlite_advice(str(error), str(path))) from error


def _check_contents(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if path.stat().st_size <= CHECKED_BYTES:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("malformed")
    connection.execute("BEGIN IMMEDIATE")  # the pages of a read-only file can be read; only a write shows it
    connection.execute("PRAGMA user_version = 0")
    connection.execute("ROLLBACK")


def _require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401 - an extra: only PostgreSQL needs it
    except ImportError as error:
        raise DatabaseFault(
            "PostgreSQL needs the extra 'postgres'. Install it with `pip install communication-agent[postgres]`."
        ) from error


@contextmanager
def explain(url: URL) -> Iterator[None]:
    """Turns the drivers' errors into DatabaseFault; a broken constraint stays what it is, the caller knows better."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise DatabaseFault(_advice(error, url)) from error


def _advice(error: DBAPIError | PoolTimeout, url: URL) -> str:
    if isinstance(error, PoolTimeout):
        return "The database is too busy: no connection came free in time. Try again; if it stays, restart the desk."
    cause = str(error.orig)
    if url.get_backend_name() == "sqlite":
        return _sqlite_advice(cause, url.database or "")
    where = f"{url.host or url.query.get('host', 'localhost')}/{url.database}"
    return (
        f"PostgreSQL at {where} failed ({type(error.orig).__name__}). Check that it runs and CA_DATABASE_URL is right."
    )


def _sqlite_advice(cause: str, path: str) -> str:
    if "readonly" in cause or "read-only" in cause or "unable to open" in cause:
        return f"The database {path} cannot be written. Give this user write permission on the file and its folder."
    if "not a database" in cause or "malformed" in cause or "corrupt" in cause:
        return f"The database {path} is damaged. Stop the desk and restore the latest backup over it."
    if "full" in cause:
        return f"The disk that holds {path} is full. Free some space; the desk goes on by itself."
    if "locked" in cause or "busy" in cause:
        return f"The database {path} was locked by another program for too long. Close that program and try again."
    if "no such table" in cause or "no such column" in cause:
        return f"The database {path} has another version. Run `communication-agent migrate`."
    return f"The database {path} failed ({cause}). See the log."
