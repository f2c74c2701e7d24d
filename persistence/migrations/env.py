"""Alembic's entry: runs the history over the connection that `migrate` hands in, inside its transaction."""

from alembic import context

from persistence.rows import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
