"""One configured model: whom to ask for each step, and when not to ask because it fell silent."""

from adapters.chat_answers import A
from adapters.chat_call import ChatClient, Meter, ModelSilent, Question, Reply
from adapters.chat_settings import ChatSettings
from adapters.chat_silence import MailKey, Monotonic, Silence
from adapters.prompt_versions import STEPS
from tickets.errors import ModelUnavailable


class Endpoint:
    """Asks one model, each step by its own settings. What is known of its silence holds for all steps."""

    def __init__(self, settings: ChatSettings, meter: Meter | None, monotonic: Monotonic) -> None:
        self._settings = settings
        self._clients: dict[str, ChatClient] = {step: ChatClient(settings.of(step), meter) for step in STEPS}
        self._silence = Silence(monotonic)

    def name(self, step: str) -> str:
        """How it signs the work of a step."""
        return self._settings.of(step).name

    def reason_not_to_ask(self, mail: MailKey) -> str | None:
        """In words for the operator."""
        return self._silence.reason_not_to_ask(mail)

    def forgive(self, mail: MailKey) -> None:
        """Let this mail ask again."""
        self._silence.forgive(mail)

    async def ask(self, mail: MailKey, question: Question[A], calls: int) -> Reply[A]:
        """Raises ModelUnavailable with the reason."""
        try:
            reply = await self._clients[question.step].ask(question, calls)
        except ModelSilent as error:
            self._silence.fell(mail, str(error))
            raise
        except ModelUnavailable:
            self._silence.ended()
            raise
        self._silence.ended()
        return reply
