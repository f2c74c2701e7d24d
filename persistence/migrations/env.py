"""Alembic's entry: runs the history over the connection that `migrate` hands in, inside its transaction."""

from alembic import context

from persistence import account_rows  # importing it adds its tables to those of `rows`

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=account_rows.metadata, transactional_ddl=True)
context.run_migrations()
