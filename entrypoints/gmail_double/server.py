"""The double over HTTP: uvicorn, with a way to close a connection without answering."""

import asyncio
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from entrypoints.gmail_double.app import create_double
from entrypoints.gmail_double.state import Double


class DroppableProtocol(H11Protocol):
    """Hands the application, in the ASGI `state`, a function that cuts its connection."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        droppable = {**app_state, "drop_connection": lambda: self.transport.abort()}
        super().__init__(config, server_state, droppable, _loop)


def build_server(double: Double) -> uvicorn.Server:
    """A server that is not running yet and writes no log below warnings."""
    config = uvicorn.Config(
        create_double(double),
        http=DroppableProtocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        date_header=False,  # the machine's clock is not the double's
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def listening_socket(host: str, port: int) -> tuple[socket.socket, str]:
    """A bound socket (port 0: a free one) and its URL; clients may connect from now on."""
    bound = socket.create_server((host, port), backlog=256)
    return bound, f"http://{host}:{bound.getsockname()[1]}"


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 8025,
    address: str = "support@helios.example",
    ledger: Path | None = None,
    seed: str | None = None,
    units_per_minute: int | None = None,
) -> None:
    """Serve one account until interrupted; the first line printed is the URL.

    `seed` is a number of made-up mails or a folder of .eml files. The control calls need no
    password, so `host` should be a loopback address.
    """
    double = Double(ledger=ledger, units_per_minute=units_per_minute)
    double.add_account(address)
    if seed and seed.isdigit():
        double.seed(address, int(seed))
    elif seed:
        double.seed_folder(address, Path(seed))
    bound, url = listening_socket(host, port)
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        build_server(double).run(sockets=[bound])
