"""One running double for each file, emptied for each test, and clients that are closed afterwards."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.transport.requests import Request

from entrypoints.gmail_double.ledger import Ledger
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.talking import SUPPORT, google_service

Connect = Callable[[str], Any]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def gmail(server: RunningDouble, tmp_path: Path) -> RunningDouble:
    server.double.reset()
    server.double.sent = Ledger(tmp_path / "ledger.jsonl")
    server.double.add_account(SUPPORT)
    return server


@pytest.fixture
def connect(gmail: RunningDouble) -> Iterator[Connect]:
    """Makes a Gmail service for an access token."""
    with ExitStack() as open_services:

        def made(access_token: str) -> Any:
            service = google_service(gmail.url, access_token)
            open_services.callback(service.close)
            return service

        yield made


@pytest.fixture
def client(gmail: RunningDouble, connect: Connect) -> Any:
    """`service.users()` of the support account."""
    return connect(gmail.double.access_token(SUPPORT)).users()


@pytest.fixture
def auth_request() -> Iterator[Request]:
    with requests.Session() as session:
        yield Request(session)
