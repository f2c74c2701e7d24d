"""HTTP to Gmail through Google's own client, off the event loop.

The client blocks and its Http is not thread-safe: each mailbox has a few threads of its own, each thread its own Http,
and all share one service built from the discovery document that ships with the library.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from adapters.gmail_errors import NotThere, outcome_of_send, refusal_of
from tickets.errors import MailboxError, Unavailable

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from googleapiclient._apis.gmail.v1.resources import GmailResource
    from googleapiclient._apis.gmail.v1.schemas import Message

BATCH: Final = 25
BATCH_AFTER_RATE_LIMIT: Final = 10

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Meaning = Callable[[Exception], MailboxError]


class Request(Protocol[T_co]):
    """A prepared call of Google's client."""

    def execute(self, http: Any = None, num_retries: int = 0) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """How patiently reading goes on: truncated exponential pauses with jitter.

    `patience_s` bounds all attempts of one call together: somebody may be waiting for this sync, and the next one comes
    by itself.
    """

    attempts: int = 4
    first_s: float = 0.5
    longest_s: float = 8.0
    patience_s: float = 10.0

    def pause_s(self, failures: int, wish_s: float | None, spent_s: float = 0.0) -> float | None:
        """Seconds until the next attempt; None to give up, also when Google wishes for more than we would wait."""
        longest = min(self.first_s * 2 ** (failures - 1), self.longest_s)
        pause_s = max(wish_s or 0.0, SystemRandom().uniform(longest / 2, longest))
        if failures >= self.attempts or pause_s > self.longest_s or spent_s + pause_s > self.patience_s:
            return None
        return pause_s


class GmailApi:
    """The calls of one account: reads that are retried, batches of raw mails, writes that are tried once."""

    def __init__(
        self,
        credentials: "Credentials",
        *,
        api_root: str | None = None,
        timeout_s: float = 30.0,
        workers: int = 4,
        backoff: Backoff | None = None,
    ) -> None:
        self._credentials = credentials
        self._api_root = api_root
        self._timeout_s = timeout_s
        self._backoff = backoff or Backoff()
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

    async def read(self, request: Callable[["GmailResource"], Request[T]], *, patient: bool = True) -> T:
        """Carry out a call that changes nothing; passing faults are retried unless told otherwise."""

        def call() -> T:
            return request(self._gmail()).execute(http=self._http())

        return await (self._patiently(call) if patient else self._run(call, refusal_of))

    async def write_once(
        self, request: Callable[["GmailResource"], Request[T]], *, meaning: Meaning = outcome_of_send
    ) -> T:
        """Carry out a call at most once; `meaning` reads its fault. As it is, a lost answer raises AnswerLost.

        The access token is renewed before, never as a reason to repeat the call.
        """
        token = await self._run(self._fresh_token, refusal_of)
        return await self._run(lambda: self._attempt(request, token), meaning)

    async def raw_messages(self, ids: Sequence[str]) -> list["Message"]:
        """The mails with these ids, in that order, in `raw` format; those that are gone are left out."""
        found: dict[str, Message] = {}
        waiting, size, failures, since = list(ids), BATCH, 0, _seconds()
        while waiting:
            messages, put_off, fault = await self._batch_of(waiting[:size])
            found |= {message["id"]: message for message in messages}
            waiting = put_off + waiting[size:]
            failures, since = (0, _seconds()) if messages else (failures, since)
            if fault:
                size, failures = BATCH_AFTER_RATE_LIMIT, failures + 1
                await self._pause(failures, fault, since)
        return [found[id_] for id_ in ids if id_ in found]

    async def _batch_of(self, ids: Sequence[str]) -> tuple[list["Message"], list[str], Unavailable | None]:
        """The mails, the ids to ask for again, and why."""
        answers = await self._patiently(lambda: self._execute_batch(ids))
        faults = {id_: fault for id_, fault in answers.items() if isinstance(fault, MailboxError)}
        put_off = [id_ for id_, fault in faults.items() if isinstance(fault, Unavailable)]
        for fault in faults.values():
            if not isinstance(fault, Unavailable | NotThere):
                raise fault
        messages = [message for message in answers.values() if not isinstance(message, MailboxError)]
        passing = next((fault for fault in faults.values() if isinstance(fault, Unavailable)), None)
        return messages, put_off, passing

    def _execute_batch(self, ids: Sequence[str]) -> dict[str, "Message | MailboxError"]:
        answers: dict[str, Message | MailboxError] = {}

        def keep(request_id: str, response: Any, error: Exception | None) -> None:
            answers[request_id] = refusal_of(error) if error else response

        self._fresh_token()
        gmail = self._gmail()
        batch = gmail.new_batch_http_request(callback=keep)
        for id_ in ids:
            batch.add(gmail.users().messages().get(userId="me", id=id_, format="raw"), request_id=id_)
        batch.execute(http=self._http())
        return answers

    def _attempt(self, request: Callable[["GmailResource"], Request[T]], token: str) -> T:
        from googleapiclient.errors import HttpError

        from adapters.gmail_one_shot import OneShotHttp

        try:
            return request(self._gmail()).execute(http=OneShotHttp(token, self._timeout_s), num_retries=0)
        except HttpError as error:
            if error.status_code == 401:
                self._credentials.token = None  # the next attempt renews it first
            raise

    async def _patiently(self, call: Callable[[], T]) -> T:
        failures, since = 0, _seconds()
        while True:
            try:
                return await self._run(call, refusal_of)
            except Unavailable as fault:
                failures += 1
                await self._pause(failures, fault, since)

    async def _pause(self, failures: int, fault: Unavailable, since: float) -> None:
        pause_s = self._backoff.pause_s(failures, fault.retry_after_s, _seconds() - since)
        if pause_s is None:
            raise fault
        await asyncio.sleep(pause_s)

    async def _run(self, call: Callable[[], T], meaning: Meaning) -> T:
        def translated() -> T:
            try:
                return call()
            except Exception as error:
                raise meaning(error) from error

        return await asyncio.get_running_loop().run_in_executor(self._threads, translated)

    def _fresh_token(self) -> str:
        import google_auth_httplib2

        with self._lock:
            if not self._credentials.valid:
                self._credentials.refresh(google_auth_httplib2.Request(self._http().http))  # type: ignore[no-untyped-call]
            return str(self._credentials.token)

    def _http(self) -> Any:
        """This thread's Http, which adds the access token and renews it when it is refused."""
        import google_auth_httplib2
        import httplib2

        if not hasattr(self._own, "http"):
            plain = httplib2.Http(timeout=self._timeout_s)
            self._own.http = google_auth_httplib2.AuthorizedHttp(self._credentials, http=plain)
            self._opened.append(plain)
        return self._own.http

    def _gmail(self) -> "GmailResource":
        with self._lock:
            if self._service is None:
                self._service = build_service(self._api_root)
            return self._service


def _seconds() -> float:
    return asyncio.get_running_loop().time()


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
