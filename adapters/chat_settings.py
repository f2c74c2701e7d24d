"""Which language models the desk talks to, resolved from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.prompt_versions import STEPS
from tickets.errors import DeskError

_DEFAULT_TIMEOUT_S: Final = 20.0
_DEFAULT_MAX_TOKENS: Final = 4000
_FIRST, _FALLBACK = "CA_MODEL_", "CA_MODEL_FALLBACK_"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """An OpenAI-compatible endpoint. The key stays out of every representation.

    `steps` has what differs for a step; `fallback` is asked when this one fails.
    """

    provider: str
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = _DEFAULT_TIMEOUT_S
    max_tokens: int = _DEFAULT_MAX_TOKENS
    temperature: float | None = None  # the server's own
    steps: Mapping[str, "ChatSettings"] = field(default_factory=dict, hash=False)
    fallback: "ChatSettings | None" = None

    @property
    def name(self) -> str:
        """How the model signs its work."""
        return f"{self.provider}:{self.model}"

    @property
    def names(self) -> tuple[str, ...]:
        """How it signs the work of the steps, each name once; the fallback's are not among them."""
        return tuple(dict.fromkeys((self.name, *(self.of(step).name for step in STEPS))))

    def of(self, step: str) -> "ChatSettings":
        """What holds for one step."""
        return self.steps.get(step, self)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a provider is called in the environment, and what needs no setting."""

    prefix: str
    base_url: str = ""
    model: str = ""
    needs_key: bool = False


PROFILES: Final[Mapping[str, Profile]] = {
    "architect": Profile("ARCHITECT", model="architect"),
    "openai": Profile("OPENAI", "https://api.openai.com/v1", "gpt-4.1-mini", needs_key=True),
    "azure": Profile("AZURE_OPENAI", needs_key=True),
    "ollama": Profile("OLLAMA", "http://127.0.0.1:11434/v1"),
    "vllm": Profile("VLLM"),
}
_DEFAULT_PROVIDER: Final = "architect"
_LOCAL: Final = "local"


def profile(env: Mapping[str, str]) -> ChatSettings | None:
    """The model that the environment names, with its fallback, or None for the local one.

    `CA_MODEL_PROVIDER` picks a profile (architect when unset); `CA_MODEL_BASE_URL`, `CA_MODEL_API_KEY` and
    `CA_MODEL_NAME` win over the profile's own variables, and make any other provider name possible. The architect has
    no built-in address: without one the desk works locally. `CA_MODEL_FALLBACK_*` name the second model in the same
    way; a provider or an address makes one. Raises DeskError when something else is missing.
    """
    provider = _given(env, "CA_MODEL_PROVIDER").lower() or _DEFAULT_PROVIDER
    first = _endpoint(env, _FIRST, provider)
    return replace(_in_steps(first, env, _FIRST), fallback=_second(env)) if first else None


def _second(env: Mapping[str, str]) -> ChatSettings | None:
    """A step has no model of its own here: one that the other server has would be unknown to this."""
    provider = _given(env, "CA_MODEL_FALLBACK_PROVIDER").lower()
    if not provider and _given(env, "CA_MODEL_FALLBACK_BASE_URL"):
        provider = "fallback"
    second = _endpoint(env, _FALLBACK, provider) if provider else None
    return _in_steps(second, env, None) if second else None


def _endpoint(env: Mapping[str, str], ours: str, provider: str) -> ChatSettings | None:
    if provider == _LOCAL:
        return None
    known = PROFILES.get(provider, Profile(provider.upper().replace("-", "_")))
    base_url = _setting(env, f"{ours}BASE_URL", f"{known.prefix}_BASE_URL", known.base_url)
    if not base_url and provider == _DEFAULT_PROVIDER:
        return None
    model = _setting(env, f"{ours}NAME", f"{known.prefix}_MODEL", known.model)
    api_key = _setting(env, f"{ours}API_KEY", f"{known.prefix}_API_KEY", "")
    is_address = base_url.startswith(("http://", "https://"))
    _require(is_address, provider, f"{ours}BASE_URL", "an http or https address")
    _require(bool(model), provider, f"{ours}NAME", "the name of its model")
    _require(bool(api_key) or not known.needs_key, provider, f"{ours}API_KEY", "its key")
    return _limited(ChatSettings(provider, base_url.rstrip("/"), model, api_key), env, _FIRST)


def _in_steps(chat: ChatSettings, env: Mapping[str, str], names: str | None) -> ChatSettings:
    """With what `CA_MODEL_TRIAGE_*`, `CA_MODEL_PLAN_*` and `CA_MODEL_DRAFT_*` say; `names` leads to the models."""
    steps: dict[str, ChatSettings] = {}
    for step in STEPS:
        prefix = f"{_FIRST}{step.upper()}_"
        model = _given(env, f"{prefix}NAME") if names else ""
        own = _limited(replace(chat, model=model or chat.model), env, prefix)
        if own != chat:
            steps[step] = own
    return replace(chat, steps=steps)


def _limited(chat: ChatSettings, env: Mapping[str, str], prefix: str) -> ChatSettings:
    """With the limits of one prefix, where there are any."""
    timeout_s = _number(env, f"{prefix}TIMEOUT_S", "seconds", 1, 600)
    max_tokens = _number(env, f"{prefix}MAX_TOKENS", "tokens", 100, 200_000)
    temperature = _number(env, f"{prefix}TEMPERATURE", "a number", 0, 2)
    return replace(
        chat,
        timeout_s=chat.timeout_s if timeout_s is None else timeout_s,
        max_tokens=chat.max_tokens if max_tokens is None else int(max_tokens),
        temperature=chat.temperature if temperature is None else temperature,
    )


def _setting(env: Mapping[str, str], ours: str, theirs: str, built_in: str) -> str:
    return _given(env, ours) or _given(env, theirs) or built_in


def _given(env: Mapping[str, str], name: str) -> str:
    return env.get(name, "").strip()


def _require(is_met: bool, provider: str, variable: str, meaning: str) -> None:
    if not is_met:
        raise DeskError(
            f"The model provider {provider!r} needs {meaning}. Set {variable}, or CA_MODEL_PROVIDER=local to work"
            " without a model."
        )


def _number(env: Mapping[str, str], name: str, unit: str, least: float, most: float) -> float | None:
    if not (written := _given(env, name)):
        return None
    try:
        number = float(written)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise DeskError(f"{name} is {written!r}. Set it to {unit} between {least:g} and {most:g}.")
    return number
