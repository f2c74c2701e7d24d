"""One question to the language model: at most two calls, each bounded in time, and only a valid answer comes back."""

import asyncio
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol
from uuid import UUID

import structlog

from adapters.chat_answers import A, parsed, schema_of, without_thoughts
from adapters.chat_settings import ChatSettings
from tickets.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

_log = structlog.get_logger()
_CALLS: Final = 2


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """What is asked, in which shape the answer comes, and the mark that it must not repeat."""

    shape: type[A]
    system: str
    user: str
    canary: str
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of single properties
    ticket_id: UUID | None = None  # whom the call is counted for

    @property
    def step(self) -> str:
        return self.shape.__name__.removesuffix("Answer").lower()


class Meter(Protocol):
    """What counts the calls, and says when no more may be spent."""

    async def reason_not_to_spend(self) -> str | None: ...
    async def told(
        self, ticket_id: UUID | None, step: str, model: str, tokens: Sequence[int], latency_s: float, outcome: str
    ) -> None: ...


@dataclass(slots=True)
class Counted:
    """What one call has used so far, by the answer's own account; an answer without one counts nothing."""

    began: float = field(default_factory=time.monotonic)
    tokens: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Reply(Generic[A]):
    """A valid answer; `wanted_tool` when the model also asked for a tool, which it did not get."""

    answer: A
    wanted_tool: bool


class Unusable(Exception):
    """An answer came, but not one that can be used; the text says why in plain words."""


class ModelSilent(ModelUnavailable):
    """Not one of the calls got any answer: each ran out of time or reached nobody."""


class ChatClient:
    """Talks to one OpenAI-compatible endpoint. Nothing of the key or of a mail reaches a log."""

    def __init__(self, settings: ChatSettings, meter: Meter | None = None) -> None:
        self._settings = settings
        self._meter = meter

    async def ask(self, question: Question[A], calls: int = _CALLS) -> Reply[A]:
        """Raises ModelUnavailable with a reason that an operator understands; ModelSilent when nothing came back."""
        reason = ""
        is_strict = is_silent = True
        for _ in range(calls):
            counted = Counted()
            try:
                reply = await self._call(question, counted, is_strict=is_strict)
            # Clients, proxies and half-compatible servers fail in more ways than can be listed, and none of them may
            # stop the desk: whatever it was, the local model answers and the operator reads why.
            except Exception as error:
                reason = self._in_words(error)
                is_strict = is_strict and not _is_bad_request(error)
                is_silent = is_silent and _is_silence(error)
                _log.warning("model_call_failed", error=type(error).__name__, step=question.shape.__name__)
                await self._told(question, counted, "unusable" if any(counted.tokens) else "failed")
            else:
                await self._told(question, counted, "ok")
                return reply
        raise ModelSilent(reason) if is_silent else ModelUnavailable(reason)

    async def _told(self, question: Question[A], counted: Counted, outcome: str) -> None:
        if self._meter:
            took_s = time.monotonic() - counted.began
            model = self._settings.model
            await self._meter.told(question.ticket_id, question.step, model, counted.tokens, took_s, outcome)

    async def _call(self, question: Question[A], counted: Counted, *, is_strict: bool) -> Reply[A]:
        """A server that refuses strict answers (HTTP 400) is asked again without; the instructions name the shape."""
        model = await asyncio.to_thread(lambda: self._model)  # the first use imports and builds, which takes a second
        schema = schema_of(question.shape, question.choices)
        extras: dict[str, Any] = {"response_format": schema} if is_strict else {}
        system = question.system if is_strict else f"{question.system}\n\nJSON schema: {schema}"
        async with asyncio.timeout(self._settings.timeout_s):
            message = await model.ainvoke([("system", system), ("user", question.user)], **extras)
        usage: Mapping[str, Any] = message.usage_metadata or {}
        counted.tokens = (int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0)))
        answer = parsed(question.shape, _content(message, question.canary))
        return Reply(answer, wanted_tool=bool(message.tool_calls or message.invalid_tool_calls))

    @cached_property
    def _model(self) -> "ChatOpenAI":
        from langchain_openai import ChatOpenAI

        # An answer in parts makes pydantic warn, and the warning would print a piece of the answer.
        warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
        return ChatOpenAI(
            base_url=self._settings.base_url,
            api_key=lambda: self._settings.api_key or "none",
            model=self._settings.model,
            timeout=self._settings.timeout_s,
            max_retries=0,
            max_completion_tokens=self._settings.max_tokens,
            temperature=self._settings.temperature,
            use_responses_api=False,
        )

    def _in_words(self, error: Exception) -> str:
        import openai

        words: list[tuple[type[Exception], str]] = [
            (Unusable, str(error)),
            (TimeoutError, f"The model did not answer within {self._settings.timeout_s:g} s"),
            (openai.APITimeoutError, f"The model did not answer within {self._settings.timeout_s:g} s"),
            (openai.RateLimitError, "The model has too many requests at the moment"),
            (openai.AuthenticationError, "The model refused the key; check its settings"),
            (openai.PermissionDeniedError, "The model refused the key; check its settings"),
            (openai.NotFoundError, "The model or its address is unknown; check its settings"),
            (openai.InternalServerError, "The model's server had an error"),
            (openai.APIConnectionError, "The model could not be reached"),
            (openai.LengthFinishReasonError, "The model's answer was cut off"),
            (openai.ContentFilterFinishReasonError, "The model refused to answer"),
        ]
        return next((text for kind, text in words if isinstance(error, kind)), "The model's answer was not usable")


def _content(message: Any, canary: str) -> str:
    """The text of the answer; raises Unusable when it is missing, refused, cut off, or repeats the control mark."""
    if message.response_metadata.get("finish_reason") == "length":
        raise Unusable("The model's answer was cut off")
    if message.additional_kwargs.get("refusal"):
        raise Unusable("The model refused to answer")
    content = without_thoughts(_text(message.content))
    if not content:
        wanted_tool = bool(message.tool_calls or message.invalid_tool_calls)
        raise Unusable("The model asked for a tool instead of answering" if wanted_tool else "The model said nothing")
    if canary in content:
        raise Unusable("The model's answer repeated its own instructions and was dropped")
    return content


def _text(content: Any) -> str:
    """The text of a message that came whole or in parts; parts that hold no text are left out."""
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, str) else part.get("text") for part in content if isinstance(part, str | dict)]
    return "".join(part for part in parts if isinstance(part, str))


def _is_silence(error: Exception) -> bool:
    import openai

    return isinstance(error, TimeoutError | openai.APIConnectionError)  # a timeout of the client is one of the latter


def _is_bad_request(error: Exception) -> bool:
    import openai

    return isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError)
