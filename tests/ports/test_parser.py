"""Both parsers keep one promise; the one with a process of its own also survives what a mail does to it."""

import asyncio
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
from adapters.parser import InlineParser, ProcessParser
from tickets.errors import Unavailable, Unreadable

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


async def test_a_mail_of_more_than_the_limit_is_refused_before_it_is_handed_on(parser):
    with pytest.raises(Unreadable, match="50 MB"):
        await parser.parse(b"x" * (50 * 1024 * 1024 + 1))


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
