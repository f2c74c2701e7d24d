"""A double that runs in a thread of the test process, on a free port."""

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from entrypoints.gmail_double.ledger import Accepted
from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.server import build_server, listening_socket
from entrypoints.gmail_double.state import Double


class RunningDouble:
    """Context manager: `with RunningDouble() as gmail: ... gmail.url`.

    The most used controls are methods here; `gmail.double` has all of them.
    """

    def __init__(
        self,
        double: Double | None = None,
        *,
        ledger: Path | None = None,
        port: int = 0,
    ) -> None:
        self.double = double or Double(ledger=ledger)
        self._server = build_server(self.double)
        self._socket, self.url = listening_socket("127.0.0.1", port)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="gmail-double", daemon=True
        )

    def __enter__(self) -> "RunningDouble":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Calls that hang on purpose must not hold up the end of a test.
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def receive(
        self,
        account: str,
        raw: bytes,
        labels: Iterable[str] = ("INBOX", "UNREAD"),
        thread_id: str | None = None,
    ) -> Message:
        """Let a mail arrive."""
        return self.double.receive(account, raw, labels, thread_id)

    def fault(self, route: str, kind: str, times: int = 1, account: str | None = None) -> None:
        """Make the next calls of a route fail; see `faults.effect_of` for the kinds."""
        self.double.fault(route, kind, times, account)

    def ledger(self) -> list[Accepted]:
        """The mails accepted for sending, oldest first."""
        return self.double.ledger()

    def requests(self) -> dict[str, int]:
        """How many calls each route had."""
        with self.double.lock:
            return dict(self.double.requests)
