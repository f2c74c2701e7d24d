"""A wire between the desk and a server, that can be cut at chosen moments."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum, auto
from typing import Self


class Cut(StrEnum):
    """Where an SMTP conversation breaks off."""

    AT_RCPT = auto()
    AT_DATA = auto()  # the command itself is lost
    IN_TEXT = auto()  # all but the end of the mail arrives
    AFTER_ACCEPT = auto()  # the server takes the mail, and its answer is lost
    NOWHERE = auto()  # the mail is accepted and the sender told; `on_cut` happens in between
    HOLD_RCPT = auto()  # nothing moves any more, and nothing is cut
    HOLD_ACCEPT = auto()


_END = b"\r\n.\r\n"


class Wire:
    """Forwards to a port on this machine. `cut_at` happens once; `on_cut` is called just before."""

    def __init__(self, target: int, cut_at: Cut | None = None, on_cut: Callable[[], None] = lambda: None) -> None:
        self.target = target
        self.cut_at = cut_at
        self.on_cut = on_cut
        self.reached = asyncio.Event()  # the chosen moment
        self.is_open = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break every conversation; new ones are refused until `is_open` again."""
        self.is_open = False
        for writer in self._writers:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        if not self.is_open:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, far_writer}
        talk = _Talk(self)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(talk.up(reader, far_writer), talk.down(far_reader, writer))
        for each in (writer, far_writer):
            each.transport.abort()

    def is_due(self, *cuts: Cut) -> bool:
        return self.cut_at in cuts


class _Talk:
    """One conversation through the wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._is_muted = False
        self._said = b""

    async def up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            self._said += chunk
            writer.write(await self._allowed(chunk))
            await writer.drain()
        writer.close()

    async def down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            if self._is_muted:
                self._is_muted = False
                await self._happen()
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _allowed(self, chunk: bytes) -> bytes:
        wire = self._wire
        if self._said.endswith(b"DATA\r\n") and wire.is_due(Cut.AT_DATA):
            await self._happen()
        if chunk.startswith(b"RCPT") and wire.is_due(Cut.AT_RCPT, Cut.HOLD_RCPT):
            await self._happen()
        if b"DATA\r\n" in self._said and self._said.endswith(_END):
            if wire.is_due(Cut.IN_TEXT):
                await self._happen()
            self._is_muted = wire.is_due(Cut.AFTER_ACCEPT, Cut.HOLD_ACCEPT, Cut.NOWHERE)
        return chunk

    async def _happen(self) -> None:
        """The chosen moment: hold for ever, break the conversation, or go on."""
        wire, chosen = self._wire, self._wire.cut_at
        wire.cut_at = None
        wire.on_cut()
        wire.reached.set()
        if chosen in (Cut.HOLD_RCPT, Cut.HOLD_ACCEPT):
            await asyncio.Event().wait()
        if chosen is not Cut.NOWHERE:
            raise ConnectionResetError
