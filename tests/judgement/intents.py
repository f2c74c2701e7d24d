"""Labelled texts, and drawing some of them."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OUTSIDE: Final = "oos"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, what it is about, and the part of the set it belongs to."""

    text: str
    label: str
    split: str = "train"


def texts_in(file: Path) -> tuple[Labelled, ...]:
    """The texts of a set, in their order."""
    rows = (json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip())
    return tuple(Labelled(row["text"], row["label"], row.get("split", "train")) for row in rows)


def of_split(texts: Iterable[Labelled], split: str) -> list[Labelled]:
    return [text for text in texts if text.split == split]


def drawn(texts: Sequence[Labelled], each: int, seed: int) -> list[Labelled]:
    """At most `each` of every label, by chance, in a mixed order."""
    chance = random.Random(seed)
    by_label: defaultdict[str, list[Labelled]] = defaultdict(list)
    for text in texts:
        by_label[text.label].append(text)
    some = [
        text for label in sorted(by_label) for text in chance.sample(by_label[label], min(each, len(by_label[label])))
    ]
    chance.shuffle(some)
    return some


def title_of(label: str) -> str:
    """What a desk would call the category."""
    return label.replace("_", " ")
