"""One tiny question to the language model, to see whether it answers at all."""

import time

from adapters.chat_answers import Answer
from adapters.chat_call import ChatClient, Question
from adapters.chat_settings import ChatSettings


class Alive(Answer):
    """What is asked for."""

    ok: bool


async def probe(settings: ChatSettings) -> float:
    """Seconds until a usable answer came. Raises ModelUnavailable with the reason."""
    began = time.monotonic()
    question = Question(
        shape=Alive,
        system='You are being tested. Answer with this JSON object and nothing else: {"ok": true}',
        user="Are you there?",
        canary="probe-canary-that-nobody-repeats",
    )
    await ChatClient(settings).ask(question)
    return time.monotonic() - began
