"""The calls of one Gmail account: reads that are retried, batches of mails, writes that are tried once.

Each call pays from the account's quota first. `gmail_access` has the threads and the tokens behind it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final, TypeVar

from adapters.gmail_access import Access, KeepToken, Meaning, Prepare
from adapters.gmail_access import build_service as build_service
from adapters.gmail_errors import (
    AccessRefused,
    RateLimited,
    ServerFailed,
    Unreached,
    outcome_of_send,
    refusal_of,
)
from adapters.gmail_fetched import Answers, Fetched, longest_wish
from adapters.gmail_quota import Bucket, Quota
from tickets.errors import Unavailable

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from googleapiclient._apis.gmail.v1.schemas import Message

BATCH: Final = 25
BATCH_AFTER_RATE_LIMIT: Final = 10
FAILURES_OF_A_BATCH: Final = 2
GET: Final = "messages.get"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backoff:
    """How patiently reading goes on: truncated exponential pauses with jitter.

    `patience_s` bounds all attempts of one call together: somebody may be waiting for this sync, and the next one comes
    by itself. `now` (seconds) is the time in which it is measured.
    """

    attempts: int = 4
    first_s: float = 0.5
    longest_s: float = 8.0
    patience_s: float = 10.0
    now: Callable[[], float] = time.monotonic

    def pause_s(self, failures: int, wish_s: float | None, spent_s: float = 0.0) -> float | None:
        """Seconds until the next attempt; None to give up, also when Google wishes for more than we would wait."""
        longest = min(self.first_s * 2 ** (failures - 1), self.longest_s)
        pause_s = max(wish_s or 0.0, SystemRandom().uniform(longest / 2, longest))
        if failures >= self.attempts or pause_s > self.longest_s or spent_s + pause_s > self.patience_s:
            return None
        return pause_s


@dataclass(slots=True)
class Patience:
    """What is left of it for one purpose. Waiting for our own quota does not use it up: nothing has failed then."""

    backoff: Backoff
    failures: int = 0
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Something went well."""
        self.failures, self._since = 0, self.backoff.now()

    def excuse(self, seconds: float) -> None:
        """So long nothing was tried."""
        self._since += seconds

    def pause_s(self, wish_s: float | None) -> float | None:
        """Count one more failure; seconds until the next attempt, None to give up."""
        self.failures += 1
        return self.backoff.pause_s(self.failures, wish_s, self.backoff.now() - self._since)


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
        patience = Patience(self._backoff) if patient else None
        return await self._patiently(lambda: self._access.execute(prepare), cost, is_bulk, patience)

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
        fetched, size, patience = Fetched(tuple(ids)), self.most_at_once, Patience(self._backoff)
        while fetched.waiting:
            asked = fetched.waiting[:size]
            try:
                answers = await self._answers(asked, is_bulk, patience)
            except Unavailable as fault:
                if size := _after_a_failed_batch(fault, len(asked)):
                    continue
                fetched.trouble = fault
                return fetched
            faults = fetched.take(answers)
            if len(faults) < len(answers):
                patience.renew()
                # Once the mail is known at which batches failed, the others come together again.
                size = min(self.most_at_once, BATCH_AFTER_RATE_LIMIT) if fetched.refused else size
            if faults and not await self._go_on(fetched, faults, patience if patient else None):
                return fetched
            size = min(size, BATCH_AFTER_RATE_LIMIT) if faults else size
        return fetched

    async def _go_on(self, fetched: Fetched, faults: dict[str, Unavailable], patience: Patience | None) -> bool:
        """After a pause, or without the mails that have these faults; False when it is no use."""
        pause_s = patience.pause_s(longest_wish(faults.values())) if patience else None
        if pause_s is None:
            return fetched.do_without(faults, patient=patience is not None)
        await asyncio.sleep(pause_s)
        return True

    async def _answers(self, ids: Sequence[str], is_bulk: bool, outer: Patience) -> Answers:
        cost = self._bucket.quota.cost(GET) * len(ids) if self._bucket else 0
        execute = self._execute_batch if len(ids) > 1 else self._execute_single
        answers = await self._patiently(lambda: execute(ids), cost, is_bulk, Patience(self._backoff), outer)
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

    def _execute_single(self, ids: Sequence[str]) -> Answers:
        """As a batch of one, but where batches fail a plain call may succeed."""
        from googleapiclient.errors import HttpError

        (id_,) = ids
        try:
            get = self._access.execute(lambda gmail: gmail.users().messages().get(userId="me", id=id_, format="raw"))
        except HttpError as error:
            return {id_: refusal_of(error)}
        return {id_: get}

    async def _patiently(
        self, call: Callable[[], T], cost: int, is_bulk: bool, patience: Patience | None, outer: Patience | None = None
    ) -> T:
        """Repeat the call while there is `patience`; `outer` is that of what the call is a part of."""
        while True:
            waited_s = await self._pay(cost, is_bulk)
            for watch in filter(None, (patience, outer)):
                watch.excuse(waited_s)
            try:
                return await self._access.run(call, refusal_of)
            except Unavailable as fault:
                self._settle(fault, cost)
                pause_s = patience.pause_s(fault.retry_after_s) if patience else None
                is_batch_lost = outer and patience and _is_batch_lost(fault, patience.failures)
                if pause_s is None or is_batch_lost:
                    raise
            await asyncio.sleep(pause_s)

    def _settle(self, fault: Unavailable, cost: int) -> None:
        if self._bucket and isinstance(fault, RateLimited):
            self._bucket.refused(fault.retry_after_s)
        if self._bucket and isinstance(fault, Unreached):
            self._bucket.refund(cost)

    async def _cost(self, prepare: Prepare[Any]) -> int:
        if self._bucket is None:
            return 0
        gmail = await self._access.run(self._access.gmail, refusal_of)
        method = str(getattr(prepare(gmail), "methodId", ""))
        return self._bucket.quota.cost(method.removeprefix("gmail.users."))

    async def _pay(self, cost: int, is_bulk: bool) -> float:
        """The seconds that had to be waited for it."""
        began = self._backoff.now()
        if self._bucket:
            await self._bucket.spend(cost, is_bulk=is_bulk)
        return self._backoff.now() - began


def _is_batch_lost(fault: Unavailable, failures: int) -> bool:
    """Whether to look for one mail that spoils the batch. Where Gmail says when to come back, it is its own trouble."""
    return isinstance(fault, ServerFailed) and fault.retry_after_s is None and failures >= FAILURES_OF_A_BATCH


def _after_a_failed_batch(fault: Unavailable, size: int) -> int:
    """How many mails to ask for next; 0 when fewer would not help."""
    return size // 2 if isinstance(fault, ServerFailed) and fault.retry_after_s is None else 0
