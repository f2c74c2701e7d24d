"""The outside world, fitted to the ports in `tickets.ports`: one file (or one family of files) for each thing outside.

Mailboxes: `gmail` (with `gmail_sync`, `gmail_send`, `gmail_transport`, `gmail_errors`, `google_oauth`) and `maildir`.
`memory` holds the in-memory twins that ship, held to the same tests as the real things; `clock` is the real time.
Nothing here decides about tickets: foreign values come in as our own dataclasses, foreign faults as `tickets.errors`.
"""
