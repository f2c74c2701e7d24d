"""The models in the order in which they are asked: what the first cannot answer, the fallback may.

A step makes two calls at most, however many models there are: the second call is a second try when there is one model,
and the fallback's when there is one. A model that is left alone leaves both calls to the other.
"""

import time
from dataclasses import dataclass
from typing import Final, Generic

from adapters.chat_answers import A
from adapters.chat_call import Meter, Question, Reply
from adapters.chat_endpoint import Endpoint
from adapters.chat_settings import ChatSettings
from adapters.chat_silence import MailKey, Monotonic
from tickets.errors import ModelUnavailable

CALLS: Final = 2  # of one step


@dataclass(frozen=True, slots=True)
class Heard(Generic[A]):
    """An answer and who gave it; `note` says why it was not the first model."""

    reply: Reply[A]
    by: str
    note: str | None


class Chain:
    """The configured model and its fallback."""

    def __init__(self, settings: ChatSettings, meter: Meter | None, monotonic: Monotonic = time.monotonic) -> None:
        chain = [settings, settings.fallback] if settings.fallback else [settings]
        self._meter = meter
        self._endpoints = [Endpoint(each, meter, monotonic) for each in chain]

    def forgive(self, mail: MailKey) -> None:
        """Let this mail ask all of them again."""
        for endpoint in self._endpoints:
            endpoint.forgive(mail)

    async def ask(self, mail: MailKey, question: Question[A]) -> Heard[A]:
        """The first usable answer. Raises ModelUnavailable with the reason of each."""
        if self._meter and (spent := await self._meter.reason_not_to_spend()):
            raise ModelUnavailable(spent)
        reasons: list[str] = []
        calls = CALLS
        for place, endpoint in enumerate(self._endpoints):
            name, is_last = endpoint.name(question.step), place + 1 == len(self._endpoints)
            reason = endpoint.reason_not_to_ask(mail)
            if reason is None:
                allowed = calls if is_last else 1
                calls -= allowed
                try:
                    reply = await endpoint.ask(mail, question, allowed)
                except ModelUnavailable as error:
                    reason = str(error)
                else:
                    return Heard(reply, name, f"{'; '.join(reasons)}; answered by {name} instead" if reasons else None)
            reasons.append(f"the fallback {name}: {reason}" if reasons else reason)
        raise ModelUnavailable("; ".join(reasons))
