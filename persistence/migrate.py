"""Bringing a database to the tables of this version: one history for both, safe when two processes start at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from persistence.engine import DatabaseFault, explain, parse_url, sqlite_path, tune_sqlite

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x636F6D6D5F6D6967  # the advisory lock of this product's migrations on PostgreSQL
_WAL_TRIES: Final = 50


def upgrade(url: str) -> None:
    """Make the database if need be and bring it up to date; blocks. Raises DatabaseFault; nothing is half done then."""
    parsed = parse_url(url)
    with explain(parsed), _migrating(parsed) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(url: str) -> bool:
    """Whether the database has exactly the tables of this version. Raises DatabaseFault when it cannot be reached."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not sqlite_path(parsed).is_file():
        return False
    with explain(parsed):
        engine = create_engine(_sync(parsed), hide_parameters=True)
        try:
            with engine.connect() as connection:
                heads = MigrationContext.configure(connection).get_current_heads()
        finally:
            engine.dispose()
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())


@contextmanager
def _migrating(url: URL) -> Iterator[Connection]:
    """A transaction that excludes every other migration of this database until it ends."""
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        _make_file(sqlite_path(url))
    engine = create_engine(_sync(url), hide_parameters=True)
    try:
        if is_sqlite:
            tune_sqlite(engine)
            _write_ahead(engine.url)
        with engine.begin() as connection:
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _sync(url: URL) -> URL:
    return url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url


def _make_file(path: Path) -> None:
    """Only this user may read the mail in it."""
    if not path.parent.is_dir():
        raise DatabaseFault(f"There is no folder {path.parent}. Make it, or set CA_DATA_DIR to one that exists.")
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise DatabaseFault(
            f"The database {path} cannot be made ({error.strerror}). Check the folder's permissions."
        ) from error


def _write_ahead(url: URL) -> None:
    """Switch the file to its write-ahead log, which stays; another process that does the same is waited for."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        for attempt in range(_WAL_TRIES):
            try:
                with engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                    return
            except OperationalError:
                # SQLite does not wait for this lock by itself.
                if attempt == _WAL_TRIES - 1:
                    raise
                time.sleep(0.1)
    finally:
        engine.dispose()
