"""The index of the search. Mails from before are put in afterwards, in small steps, while the desk runs."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SQLITE = (
    # The words come folded, with spaces between: no tokenizer has to know a language. Short prefixes are indexed too.
    "CREATE VIRTUAL TABLE search_words USING fts5("
    "subject, sender, recipients, body, tokenize = 'ascii', prefix = '2 3')",
    "CREATE TRIGGER search_words_go AFTER DELETE ON search_entries BEGIN"
    " DELETE FROM search_words WHERE rowid = old.id; END",
    "CREATE TRIGGER search_mails_move AFTER UPDATE OF ticket_id ON mails WHEN new.ticket_id IS NOT old.ticket_id BEGIN"
    " UPDATE search_entries SET ticket_id = new.ticket_id WHERE mail_id = new.id AND new.ticket_id IS NOT NULL;"
    " DELETE FROM search_entries WHERE mail_id = new.id AND new.ticket_id IS NULL; END",
    "CREATE TRIGGER search_notes_move AFTER UPDATE OF ticket_id ON notes WHEN new.ticket_id IS NOT old.ticket_id BEGIN"
    " UPDATE search_entries SET ticket_id = new.ticket_id WHERE note_id = new.id; END",
)

_POSTGRES = (
    "CREATE TABLE search_words (id bigint PRIMARY KEY REFERENCES search_entries(id) ON DELETE CASCADE,"
    " words tsvector NOT NULL)",
    # A short list of what is not sorted in yet: every search has to read it through.
    "CREATE INDEX ix_search_words_words ON search_words USING gin (words) WITH (gin_pending_list_limit = 512)",
    """
    CREATE FUNCTION search_mails_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF new.ticket_id IS NULL THEN DELETE FROM search_entries WHERE mail_id = new.id;
      ELSE UPDATE search_entries SET ticket_id = new.ticket_id WHERE mail_id = new.id; END IF;
      RETURN NULL; END $$
    """,
    "CREATE TRIGGER search_mails_move AFTER UPDATE OF ticket_id ON mails FOR EACH ROW"
    " WHEN (new.ticket_id IS DISTINCT FROM old.ticket_id) EXECUTE FUNCTION search_mails_move()",
    """
    CREATE FUNCTION search_notes_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE search_entries SET ticket_id = new.ticket_id WHERE note_id = new.id;
      RETURN NULL; END $$
    """,
    "CREATE TRIGGER search_notes_move AFTER UPDATE OF ticket_id ON notes FOR EACH ROW"
    " WHEN (new.ticket_id IS DISTINCT FROM old.ticket_id) EXECUTE FUNCTION search_notes_move()",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("mail_id", sa.Uuid(), sa.ForeignKey("mails.id", ondelete="CASCADE")),
        sa.Column("note_id", sa.Uuid(), sa.ForeignKey("notes.id", ondelete="CASCADE")),
        sa.Column("has_attachment", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("mail_id"),
        sa.UniqueConstraint("note_id"),
    )
    op.create_index("ix_search_entries_ticket_id_id", "search_entries", ["ticket_id", "id"])
    for statement in _SQLITE if is_sqlite else _POSTGRES:
        op.execute(statement)
    _progress()


def _progress() -> None:
    op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("before", sa.Uuid()),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
    )
    op.execute(
        "INSERT INTO search_progress (id, filled, total, is_done)"
        " SELECT 1, 0, count(*), count(*) = 0 FROM mails WHERE ticket_id IS NOT NULL"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("search_progress")
    for table in ("mails", "notes"):
        op.execute(f"DROP TRIGGER search_{table}_move" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION search_{table}_move")
    op.execute("DROP TABLE search_words")
    op.drop_table("search_entries")
