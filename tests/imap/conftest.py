"""One pair of servers for each file, and an account of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.imap.servers import Servers, running_servers
from tests.ports.mailbox_benches import ImapBench


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with running_servers() as running:
        yield running


@pytest.fixture
def bench(servers: Servers) -> Iterator[ImapBench]:
    bench = ImapBench(servers)
    yield bench
    bench.close()
