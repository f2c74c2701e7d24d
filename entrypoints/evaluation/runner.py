"""Runs cases side by side and keeps each outcome as it comes: a run that was interrupted goes on where it was."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import adapters
import tickets
from entrypoints.evaluation.bench import Bench
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.trial import Outcome, tried

OUTCOMES: Final = "outcomes.jsonl"
CONCURRENCY: Final = 4

Advance = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Run:
    """Cases with their outcomes; `stopped` says why it ended before its end."""

    pairs: tuple[tuple[Case, Outcome], ...]
    of: int
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Outcomes in a file, a line each. Of a line that was cut off when the run was killed nothing is believed."""

    path: Path
    known: dict[str, Outcome] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> "Kept":
        kept = cls(path)
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for line in text.splitlines():
            try:
                outcome = Outcome.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            kept.known[outcome.key] = outcome
        if text and not text.endswith("\n"):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")
        return kept

    def add(self, outcome: Outcome) -> None:
        self.known[outcome.key] = outcome
        self.path.touch(mode=0o600)  # drafts answer customers, by name
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(outcome.as_json(), ensure_ascii=False, separators=(",", ":")) + "\n")


async def run_cases(
    bench: Bench, cases: Sequence[Case], folder: Path, advance: Advance, concurrency: int = CONCURRENCY
) -> Run:
    """Those that are done already are not done again, unless the model failed on them; a cap or a budget ends the run
    after the cases that are under way."""
    kept = Kept.at(folder / OUTCOMES)
    keys = {case.id: _key(bench, case) for case in cases}
    todo = [case for case in cases if not _is_done(kept, keys[case.id])]
    done = len(cases) - len(todo)
    advance(done, len(cases))
    queue, stopped = iter(todo), ""

    async def work() -> None:
        nonlocal done, stopped
        for case in queue:
            if stopped or (reason := await bench.meter.reason_to_stop()):
                stopped = stopped or reason or ""
                return
            kept.add(await tried(bench, case, keys[case.id]))
            done += 1
            advance(done, len(cases))
            await asyncio.sleep(0)  # rules alone never wait; the bar and Ctrl+C want their turn

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(todo))):
            group.create_task(work())
    pairs = tuple((case, kept.known[keys[case.id]]) for case in cases if keys[case.id] in kept.known)
    return Run(pairs, len(cases), stopped or None)


def _key(bench: Bench, case: Case) -> str:
    """The same case on the same model, prompts and articles."""
    with bench.knowledge.as_of(case.knows):
        articles = bench.knowledge.digest
        decisions = str(bench.decided.known if bench.decided else 0)
    rules = repr((bench.categories, tuple(bench.rules), bench.allowed))
    said = "\n".join((case.digest, bench.label, articles, decisions, rules, code_digest()))
    return sha256(said.encode()).hexdigest()[:24]


@cache
def code_digest() -> str:
    """Of the rules and the local model: another version of the program is another candidate."""
    digest = sha256()
    for package in (adapters, tickets):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_done(kept: Kept, key: str) -> bool:
    return key in kept.known and kept.known[key].is_models_own
