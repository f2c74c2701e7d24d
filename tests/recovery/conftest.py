"""Desks on disk, seeded once a session by real processes, and put back for each test."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.databases import PostgresServer
from tests.recovery.scene import Scene, Seeds, approve_and_die, kill_at, new_scene

UNDO_WINDOW_S = 8  # long enough to approve three drafts and be killed, on a busy machine too


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    """On SQLite."""
    folder = tmp_path_factory.mktemp("recovery")
    seeds = Seeds(folder, new_scene(folder))
    seeds.keep("mailed")
    kill_at(seeds.mailed, "mail_stored")
    seeds.keep("stored")
    approve_and_die(seeds.mailed, UNDO_WINDOW_S)
    seeds.keep("approved")
    return seeds


@pytest.fixture
def mailed(seeds: Seeds) -> Scene:
    """Three mails lie in the mailbox; nobody has looked yet."""
    return seeds.back_to("mailed")


@pytest.fixture
def stored(seeds: Seeds) -> Scene:
    """Three mails are tickets; nothing was done on them."""
    return seeds.back_to("stored")


@pytest.fixture
def approved(seeds: Seeds) -> Scene:
    """Three replies are approved, and the process was killed before they were due."""
    return seeds.back_to("approved")


@pytest.fixture(scope="session")
def postgres_seeds(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Scene]:
    """Makes desks on PostgreSQL with three approved replies, each in a database of its own."""
    folder = tmp_path_factory.mktemp("recovery-postgres")
    template = postgres_server.migrated()
    seeds = Seeds(folder, new_scene(folder, template))
    approve_and_die(seeds.mailed, UNDO_WINDOW_S)
    seeds.keep("approved")

    def make() -> Scene:
        scene = seeds.back_to("approved")
        url = postgres_server.empty()
        _copy_database(template, url)
        return replace(scene, home=replace(scene.home, environ=scene.home.environ | {"CA_DATABASE_URL": url}))

    return make


def _copy_database(source: str, target: str) -> None:
    """Replace the target by a copy of the source, which nobody uses at the moment."""
    old, new = make_url(source), make_url(target)
    engine = create_engine(new.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{new.database}"'))
        connection.execute(text(f'CREATE DATABASE "{new.database}" TEMPLATE "{old.database}"'))
