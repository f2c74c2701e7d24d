"""One history of tables for both databases."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, inspect

from persistence import (  # noqa: F401 - importing them adds their tables
    account_rows,
    rows_boards,
    rows_examples,
    rows_knowledge,
    rows_model_calls,
    rows_moves,
    rows_notes,
    rows_notices,
    rows_presence,
    rows_reports,
    rows_requests,
    rows_retention,
    rows_search,
    rows_second_person,
    rows_settings,
    rows_webhooks,
    rows_work_copies,
)
from persistence.engine import DatabaseFault, open_database
from persistence.migrate import is_current, upgrade
from persistence.rows import metadata


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    """The words of the search are an index of each database's own kind, not a table of ours."""
    return kind != "table" or not (name or "").startswith("search_words")


def test_an_empty_database_is_brought_up_to_date(empty_database_url):
    assert not is_current(empty_database_url)

    upgrade(empty_database_url)

    assert is_current(empty_database_url)


def test_the_history_ends_at_exactly_the_tables_that_the_queries_use(database_url):
    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_described})
        differences = compare_metadata(context, metadata)
        existing = set(inspect(connection).get_table_names())

    assert differences == []
    assert {table.name for table in metadata.sorted_tables} <= existing


def test_upgrading_twice_changes_nothing(database_url):
    upgrade(database_url)

    assert is_current(database_url)


def test_two_processes_can_bring_one_database_up_to_date_at_once(empty_database_url):
    program = "import sys; from persistence.migrate import upgrade; upgrade(sys.argv[1])"
    both = [
        subprocess.Popen([sys.executable, "-c", program, empty_database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    ends = [(process.communicate()[1], process.returncode) for process in both]

    assert [code for _, code in ends] == [0, 0], ends
    assert is_current(empty_database_url)


def test_only_its_owner_may_read_the_file(tmp_path):
    upgrade(f"sqlite:///{tmp_path / 'desk.db'}")

    assert (tmp_path / "desk.db").stat().st_mode & 0o077 == 0


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(DatabaseFault, match="migrate"):
        open_database(f"sqlite:///{tmp_path / 'desk.db'}")


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(DatabaseFault, match="no folder"):
        upgrade(f"sqlite:///{tmp_path / 'absent' / 'desk.db'}")


@pytest.mark.parametrize("damage_at", [0, 0.5])
def test_a_damaged_file_is_refused_with_advice(sqlite_template: Path, tmp_path: Path, damage_at: float):
    content = bytearray(sqlite_template.read_bytes())
    begin = int(len(content) * damage_at)
    content[begin : begin + 4096] = b"\xa5" * 4096
    (tmp_path / "desk.db").write_bytes(content)

    with pytest.raises(DatabaseFault, match="damaged"):
        open_database(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.mark.parametrize("url", ["mysql://host/db", "not a url", "sqlite://"])
def test_a_url_that_is_no_database_of_ours_is_refused(url):
    with pytest.raises(DatabaseFault, match="CA_DATABASE_URL"):
        open_database(url)
