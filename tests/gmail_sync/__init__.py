"""Gmail's mail comes in whole: the real sync, a real SQLite file and HTTP to the Gmail double, under every fault.

`scenarios` is the list of what goes wrong; `desk` plays one and counts, by what the double holds, what was lost or
doubled. `python -m tests.gmail_sync` prints the table.
"""
