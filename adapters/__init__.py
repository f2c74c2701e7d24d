"""The outside world, fitted to the ports in `tickets.ports`: one file (or one family of files) for each thing outside.

Mailboxes: `gmail` (with the other `gmail_*`, `google_oauth` and `google_push`), `imap` (with `imap_*` and `smtp`) and
`maildir`; `mbox` and `importing` read archives. Parsing: `parser` runs `mime` and its parts in a process of its own.
`memory` holds the in-memory twins that ship, held to the same tests as the real things; `clock` is the real time.
Nothing here decides about tickets: foreign values come in as our own dataclasses, foreign faults as `tickets.errors`.
"""
