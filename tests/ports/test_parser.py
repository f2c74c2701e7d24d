"""Both parsers keep one promise; the one with a process of its own also survives what a mail does to it."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from adapters.mime import parse
from adapters.parser import TIME_LIMIT_S, InlineParser, ProcessParser
from tickets.errors import Unavailable, Unreadable
from tickets.mail import Parsed, missing_message_id

MAIL = (
    b"From: Ada <ada@example.org>\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\nDate: Tue, 3 Mar 2026 09:14:00 +0000\n"
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: application/pdf\n\nx\n--b--\n"
)
TOO_MANY_PARTS = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 2_000
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc")


@pytest.fixture(params=["inline", "process"])
def parser(request):
    if request.param == "inline":
        yield InlineParser()
        return
    process = ProcessParser()
    yield process
    process.close()


@pytest.fixture
def process_parser():
    parser = ProcessParser(time_limit_s=1)
    yield parser
    parser.close()


async def test_a_mail_comes_back_as_it_was_parsed(parser):
    assert await parser.parse(MAIL) == parse(MAIL)


async def test_a_mail_beyond_the_limits_is_unreadable_and_the_next_is_read(parser):
    with pytest.raises(Unreadable, match="1,000 parts"):
        await parser.parse(TOO_MANY_PARTS)

    assert (await parser.parse(MAIL)).mail.subject == "Größe"


@pytest.mark.parametrize("kind", [InlineParser, ProcessParser])
async def test_of_a_mail_beyond_the_size_limit_the_header_is_read(kind):
    parser = kind(max_bytes=len(MAIL))
    oversized = MAIL + b"x" * 3_000_000

    found = (await parser.parse(oversized)).mail

    assert (found.sender.address, found.subject) == ("ada@example.org", "Größe")
    assert "Oversized" in found.defects
    assert found.message_id == missing_message_id(oversized)
    assert (await parser.parse(MAIL)) == parse(MAIL)
    if kind is ProcessParser:
        parser.close()


async def test_one_process_reads_many_mails(process_parser):
    await process_parser.parse(MAIL)
    first = process_parser.worker_pid

    await process_parser.parse(MAIL)

    assert process_parser.worker_pid == first


async def test_a_process_that_died_between_mails_is_replaced(process_parser):
    await process_parser.warm_up()
    first = process_parser.worker_pid
    os.kill(first, signal.SIGKILL)

    assert (await process_parser.parse(MAIL)).mail.subject == "Größe"
    assert process_parser.worker_pid != first


async def test_a_mail_that_hangs_is_unreadable_and_the_next_is_read(process_parser):
    await process_parser.warm_up()
    os.kill(process_parser.worker_pid, signal.SIGSTOP)

    with pytest.raises(Unreadable, match="seconds"):
        await process_parser.parse(MAIL)

    assert (await process_parser.parse(MAIL)).mail.subject == "Größe"


async def test_a_mail_that_takes_too_much_memory_is_unreadable_and_the_next_is_read():
    async with ProcessParser(memory_limit_bytes=256 * 1024 * 1024) as parser:
        with pytest.raises(Unreadable):
            await parser.parse(MAIL + b"Hello\n" * 8_000_000)

        assert (await parser.parse(MAIL)).mail.subject == "Größe"


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/python"])
async def test_a_process_that_cannot_start_is_no_fault_of_the_mail(process_parser, monkeypatch, program):
    monkeypatch.setattr(sys, "executable", program)

    with pytest.raises(Unavailable):
        await process_parser.parse(MAIL)


async def test_closing_ends_a_parse_under_way_without_blaming_the_mail():
    parser = ProcessParser()
    await parser.warm_up()
    os.kill(parser.worker_pid, signal.SIGSTOP)
    under_way = asyncio.ensure_future(parser.parse(MAIL))
    await asyncio.sleep(0)

    parser.close()

    with pytest.raises((Unavailable, asyncio.CancelledError)):
        await under_way
    assert parser.worker_pid is None


@needs_proc
async def test_the_process_gets_none_of_our_sockets(process_parser):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)

        await process_parser.warm_up()

        assert _opened(process_parser.worker_pid).count("socket") == 1


@needs_proc
async def test_the_process_gets_none_of_our_secrets(process_parser, monkeypatch):
    monkeypatch.setenv("CA_SECRET_KEY", "canary")

    await process_parser.warm_up()

    assert b"canary" not in _environment(process_parser.worker_pid)


@needs_proc
def test_the_process_ends_when_the_main_process_is_killed():
    program = """
        import asyncio, sys
        from adapters.parser import ProcessParser

        async def main():
            parser = ProcessParser()
            await parser.warm_up()
            print(parser.worker_pid, flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
    """
    main = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    worker = int(main.stdout.readline())

    main.kill()
    main.communicate()

    deadline = time.monotonic() + 30
    while not _is_gone(worker):
        assert time.monotonic() < deadline, "the worker outlived its main process"
        time.sleep(0.02)


# --- bombs ---------------------------------------------------------------------------------------------------------

HTML = b"Subject: bomb\nContent-Type: text/html\n\n"
ROBOT = b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n"
REPORT = b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
WRAPPED = b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
BOMBS = {
    "50,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000,
    "3,000 levels": NESTED,
    "3,000 embedded messages": b"Content-Type: message/rfc822\n\n" * 3_000,
    "a giant header": b"X-Long: " + b"y" * 10_000_000 + b"\n\nx",
    "a header of quotes": b"From: " + b'"' * 250_000 + b"\n\nx",
    "a header of comments": b"To: " + b"(" * 250_000 + b"\n\nx",
    "a header of encoded words": b"Subject: " + b"=?utf-8?q?=41?= " * 15_000 + b"\n\nx",
    "100,000 nested div": HTML + b"<div>" * 100_000,
    "50,000 nested tables": HTML + b"<table><tr><td>" * 50_000,
    "a body of brackets": HTML + b"<" * 5_000_000,
    "40 MB of text": b"Subject: bomb\n\n" + b"hello world\n" * 3_500_000,
    "50,000 attributions": b"Subject: bomb\n\n" + b"On Mon, Ada wrote:\n" * 50_000,
    "a million beginnings of files": b"Subject: bomb\n\n" + b"begin 644 x\n" * 1_000_000,
    "a bounce without an end": ROBOT + b"\n" + b"<a@b.example>:\n550 no\n" * 300_000,
    "30,000 recipients in a report": ROBOT + REPORT + b"Action: failed\n\n" * 30_000,
    "a million wrapped attachments": WRAPPED
    + base64.encodebytes(b"\x78\x9f\x3e\x22\0\0" + b"\x02\x02\x90\x06" + b"\0" * 7 * 300_000),
}


@pytest.fixture(scope="module")
def bomb_parser():
    parser = ProcessParser()
    yield parser
    parser.close()


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
async def test_a_bomb_is_usable_or_unreadable_and_the_next_mail_is_read(bomb_parser, bomb):
    outcome = (await asyncio.gather(bomb_parser.parse(bomb), return_exceptions=True))[0]

    assert isinstance(outcome, Parsed | Unreadable)
    assert (await bomb_parser.parse(MAIL)).mail.subject == "Größe"


async def test_the_event_loop_turns_while_a_mail_is_read():
    async with ProcessParser() as parser:
        await parser.warm_up()
        os.kill(parser.worker_pid, signal.SIGSTOP)
        under_way = asyncio.ensure_future(parser.parse(MAIL))

        for _ in range(1_000):  # by count: a loop that waited for the parser would never get here
            await asyncio.sleep(0)
        was_under_way = not under_way.done()
        os.kill(parser.worker_pid, signal.SIGCONT)

        assert was_under_way
        assert (await under_way).mail.subject == "Größe"


def test_the_limits_leave_time_to_answer_within_ten_seconds():
    assert TIME_LIMIT_S + 2 <= 10


def _opened(pid: int) -> list[str]:
    """What kind of thing each open descriptor is."""
    return [str(entry.readlink()).partition(":")[0] for entry in Path(f"/proc/{pid}/fd").iterdir()]


def _environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
