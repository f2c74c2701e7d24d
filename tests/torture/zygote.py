"""Starts `communication-agent serve` in a third of a second: everything is imported once, then the process forks.

`python -m tests.torture.zygote` reads one JSON line for each request from standard input and answers each with a line.
What it starts is a process like any other: it has its own id, environment, working directory and output, and SIGKILL
ends it. When standard input ends, so does every process that it started.
"""

import gc
import json
import os
import random
import select
import signal
import sys
from importlib import import_module
from typing import Any, Final, NoReturn

REAP_EVERY_S: Final = 0.02

# What a service imports until its first reply has left. Nothing of it starts a thread, which a fork would lose.
NEEDED: Final = (
    "entrypoints.cli",
    "entrypoints.log",
    "entrypoints.serve",
    "adapters.gmail",
    "adapters.gmail_one_shot",
    "google_auth_httplib2",
    "googleapiclient.discovery",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)


def main() -> None:
    """Serve requests until standard input ends."""
    _import_everything()
    gc.freeze()  # the children share these pages as long as the collector leaves them alone
    living: set[int] = set()
    ended: dict[int, int] = {}
    _say("ready")
    try:
        _answer_all(living, ended)
    finally:
        for pid in living:
            os.kill(pid, signal.SIGKILL)


def _answer_all(living: set[int], ended: dict[int, int]) -> None:
    waiting: list[int] = []
    buffered = b""
    while True:
        _reap(living, ended)
        for pid in [pid for pid in waiting if pid in ended]:
            waiting.remove(pid)
            _say({"pid": pid, "status": ended.pop(pid)})
        if not select.select([0], [], [], REAP_EVERY_S)[0]:
            continue
        chunk = os.read(0, 1 << 16)
        if not chunk:
            return
        *lines, buffered = (buffered + chunk).split(b"\n")
        for line in lines:
            asked = json.loads(line)
            if "wait" in asked:
                waiting.append(asked["wait"])
                continue
            pid = _fork(asked)
            living.add(pid)
            _say({"pid": pid})


def _reap(living: set[int], ended: dict[int, int]) -> None:
    for pid in list(living):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            living.remove(pid)
            ended[pid] = os.waitstatus_to_exitcode(status)


def _fork(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become_the_service(asked)
    return pid


def _become_the_service(asked: dict[str, Any]) -> NoReturn:
    from entrypoints.cli import main as communication_agent

    code = 1
    try:
        output = os.open(asked["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(asked["environ"])
        os.chdir(asked["cwd"])
        random.seed()
        communication_agent(["serve"], standalone_mode=False)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def _import_everything() -> None:
    for name in NEEDED:
        import_module(name)


def _say(answer: object) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
