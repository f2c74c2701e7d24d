"""Measuring: how well a model judges and writes, on labelled mails or on what the desk and an archive remember.

`labelled`, `desk_history` and `archive` make cases; `runner` lets the model work on each (`trial`); `measures` adds up
what the `evaluators` say; `paper` is what people read. Nothing here has a mailbox, so nothing here can send.
"""
