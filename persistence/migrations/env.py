"""Alembic's entry: runs the history over the connection that `migrate` hands in, inside its transaction."""

from alembic import context

from persistence import (  # noqa: F401 - importing them adds their tables
    account_rows,
    rows,
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

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=rows.metadata, transactional_ddl=True)
context.run_migrations()
