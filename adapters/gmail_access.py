"""Google's blocking client in threads of its own: one service, an Http for each thread, one access token for all."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import structlog

from adapters.gmail_errors import AccessRefused
from tickets.errors import MailboxError

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from googleapiclient._apis.gmail.v1.resources import GmailResource

log = structlog.get_logger()

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Meaning = Callable[[Exception], MailboxError]
KeepToken = Callable[[str], Awaitable[None]]
"""Stores a new refresh token that Google gave in place of the old one."""


class Request(Protocol[T_co]):
    """A prepared call of Google's client."""

    def execute(self, http: Any = None, num_retries: int = 0) -> T_co: ...


Prepare = Callable[["GmailResource"], Request[T]]


class Access:
    """Runs calls of one account. `keep_refresh_token` is told when Google replaces the refresh token."""

    def __init__(
        self,
        credentials: "Credentials",
        *,
        api_root: str | None,
        timeout_s: float,
        workers: int,
        keep_refresh_token: KeepToken | None = None,
    ) -> None:
        self._credentials = credentials
        self._kept_token = credentials.refresh_token
        self._keep_refresh_token = keep_refresh_token
        self._api_root = api_root
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="gmail")
        self._own = threading.local()
        self._opened: list[Any] = []
        self._lock = threading.Lock()
        self._service: GmailResource | None = None

    def close(self) -> None:
        """Let the threads end and hang up; calls that have not begun are dropped, a send under way goes on."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for http in self._opened:
            http.close()

    async def run(self, call: Callable[[], T], meaning: Meaning) -> T:
        """Carry the call out in a thread; what it raises is told in our words."""

        def translated() -> T:
            try:
                return call()
            except Exception as error:
                raise meaning(error) from error

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, translated)
        finally:
            await self._keep_new_token()

    def execute(self, prepare: Prepare[T]) -> T:
        """One call that may be repeated. In a thread of `run`."""
        token = self.token()
        try:
            return prepare(self.gmail()).execute(http=self.http())
        except Exception as error:
            self._forget_if_refused(error, token)
            raise

    def execute_once(self, prepare: Prepare[T], token: str) -> T:
        """One attempt on a connection of its own, with that token. In a thread of `run`."""
        from adapters.gmail_one_shot import OneShotHttp

        try:
            return prepare(self.gmail()).execute(http=OneShotHttp(token, self._timeout_s), num_retries=0)
        except Exception as error:
            self._forget_if_refused(error, token)
            raise

    def token(self) -> str:
        """The access token, renewed by one thread at a time when it has run out."""
        import google_auth_httplib2
        import httplib2

        with self._lock:
            if not self._credentials.valid:
                plain = httplib2.Http(timeout=self._timeout_s)
                try:
                    self._credentials.refresh(google_auth_httplib2.Request(plain))  # type: ignore[no-untyped-call]
                finally:
                    plain.close()
            return str(self._credentials.token)

    def forget(self, token: str) -> None:
        """Google refuses this access token: the next call renews it, unless another thread already has."""
        with self._lock:
            if self._credentials.token == token:
                self._credentials.token = None

    def http(self) -> Any:
        """This thread's Http."""
        from adapters.gmail_bearer_http import BearerHttp

        if not hasattr(self._own, "http"):
            self._own.http = BearerHttp(self.token, self._timeout_s)
            self._opened.append(self._own.http)
        return self._own.http

    def gmail(self) -> "GmailResource":
        """The service all threads share."""
        with self._lock:
            if self._service is None:
                self._service = build_service(self._api_root)
            return self._service

    def _forget_if_refused(self, error: Exception, token: str) -> None:
        if getattr(error, "status_code", None) == AccessRefused.STATUS:
            self.forget(token)

    async def _keep_new_token(self) -> None:
        """Store a replaced refresh token. Where that fails the next call tries again: this one has done its work."""
        token = self._credentials.refresh_token
        if self._keep_refresh_token is None or not token or token == self._kept_token:
            return
        try:
            await self._keep_refresh_token(token)
            self._kept_token = token
        except Exception as error:
            log.error("refresh_token_not_kept", error=type(error).__name__)


def build_service(api_root: str | None) -> "GmailResource":
    """Google's client for Gmail. With another root every call goes there, batches too."""
    import httplib2
    from googleapiclient import discovery
    from googleapiclient.discovery_cache import get_static_doc

    document = json.loads(get_static_doc("gmail", "v1"))  # type: ignore[no-untyped-call]
    if api_root:
        root = api_root.rstrip("/") + "/"
        document |= {"rootUrl": root, "baseUrl": root}
    service: GmailResource = discovery.build_from_document(  # type: ignore[attr-defined]  # the stubs lack it
        document, http=httplib2.Http()
    )
    return service
