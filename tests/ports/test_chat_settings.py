"""Which model the environment names."""

import pytest

from adapters.chat_settings import ChatSettings, profile
from tickets.errors import DeskError


def test_without_any_setting_the_desk_works_locally() -> None:
    assert profile({}) is None
    assert profile({"ARCHITECT_API_KEY": "k", "ARCHITECT_MODEL": "m"}) is None
    assert profile({"CA_MODEL_PROVIDER": "local", "ARCHITECT_BASE_URL": "http://a/v1"}) is None


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        (
            {"ARCHITECT_BASE_URL": "http://a/v1/", "ARCHITECT_API_KEY": "k", "ARCHITECT_MODEL": "m"},
            ChatSettings("architect", "http://a/v1", "m", "k"),
        ),
        (
            {"CA_MODEL_PROVIDER": "openai", "OPENAI_API_KEY": "k", "OPENAI_MODEL": "m"},
            ChatSettings("openai", "https://api.openai.com/v1", "m", "k"),
        ),
        (
            {"CA_MODEL_PROVIDER": "OpenAI", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://proxy/v1"},
            ChatSettings("openai", "http://proxy/v1", "gpt-4.1-mini", "k"),
        ),
        (
            {"CA_MODEL_PROVIDER": "ollama", "OLLAMA_MODEL": "m"},
            ChatSettings("ollama", "http://127.0.0.1:11434/v1", "m"),
        ),
        (
            {"CA_MODEL_PROVIDER": "vllm", "VLLM_BASE_URL": "http://gpu:8000/v1", "VLLM_MODEL": "m"},
            ChatSettings("vllm", "http://gpu:8000/v1", "m"),
        ),
        (
            {"CA_MODEL_PROVIDER": "my-own", "CA_MODEL_BASE_URL": "https://o/v1", "CA_MODEL_NAME": "m"},
            ChatSettings("my-own", "https://o/v1", "m"),
        ),
        (
            {"ARCHITECT_BASE_URL": "http://a/v1", "ARCHITECT_API_KEY": "k", "ARCHITECT_MODEL": "m"}
            | {"CA_MODEL_BASE_URL": "http://b/v1", "CA_MODEL_API_KEY": "l", "CA_MODEL_NAME": "n"},
            ChatSettings("architect", "http://b/v1", "n", "l"),
        ),
        (
            {"CA_MODEL_BASE_URL": "http://b/v1", "CA_MODEL_TIMEOUT_S": "5"},
            ChatSettings("architect", "http://b/v1", "architect", "", 5.0),
        ),
    ],
)
def test_the_environment_names_the_model(env: dict[str, str], expected: ChatSettings) -> None:
    assert profile(env) == expected


@pytest.mark.parametrize(
    ("env", "variable"),
    [
        ({"CA_MODEL_PROVIDER": "openai"}, "CA_MODEL_API_KEY"),
        ({"CA_MODEL_PROVIDER": "ollama"}, "CA_MODEL_NAME"),
        ({"CA_MODEL_PROVIDER": "azure", "AZURE_OPENAI_API_KEY": "k"}, "CA_MODEL_BASE_URL"),
        ({"CA_MODEL_PROVIDER": "vllm", "VLLM_MODEL": "m"}, "CA_MODEL_BASE_URL"),
        ({"CA_MODEL_PROVIDER": "unknown"}, "CA_MODEL_BASE_URL"),
        ({"ARCHITECT_BASE_URL": "ftp://a"}, "CA_MODEL_BASE_URL"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_TIMEOUT_S": "soon"}, "CA_MODEL_TIMEOUT_S"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_PLAN_TIMEOUT_S": "0"}, "CA_MODEL_PLAN_TIMEOUT_S"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_DRAFT_TEMPERATURE": "3"}, "CA_MODEL_DRAFT_TEMPERATURE"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_MAX_TOKENS": "many"}, "CA_MODEL_MAX_TOKENS"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_FALLBACK_PROVIDER": "openai"}, "CA_MODEL_FALLBACK_API_KEY"),
        ({"ARCHITECT_BASE_URL": "http://a", "CA_MODEL_FALLBACK_BASE_URL": "http://b"}, "CA_MODEL_FALLBACK_NAME"),
    ],
)
def test_what_is_missing_is_named(env: dict[str, str], variable: str) -> None:
    with pytest.raises(DeskError, match=variable):
        profile(env)


def test_a_step_has_what_is_said_for_it_and_else_what_holds_for_all() -> None:
    chat = profile(
        {"ARCHITECT_BASE_URL": "http://a/v1", "CA_MODEL_TEMPERATURE": "0.2", "CA_MODEL_MAX_TOKENS": "1000"}
        | {"CA_MODEL_TRIAGE_NAME": "small", "CA_MODEL_TRIAGE_TIMEOUT_S": "5"}
        | {"CA_MODEL_DRAFT_TEMPERATURE": "0", "CA_MODEL_DRAFT_MAX_TOKENS": "9000"}
    )

    assert chat is not None
    assert chat.of("triage") == ChatSettings("architect", "http://a/v1", "small", "", 5.0, 1000, 0.2)
    assert chat.of("plan") is chat
    assert chat.of("draft") == ChatSettings("architect", "http://a/v1", "architect", "", 20.0, 9000, 0.0)


def test_the_second_model_has_its_own_address_key_and_name_and_the_limits_of_the_first() -> None:
    chat = profile(
        {"ARCHITECT_BASE_URL": "http://a/v1", "ARCHITECT_API_KEY": "k", "CA_MODEL_TIMEOUT_S": "7"}
        | {"CA_MODEL_DRAFT_NAME": "large", "CA_MODEL_DRAFT_MAX_TOKENS": "9000"}
        | {"CA_MODEL_FALLBACK_BASE_URL": "http://b/v1/", "CA_MODEL_FALLBACK_NAME": "n"}
    )

    assert chat is not None
    assert chat.fallback is not None
    assert chat.fallback.of("plan") == chat.fallback
    assert (chat.fallback.name, chat.fallback.base_url, chat.fallback.api_key) == ("fallback:n", "http://b/v1", "")
    assert chat.fallback.of("draft") == ChatSettings("fallback", "http://b/v1", "n", "", 7.0, 9000)


def test_the_second_model_may_be_a_profile() -> None:
    chat = profile({"ARCHITECT_BASE_URL": "http://a/v1", "CA_MODEL_FALLBACK_PROVIDER": "openai", "OPENAI_API_KEY": "k"})

    assert chat is not None
    assert chat.fallback == ChatSettings("openai", "https://api.openai.com/v1", "gpt-4.1-mini", "k")
