"""How fast the double is with 10,000 mails: `python -m tests.ports.gmail_double.speed`. Not a test."""

import json
import resource
import time
from collections.abc import Callable
from typing import Any

from entrypoints.gmail_double.app import answer
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Request
from tests.ports.gmail_double.talking import SUPPORT

COUNT = 10_000


def main() -> None:
    """Seed, list, read, search, snapshot; print seconds and memory."""
    double = Double()
    double.add_account(SUPPORT)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _timed(f"seed {COUNT}", lambda: double.seed(SUPPORT, COUNT, replies_every=3))
    print(f"  memory {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024:.0f} MiB")
    ids = _timed("list all, 500 a page", lambda: _listed(double))
    _timed("get 1,000 raw", lambda: [_asked(double, f"messages/{each}", format="raw") for each in ids[:1000]])
    _timed("get 1,000 full", lambda: [_asked(double, f"messages/{each}") for each in ids[:1000]])
    _timed("search from: subject:", lambda: _asked(double, "messages", q="from:customer77 subject:inverter"))
    _timed("snapshot", double.snapshot)


def _timed(what: str, act: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = act()
    print(f"{what:24} {time.perf_counter() - start:.3f} s")
    return result


def _listed(double: Double) -> list[str]:
    ids: list[str] = []
    token = ""
    while True:
        listed = _asked(double, "messages", q="newer_than:30d -in:chats", maxResults="500", pageToken=token)
        ids += [line["id"] for line in listed["messages"]]
        token = listed.get("nextPageToken", "")
        if not token:
            return ids


def _asked(double: Double, path: str, **query: str) -> Any:
    bearer = {"authorization": f"Bearer {double.access_token(SUPPORT)}"}
    wanted = {name: [value] for name, value in query.items() if value}
    return json.loads(answer(double, Request("GET", f"/gmail/v1/users/me/{path}", wanted, bearer)).body)


if __name__ == "__main__":
    main()
