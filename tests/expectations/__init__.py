"""Holds the parser against what other projects' own tests expect of their mails: `python -m tests.expectations DIR`.

DIR is laid out as `mail/manifest.jsonl` and `reply/manifest.jsonl`, one JSON object a line with `file` (relative to the
manifest), `expected` (what to hold against what) and, for mails, `kind` (what is special about it).
"""
