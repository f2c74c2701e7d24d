"""One tiny question to the language model, to see whether it answers at all, and where it stops when it does not."""

import asyncio
import time
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from adapters.chat_answers import Answer
from adapters.chat_call import ChatClient, Meter, ModelSilent, Question
from adapters.chat_settings import ChatSettings
from tickets.errors import ModelUnavailable

CONNECT_S: Final = 5.0
_NEXT: Final = "Start it, or correct CA_MODEL_BASE_URL."


class Alive(Answer):
    """What is asked for."""

    ok: bool


async def probe(settings: ChatSettings, meter: Meter | None = None) -> float:
    """Seconds until a usable answer came. Raises ModelUnavailable with the reason, the address and the step."""
    if meter and (spent := await meter.reason_not_to_spend()):
        raise ModelUnavailable(spent)
    began = time.monotonic()
    question = Question(
        shape=Alive,
        system='You are being tested. Answer with this JSON object and nothing else: {"ok": true}',
        user="Are you there?",
        canary="probe-canary-that-nobody-repeats",
    )
    try:
        await ChatClient(settings, meter).ask(question)
    except ModelSilent as error:
        step = await _failing_step(settings.base_url)
        raise ModelUnavailable(f"{error}: {step} {without_credentials(settings.base_url)}. {_NEXT}") from error
    except ModelUnavailable as error:
        raise ModelUnavailable(f"{error} (asked at {without_credentials(settings.base_url)})") from error
    return time.monotonic() - began


def without_credentials(url: str) -> str:
    """The address without user, password, query and fragment, fit to be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


async def _failing_step(url: str) -> str:
    """How far a connection gets; asked only after the question failed, for a proxy may know another way."""
    parts = urlsplit(url)
    with suppress(ValueError):  # a port that is no number
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return await _connecting(parts.hostname or "", port)
    return "no connection can be made with"


async def _connecting(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_S):
            await loop.getaddrinfo(host, port)
    except (OSError, UnicodeError):  # a timeout is an OSError too
        return "the name cannot be resolved in"
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return "no connection is taken by"
    writer.close()
    return "a connection was made, but the question got no answer from"
