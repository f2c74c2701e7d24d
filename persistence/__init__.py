"""The database: SQLite by default, PostgreSQL by URL, and LangGraph's checkpoints beside it.

Start with `rows` (the tables) and `store` (the unit of work). `engine` opens a database, `migrate` brings it up to
date, `boards` and `accounts` read and write what their names say, `leases` decides which process may work on what,
`checkpoints` keeps the threads, encrypted.
"""

import os

# LangGraph reads this once, when it is first imported. Without it a crafted checkpoint row runs code on reading.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
