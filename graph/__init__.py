"""The agent: a LangGraph graph of six nodes. `build` is its picture, `threads` moves a ticket's thread from outside."""

import os

# Without it, langgraph's msgpack reader builds any class that a crafted checkpoint names. It is read at import time.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
