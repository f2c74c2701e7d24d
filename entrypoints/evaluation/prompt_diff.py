"""The command `prompts diff`: two versions of one prompt, as texts and as results on the same mails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

from adapters.prompt_versions import Prompt, current
from entrypoints.evaluation.bench import chat_settings
from entrypoints.evaluation.evaluating import Asked, evaluate
from entrypoints.evaluation.report import Report
from entrypoints.evaluation.runner import Advance
from entrypoints.settings import Settings
from tickets.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sides:
    """The older and the newer version. Each has a folder of its own below `out`, so both go on where they were."""

    older: Prompt
    newer: Prompt

    def __post_init__(self) -> None:
        if self.older.id != self.newer.id:
            raise BadInput(
                f"{self.older.version} and {self.newer.version} are different prompts. Compare two versions of one."
            )


def text_diff(sides: Sides) -> Iterator[str]:
    """The lines that differ, as `diff -u` writes them."""
    older, newer = sides.older.text.splitlines(), sides.newer.text.splitlines()
    yield from unified_diff(older, newer, sides.older.mark, sides.newer.mark, lineterm="")


async def compare(
    settings: Settings, environ: Mapping[str, str], sides: Sides, asked: Asked, advances: tuple[Advance, Advance]
) -> Report:
    """The report of the newer version, with the older one as its baseline. Raises BadInput without a language model."""
    if chat_settings(settings, environ) is None:
        raise BadInput(
            "Prompts are for language models, and none is configured. Set CA_MODEL_PROVIDER and its address."
        )
    before = asked.out / _folder(sides.older, "older")
    await evaluate(settings, environ, _side(asked, sides.older, before, None), advances[0])
    after = asked.out / _folder(sides.newer, "newer")
    baseline = before / "report.json"
    return await evaluate(settings, environ, _side(asked, sides.newer, after, baseline), advances[1])


def _side(asked: Asked, prompt: Prompt, out: Path, baseline: Path | None) -> Asked:
    wanted = replace(asked.wanted, prompts=current().with_(prompt))
    gate = asked.gate if baseline else None
    return replace(asked, out=out, wanted=wanted, baseline=baseline, gate=gate)


def _folder(prompt: Prompt, side: str) -> str:
    return f"{side}-{prompt.id}-{prompt.number or prompt.digest[:8]}"
