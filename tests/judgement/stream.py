"""A desk that begins with nothing: each mail is sorted, then an operator's word on it becomes an example."""

import random
from collections.abc import Iterable
from pathlib import Path

from tests.judgement.intents import of_split, texts_in, title_of
from tickets.likeness import Likeness

MAILS = 3_800
MARKS = (0, 200, 1_000, MAILS)
WINDOW = 200
PUBLISHED = {0: ".44", 200: ".51", 1_000: ".68", MAILS: ".80"}  # plain full-text search, as the design measured it


def stream(folder: Path, seed: int = 1) -> Iterable[str]:
    """Banking77 in a chance order: the share of right categories among the mails around each mark."""
    texts = of_split(texts_in(folder / "intents" / "banking77.dev.jsonl"), "train")
    random.Random(seed).shuffle(texts)
    likeness = Likeness()
    likeness.hint({label: title_of(label) for label in sorted({text.label for text in texts})})
    right = []
    for number, text in enumerate(texts[:MAILS]):
        right.append(likeness.judge(text.text).key == text.label)
        likeness.learn(number, text.label, text.text)
    for mark in MARKS:
        first = min(mark, len(right) - WINDOW)
        window = right[first : first + WINDOW]
        share = sum(window) / len(window)
        yield f"  after {mark:>5} decisions  {share:.3f}  (plain full-text search {PUBLISHED[mark]})"
    yield f"  all {len(right)} mails        {sum(right) / len(right):.3f}"
