"""A Gmail that lives on this machine, for development and for tests.

It speaks the part of the Gmail REST API, of Google's OAuth endpoints and of the batch endpoint that
the product uses, so that the unmodified Google client library talks to it. Beside that it has a
control surface under `/_double/` (and the same as methods of `Double`): mail arrives, tokens are
revoked, history expires, calls fail in chosen ways. Every mail it accepts for sending is one line
in its ledger, which is how the tests count what really left. docs/gmail-double.md has examples.

Where to look: `routes` is the table of API calls, the `..._calls` modules answer them; `state` is what
a test may do from outside, `world` what a snapshot keeps; `mailbox` is one account's mail, `outgoing`
drafts and sending, `delivery` what becomes of a sent mail; `faults` and `happenings` are what goes
wrong and what happens between two calls; `push` is Pub/Sub; `control` has the `/_double/` calls;
`server` is the HTTP server, `running` the same in a thread for tests.

It keeps everything in memory, checks no client secret and its control calls ask for no password:
bind it to a loopback address only.
"""
