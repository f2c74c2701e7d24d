"""Which languages a text is likely to be in, by py3langid: its model ships with it, and it never asks a network."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Final

_LOADING: Final = Lock()


def likely(text: str, among: tuple[str, ...]) -> Sequence[tuple[str, float]]:
    """Languages with their probabilities, the likeliest first; without letters all are alike."""
    with _LOADING:
        identifier = _identifier(among)
    ranked: list[tuple[str, float]] = identifier.rank(text)
    return ranked


@cache
def _identifier(among: tuple[str, ...]) -> Any:
    # Reading the model takes most of a second and much of it numpy, which no command needs that judges no mail.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(among)
    return identifier
