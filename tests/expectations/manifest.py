"""One line of a manifest, and what a check of it found."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A file and what its source's own tests expect of it."""

    path: Path
    name: str
    kinds: frozenset[str]
    form: str
    expected: Mapping[str, Any]

    @property
    def source(self) -> str:
        return self.name.split("/")[0]


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation held against what was read; `holds` is None for what we have no field for."""

    case: Case
    kind: str
    holds: bool | None
    wanted: object
    found: object


def cases(folder: Path) -> Iterator[Case]:
    """Every line of the folder's manifest; none when it has no manifest."""
    manifest = folder / "manifest.jsonl"
    if not manifest.exists():
        return
    for line in manifest.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        kinds = frozenset(row.get("kind", ()))
        yield Case(folder / row["file"], row["file"], kinds, row.get("format", "plain"), row.get("expected") or {})


def words(text: str) -> str:
    """The text as it is compared: sources differ in how they treat the space between words."""
    return " ".join(text.split())
