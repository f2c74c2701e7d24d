"""Live pages: one look at the boards' version for the whole process, passed on to every open page.

The address is `/boards/stream`. Each event carries a version number; a page that shows an older one reads itself again.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from litestar import Litestar, Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from api.auth import may
from api.needs import ServicesNeed, SessionNeed
from api.presence_news import NOBODY, PresenceNews, either
from api.services import Services, WebSettings
from tickets.accounts import Session
from tickets.boards import Boards
from tickets.people import Scope

LOOK_EVERY_S: Final = 0.5
HEARTBEAT_S: Final = 15.0
RECHECK_S: Final = 60.0

_log = structlog.get_logger()


class Versioned(Protocol):
    """Something with a number that changes when it does."""

    async def version(self) -> int: ...


class Pulse:
    """The boards' version as it rises. It looks only while somebody listens, once for all listeners."""

    def __init__(self, boards: Versioned, look_every_s: float = LOOK_EVERY_S) -> None:
        self._boards = boards
        self._look_every_s = look_every_s
        self._changed = asyncio.Condition()
        self._version = -1
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self.is_closed = False

    @property
    def is_looking(self) -> bool:
        return self._looking is not None

    async def versions(self, heartbeat_s: float = HEARTBEAT_S) -> AsyncGenerator[int | None, None]:
        """The version now and each time it changes; None when nothing changed for `heartbeat_s`. Ends on `close`."""
        self._join()
        seen = -1
        try:
            while True:
                changed = await self._after(seen, heartbeat_s)
                if self.is_closed:
                    return
                seen = self._version
                yield seen if changed else None
        finally:
            self._leave()

    def close(self) -> None:
        """End every listener's stream now: the process is shutting down."""
        self.is_closed = True
        if self._looking:
            self._looking.cancel()

    async def _after(self, seen: int, timeout_s: float) -> bool:
        """Wait for another version than `seen`; False when time ran out first."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._version != seen or self.is_closed)
        except TimeoutError:
            return False
        return True

    def _join(self) -> None:
        self._listeners += 1
        if self._looking is None and not self.is_closed:
            self._looking = asyncio.create_task(self._look(), name="boards-pulse")

    def _leave(self) -> None:
        self._listeners -= 1
        if self._listeners == 0 and self._looking:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        try:
            while True:
                await self._look_once()
                await asyncio.sleep(self._look_every_s)
        finally:
            # Also when it is cancelled: whoever still listens must notice that nobody looks any more.
            async with self._changed:
                self._changed.notify_all()

    async def _look_once(self) -> None:
        try:
            version = await self._boards.version()
        except Exception as error:  # a busy or restarting database must not end the live pages
            _log.warning("boards_pulse_failed", error=type(error).__name__)
            return
        if version != self._version:
            async with self._changed:
                self._version = version
                self._changed.notify_all()


def pulse_of(app: Litestar, boards: Boards) -> Pulse:
    """The process's one pulse, made when the first page listens."""
    if (pulse := app.state.get("pulse")) is None:
        pulse = app.state["pulse"] = Pulse(boards)
    assert isinstance(pulse, Pulse)
    return pulse


def close_streams(app: Litestar) -> None:
    """End all live pages; call it when the server begins to shut down, before it waits for open requests."""
    if pulse := app.state.get("pulse"):
        pulse.close()
    if people := app.state.get("people"):
        people[0].close()


def is_valid(session: Session, settings: WebSettings, now: datetime) -> bool:
    """Whether the login is younger than its limits."""
    idle, whole = timedelta(seconds=settings.session_idle_s), timedelta(seconds=settings.session_max_s)
    return now - session.last_seen_at < idle and now - session.created_at < whole


def people_of(app: Litestar, services: Services) -> tuple[Pulse, PresenceNews]:
    """The same for who is at which ticket: a pulse of its own, which writes nothing and rises with nothing."""
    if (known := app.state.get("people")) is None:
        news = PresenceNews(services.presence, services.clock)
        known = app.state["people"] = (Pulse(news), news)
    pulse, news = known
    return pulse, news


async def events(
    services: Services, pulse: Pulse, session: Session, people: tuple[Pulse, PresenceNews]
) -> AsyncIterator[bytes]:
    """The lines of one page's stream; it ends with the session, which is looked at again each minute."""
    yield b"retry: 2000\n\n"
    checked_at = services.clock.now()
    about_people, news = people
    was_said = NOBODY
    async with aclosing(either(pulse.versions(), about_people.versions())) as changes:
        async for is_version, version in changes:
            now = services.clock.now()
            if now - checked_at >= timedelta(seconds=RECHECK_S):
                checked_at = now
                known = await services.accounts.session(session.id_hash)
                if known is None or not is_valid(known, services.settings, now):
                    return
            if not is_version:
                if version is not None and news.said != was_said:
                    was_said = news.said
                    yield f"event: presence\ndata: {was_said}\n\n".encode()
                continue
            yield b": alive\n\n" if version is None else f"event: changed\ndata: {version}\n\n".encode()


@get("/boards/stream", guards=[may(Scope.READ)])
async def stream(request: Request[Any, Any, Any], services: ServicesNeed, session: SessionNeed) -> Stream:
    """Server-sent events: `changed` with the boards' version, and comments that keep the connection open."""
    lines = events(services, pulse_of(request.app, services.boards), session, people_of(request.app, services))
    # A proxy that buffers would hold the events back.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(lines, media_type="text/event-stream", headers=headers)


stream_handlers: list[HTTPRouteHandler] = [stream]
