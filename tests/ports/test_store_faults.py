"""What goes wrong underneath is said in words that help, and nothing is half written."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from persistence import engine
from persistence.boards import SqlBoards
from persistence.engine import DatabaseFault, open_database
from persistence.migrate import upgrade
from tests.ports.store_builders import Desk, a_mail


async def test_readers_cannot_write_on_sqlite(sqlite_template: Path):
    database = open_database(f"sqlite:///{sqlite_template}")
    try:
        with pytest.raises(DatabaseFault):
            async with database.read() as connection:
                await connection.exec_driver_sql("DELETE FROM tallies")
    finally:
        await database.close()


async def test_writers_at_once_lose_no_update(database):
    desk = await Desk.on(database)
    ticket = await desk.opened()

    async def add() -> None:
        async with desk.store.begin() as tx:
            await tx.ticket(ticket.id)
            await tx.add_mail(desk.mail(ticket))

    await asyncio.gather(*(add() for _ in range(32)))

    assert len((await desk.store.conversation(ticket.id)).messages) == 32


async def test_a_database_that_stays_locked_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    upgrade(url)
    database = open_database(url)
    other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(DatabaseFault, match="locked"):
            async with database.write():
                pass
    finally:
        other.close()
        await database.close()


async def test_a_database_of_another_version_says_to_migrate(tmp_path):
    sqlite3.connect(tmp_path / "desk.db").close()
    (tmp_path / "desk.db").touch()
    database = open_database(f"sqlite:///{tmp_path / 'desk.db'}")
    try:
        with pytest.raises(DatabaseFault, match="migrate"):
            await SqlBoards(database).counts()
    finally:
        await database.close()


async def test_an_error_never_repeats_what_was_in_the_mail(database):
    desk = await Desk.on(database)
    ticket = await desk.opened()
    mail = a_mail(subject="MARKER-7f3a", text="MARKER-7f3a")
    await desk.received(ticket, mail)

    with pytest.raises(Exception) as caught:
        await desk.received(ticket, mail)

    shown = ""
    error: BaseException | None = caught.value
    while error is not None:
        shown += repr(error) + str(error)
        error = error.__cause__
    assert "MARKER-7f3a" not in shown


async def test_a_server_that_is_not_there_says_what_to_check():
    database = open_database("postgresql://desk@127.0.0.1:1/desk")
    try:
        with pytest.raises(DatabaseFault, match="Check that it runs"):
            await database.ping()
    finally:
        await database.close()
