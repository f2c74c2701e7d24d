"""The calls of one Gmail account: reads that are retried, batches of mails, writes that are tried once.

Each call pays from the account's quota first. `gmail_access` has the threads and the tokens behind it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final, TypeVar

from adapters.gmail_access import Access, KeepToken, Meaning, Prepare
from adapters.gmail_access import build_service as build_service
from adapters.gmail_errors import AccessRefused, RateLimited, outcome_of_send, refusal_of
from adapters.gmail_fetched import Answers, Fetched, longest_wish
from adapters.gmail_quota import Bucket, Quota
from tickets.errors import Unavailable

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from googleapiclient._apis.gmail.v1.schemas import Message

BATCH: Final = 25
BATCH_AFTER_RATE_LIMIT: Final = 10
GET: Final = "messages.get"

T = TypeVar("T")


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
    """One account's calls. Without a `quota` nothing is counted.

    `on_new_refresh_token` is awaited when Google replaces the refresh token.
    """

    def __init__(
        self,
        credentials: "Credentials",
        *,
        api_root: str | None = None,
        timeout_s: float = 30.0,
        workers: int = 4,
        backoff: Backoff | None = None,
        quota: Quota | None = None,
        on_new_refresh_token: KeepToken | None = None,
    ) -> None:
        self._access = Access(
            credentials,
            api_root=api_root,
            timeout_s=timeout_s,
            workers=workers,
            keep_refresh_token=on_new_refresh_token,
        )
        self._backoff = backoff or Backoff()
        self._bucket = Bucket(quota) if quota else None

    def close(self) -> None:
        """Let the threads end and hang up; calls that have not begun are dropped, a send under way goes on."""
        self._access.close()

    async def read(self, prepare: Prepare[T], *, patient: bool = True, is_bulk: bool = False) -> T:
        """Carry out a call that may be repeated; passing faults are retried unless told otherwise.

        `is_bulk` marks what can wait while a reply leaves.
        """
        cost = await self._cost(prepare)
        return await self._patiently(lambda: self._access.execute(prepare), cost, patient, is_bulk)

    async def write_once(self, prepare: Prepare[T], *, meaning: Meaning = outcome_of_send) -> T:
        """Carry out a call at most once; `meaning` reads its fault. As it is, a lost answer raises AnswerLost.

        The access token is renewed before, never as a reason to repeat the call.
        """
        token = await self._access.run(self._access.token, refusal_of)
        await self._pay(await self._cost(prepare), is_bulk=False)
        return await self._access.run(lambda: self._access.execute_once(prepare, token), meaning)

    async def raw_messages(self, ids: Sequence[str]) -> list["Message"]:
        """The mails with these ids, in that order, in `raw` format; those that are gone are left out."""
        fetched = await self.fetch(ids, is_bulk=False)
        for fault in (fetched.trouble, *fetched.refused.values()):
            if fault:
                raise fault
        return fetched.in_order

    @property
    def most_at_once(self) -> int:
        """How many mails bulk reading may ask for at one moment."""
        return min(BATCH, self._bucket.quota.most(GET)) if self._bucket else BATCH

    async def fetch(self, ids: Sequence[str], *, patient: bool = True, is_bulk: bool = True) -> Fetched:
        """Mails in `raw` format, and what stood in the way of the others; passing faults are retried for a while.

        Raises what concerns the whole account and does not pass.
        """
        fetched, size, failures, since = Fetched(tuple(ids)), self.most_at_once, 0, _seconds()
        while fetched.waiting:
            try:
                answers = await self._batch(fetched.waiting[:size], is_bulk)
            except Unavailable as fault:
                fetched.trouble = fault
                return fetched
            faults = fetched.take(answers)
            failures, since = (0, _seconds()) if len(faults) < len(answers) else (failures, since)
            if not faults:
                continue
            size, failures = min(size, BATCH_AFTER_RATE_LIMIT), failures + 1
            pause_s = self._pause_s(failures, longest_wish(faults.values()), since) if patient else None
            if pause_s is not None:
                await asyncio.sleep(pause_s)
            elif not fetched.do_without(faults, patient=patient):
                return fetched
        return fetched

    async def _batch(self, ids: Sequence[str], is_bulk: bool) -> Answers:
        cost = self._bucket.quota.cost(GET) * len(ids) if self._bucket else 0
        answers = await self._patiently(lambda: self._execute_batch(ids), cost, True, is_bulk)
        if self._bucket and (rate := [fault for fault in answers.values() if isinstance(fault, RateLimited)]):
            self._bucket.refused(longest_wish(rate))
        return answers

    def _execute_batch(self, ids: Sequence[str]) -> Answers:
        answers: Answers = {}

        def keep(request_id: str, response: Any, error: Exception | None) -> None:
            answers[request_id] = refusal_of(error) if error else response

        token, gmail = self._access.token(), self._access.gmail()
        batch = gmail.new_batch_http_request(callback=keep)
        for id_ in ids:
            batch.add(gmail.users().messages().get(userId="me", id=id_, format="raw"), request_id=id_)
        batch.execute(http=self._access.http())
        if any(isinstance(answer, AccessRefused) for answer in answers.values()):
            self._access.forget(token)
        return answers

    async def _patiently(self, call: Callable[[], T], cost: int, patient: bool, is_bulk: bool) -> T:
        failures, since = 0, _seconds()
        while True:
            await self._pay(cost, is_bulk)
            try:
                return await self._access.run(call, refusal_of)
            except Unavailable as fault:
                if self._bucket and isinstance(fault, RateLimited):
                    self._bucket.refused(fault.retry_after_s)
                failures += 1
                pause_s = self._pause_s(failures, fault.retry_after_s, since) if patient else None
                if pause_s is None:
                    raise
            await asyncio.sleep(pause_s)

    def _pause_s(self, failures: int, wish_s: float | None, since: float) -> float | None:
        return self._backoff.pause_s(failures, wish_s, _seconds() - since)

    async def _cost(self, prepare: Prepare[Any]) -> int:
        if self._bucket is None:
            return 0
        gmail = await self._access.run(self._access.gmail, refusal_of)
        method = str(getattr(prepare(gmail), "methodId", ""))
        return self._bucket.quota.cost(method.removeprefix("gmail.users."))

    async def _pay(self, cost: int, is_bulk: bool) -> None:
        if self._bucket:
            await self._bucket.spend(cost, is_bulk=is_bulk)


def _seconds() -> float:
    return asyncio.get_running_loop().time()
