"""Which language model the desk talks to, resolved from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tickets.errors import DeskError

_DEFAULT_TIMEOUT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """An OpenAI-compatible endpoint. The key stays out of every representation."""

    provider: str
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = _DEFAULT_TIMEOUT_S


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
    "ollama": Profile("OLLAMA", "http://127.0.0.1:11434/v1"),
    "vllm": Profile("VLLM"),
}
_DEFAULT_PROVIDER: Final = "architect"
_LOCAL: Final = "local"


def profile(env: Mapping[str, str]) -> ChatSettings | None:
    """The model that the environment names, or None for the local one.

    `CA_MODEL_PROVIDER` picks a profile (architect when unset); `CA_MODEL_BASE_URL`, `CA_MODEL_API_KEY` and
    `CA_MODEL_NAME` win over the profile's own variables, and make any other provider name possible. The architect has
    no built-in address: without one the desk works locally. Raises DeskError when something else is missing.
    """
    provider = _given(env, "CA_MODEL_PROVIDER").lower() or _DEFAULT_PROVIDER
    if provider == _LOCAL:
        return None
    known = PROFILES.get(provider, Profile(provider.upper().replace("-", "_")))
    base_url = _setting(env, "CA_MODEL_BASE_URL", f"{known.prefix}_BASE_URL", known.base_url)
    if not base_url and provider == _DEFAULT_PROVIDER:
        return None
    model = _setting(env, "CA_MODEL_NAME", f"{known.prefix}_MODEL", known.model)
    api_key = _setting(env, "CA_MODEL_API_KEY", f"{known.prefix}_API_KEY", "")
    _require(base_url.startswith(("http://", "https://")), provider, "CA_MODEL_BASE_URL", "an http or https address")
    _require(bool(model), provider, "CA_MODEL_NAME", "the name of its model")
    _require(bool(api_key) or not known.needs_key, provider, "CA_MODEL_API_KEY", "its key")
    return ChatSettings(provider, base_url.rstrip("/"), model, api_key, _timeout_s(env))


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


def _timeout_s(env: Mapping[str, str]) -> float:
    written = _given(env, "CA_MODEL_TIMEOUT_S")
    try:
        timeout_s = float(written or _DEFAULT_TIMEOUT_S)
    except ValueError:
        timeout_s = 0.0
    if not 0 < timeout_s <= 600:
        raise DeskError(f"CA_MODEL_TIMEOUT_S is {written!r}. Set it to seconds between 1 and 600.")
    return timeout_s
