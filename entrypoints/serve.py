"""The service: web, drive, sweep and sync timer in one process, until SIGTERM."""

import asyncio
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
import uvicorn
from litestar import Litestar

from api.app import create_app
from api.stream import close_streams
from entrypoints.settings import Settings
from entrypoints.wiring import Parts, opened
from tickets.errors import BadInput

log = structlog.get_logger()

DRAIN_S = 30


async def serve(settings: Settings, environ: Mapping[str, str], *, setup_code: str | None = None) -> None:
    """Serve until told to stop; what is under way is finished first. Raises DeskError when it cannot start."""
    _require_safe(settings)
    require_free_port(settings)
    code = setup_code or secrets.token_urlsafe(9)
    async with opened(settings, environ, setup_code=code) as parts:
        await _require_key(parts)
        if not await parts.accounts.has_admin():
            await _without_admin(settings, code)
        await _run(parts)


class _Server(uvicorn.Server):
    """Ends the live streams first: uvicorn waits for open requests, and those end only when told."""

    def __init__(self, config: uvicorn.Config, app: Litestar) -> None:
        super().__init__(config)
        self._app = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop when asked to, and count that as a success: uvicorn would end the process by the signal again."""
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(wanted, self.handle_exit, wanted, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        close_streams(self._app)
        await super().shutdown(sockets)


async def _run(parts: Parts) -> None:
    settings = parts.settings
    app = create_app(parts.services)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    server = _Server(config, app)
    beside = asyncio.create_task(parts.run())
    log.info("serving", url=settings.site)
    try:
        await server.serve()
    finally:
        beside.cancel()
        await asyncio.wait([beside], timeout=DRAIN_S)


async def _without_admin(settings: Settings, code: str) -> None:
    if not settings.is_loopback:
        raise BadInput(
            "There is no administrator yet. Run `communication-agent operator add EMAIL --role admin "
            "--password-stdin` on this machine first."
        )
    print(f"No administrator yet. Open {settings.site}/setup and enter the code {code}", flush=True)  # noqa: T201


async def _require_key(parts: Parts) -> None:
    """Raises SealBroken with what to do when the checkpoints were sealed with another key: nothing could go on."""
    for ticket_id in await parts.store.unrested(1, None):
        await parts.sweep.workflow.position(ticket_id)


def require_free_port(settings: Settings) -> None:
    """Raises BadInput when something listens there already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadInput(
                f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}). Stop what uses it, or choose "
                "another port (CA_PORT, PORT= for the demo)."
            ) from None


def _require_safe(settings: Settings) -> None:
    """A desk that others can reach needs its own secret and https, or an explicit word that it goes without."""
    if settings.is_loopback or settings.insecure_http:
        return
    if not settings.site.startswith("https://"):
        raise BadInput(
            "On an address others can reach, sign-in needs https. Put a proxy in front and set "
            "CA_BASE_URL=https://..., or set CA_INSECURE_HTTP=true."
        )
