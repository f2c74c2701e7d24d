"""The process that reads hostile bytes: `python -m adapters.parser_worker`, with a socket as its standard input.

Frames in both directions: one byte of kind, eight bytes of length, the contents. It imports only what parsing needs,
ends when the other side of the socket is gone, and is ended by the kernel when a mail takes too long or too much. Of an
oversized mail only the header comes here, behind a line of facts about the rest.
"""

import json
import resource
import signal
import socket
import sys
from typing import Final

from adapters.mime import parse, stub
from adapters.mime_wire import packed
from tickets.errors import Unreadable
from tickets.mail import Parsed

READY: Final = b"R"
WHOLE: Final = b"W"
HEAD: Final = b"H"
PARSED: Final = b"P"
UNREADABLE: Final = b"U"
_HEAD_BYTES: Final = 9


def send(channel: socket.socket, kind: bytes, contents: bytes) -> None:
    """One frame."""
    channel.sendall(kind + len(contents).to_bytes(8, "big"))
    channel.sendall(contents)


def receive(channel: socket.socket) -> tuple[bytes, bytes]:
    """One frame; raises EOFError when the other side is gone."""
    head = _exactly(channel, _HEAD_BYTES)
    return head[:1], _exactly(channel, int.from_bytes(head[1:], "big"))


def _exactly(channel: socket.socket, size: int) -> bytes:
    chunks: list[bytes] = []
    missing = size
    while missing:
        chunk = channel.recv(min(missing, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def main(memory_bytes: int, time_limit_s: int) -> None:
    """Answer frames until the socket closes."""
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    channel = socket.socket(fileno=sys.stdin.fileno())
    send(channel, READY, b"")
    while True:
        try:
            asked, raw = receive(channel)
        except (EOFError, OSError):
            return
        # Should the main process be killed meanwhile, nobody else would stop a parse that hangs.
        signal.alarm(time_limit_s + 2)
        kind, contents = _answer(asked, raw)
        signal.alarm(0)
        try:
            send(channel, kind, contents)
        except OSError:
            return


def _limit(kind: int, amount: int) -> None:
    try:
        resource.setrlimit(kind, (amount, amount))
    except (ValueError, OSError):  # some systems refuse; the time limit remains
        return


def _answer(asked: bytes, raw: bytes) -> tuple[bytes, bytes]:
    try:
        return PARSED, packed(_stub(raw) if asked == HEAD else parse(raw, max_bytes=len(raw)))
    except Unreadable as error:
        return UNREADABLE, str(error).encode()
    except MemoryError:
        return UNREADABLE, b"Reading the message takes more memory than a mail may. Look at the raw mail."
    except Exception as error:  # one mail must never stop the rest; its raw bytes are kept
        reason = f"The message could not be read ({type(error).__name__}). Look at the raw mail and report it."
        return UNREADABLE, reason.encode()


def head_frame(head: bytes, *, size: int, limit: int, fallback_id: str) -> bytes:
    """The contents of a HEAD frame."""
    facts = {"size": size, "limit": limit, "fallback_id": fallback_id}
    return json.dumps(facts).encode("ascii") + b"\n" + head


def _stub(frame: bytes) -> Parsed:
    facts, _, head = frame.partition(b"\n")
    return stub(head, **json.loads(facts))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
