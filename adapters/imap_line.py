"""A connection to an IMAP server with a thread of its own: IMAPClient blocks and is not thread-safe.

What the library and the network raise is said here in the desk's own errors.
"""

import asyncio
import imaplib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ssl import SSLError
from typing import TYPE_CHECKING, Final, TypeVar

from adapters.imap_settings import Security, Server
from tickets.errors import Disconnected, MailboxError, Rejected, Unavailable

if TYPE_CHECKING:
    from imapclient import IMAPClient

T = TypeVar("T")

# RFC 5530: what is refused for now, as against for what it says.
_FOR_NOW: Final = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "TEMPORARY", "TOO MANY", "TRY AGAIN")


class ImapLine:
    """One thread, one connection, made when it is first needed and anew after a fault."""

    def __init__(self, server: Server, username: str, password: str, name: str) -> None:
        self._server = server
        self._username = username
        self._password = password
        self._client: IMAPClient | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"imap-{name}")
        self.is_closing = threading.Event()

    async def run(self, use: Callable[["IMAPClient"], T]) -> T:
        """Do that on the connection, after whatever was asked before.

        Raises Unavailable, Rejected and Disconnected. A connection that was idle for long and turns out to be dead is
        made anew once, before `use` has done anything.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, use)
        except RuntimeError as error:
            if self.is_closing.is_set():
                raise Unavailable("The mailbox is being closed. It is tried again by itself.") from error
            raise

    def close(self) -> None:
        """End the thread; what it waits for ends within a second."""
        if not self.is_closing.is_set():
            self.is_closing.set()
            self._thread.submit(self._drop)
            self._thread.shutdown(wait=False)

    def _guarded(self, use: Callable[["IMAPClient"], T]) -> T:
        try:
            return use(self._connected())
        except MailboxError:
            raise
        except imaplib.IMAP4.abort as error:
            self._drop()
            raise self._unavailable(error) from error
        except imaplib.IMAP4.error as error:
            raise self._refused(error) from error
        except (OSError, EOFError) as error:
            self._drop()
            raise self._unavailable(error) from error

    def _connected(self) -> "IMAPClient":
        if self._client is not None:
            try:
                self._client.noop()
                return self._client
            except (imaplib.IMAP4.error, OSError, EOFError):
                self._drop()
        self._client = self._login()
        return self._client

    def _login(self) -> "IMAPClient":
        from imapclient import IMAPClient, SocketTimeout
        from imapclient.exceptions import LoginError

        # At its lowest level the library's log holds whole mails.
        logging.getLogger("imapclient").setLevel(logging.WARNING)
        server, tls = self._server, self._server.tls()
        is_tls = server.security is Security.TLS
        timeout = SocketTimeout(connect=server.timeout_s, read=server.timeout_s)
        client = IMAPClient(server.host, port=server.port, ssl=is_tls, ssl_context=tls, timeout=timeout)
        client.normalise_times = False  # else it gives the local time, without saying so
        try:
            if server.security is Security.STARTTLS:
                client.starttls(tls)
            self._introduce(client)
        except LoginError as error:
            _hang_up(client)
            raise self._login_refused(error) from error
        except BaseException:
            _hang_up(client)
            raise
        return client

    def _introduce(self, client: "IMAPClient") -> None:
        if (self._username + self._password).isascii():
            client.login(self._username, self._password)
        else:
            client.plain_login(self._username, self._password)  # LOGIN knows no other letters

    def _refused(self, error: Exception) -> MailboxError:
        if _is_for_now(error):
            return Unavailable(f"{self._server.host} asks to come back later. It is tried again by itself.")
        return Rejected(
            f"{self._server.host} refused a request ({_said(error)}). Look at the mailbox with a mail program."
        )

    def _login_refused(self, error: Exception) -> MailboxError:
        if _is_for_now(error):
            return Unavailable(f"{self._server.host} takes no login at the moment. It is tried again by itself.")
        return Disconnected(
            f"{self._server.host} refused the login of {self._username}. Run `communication-agent mailbox add imap` "
            "again with the right password; nothing is lost."
        )

    def _unavailable(self, error: Exception) -> Unavailable:
        where = f"{self._server.host}:{self._server.port}"
        if isinstance(error, SSLError):
            return Unavailable(f"No secure connection to {where} ({_said(error)}). Check its certificate and the port.")
        return Unavailable(f"{where} does not answer ({type(error).__name__}). It is tried again by itself.")

    def _drop(self) -> None:
        if self._client is not None:
            _hang_up(self._client)
            self._client = None


def _hang_up(client: "IMAPClient") -> None:
    with suppress(Exception):  # it may be broken in any way
        client.shutdown()


def _is_for_now(error: Exception) -> bool:
    return any(word in str(error).upper() for word in _FOR_NOW)


def _said(error: Exception) -> str:
    """The error's own first words, in one line."""
    return " ".join(str(error).split())[:160] or type(error).__name__
