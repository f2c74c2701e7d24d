"""Sorting by examples: how often it is right, what it leaves to a person, what it costs."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.judgement.intents import OUTSIDE, Labelled, drawn, of_split, texts_in, title_of
from tickets.likeness import FAMILIAR, Judged, Likeness

SEEDS = (1, 2, 3)

Judge = Callable[[str], Judged]
Taught = Callable[[Sequence[Labelled]], Judge]


def by_likeness(examples: Sequence[Labelled]) -> Judge:
    """The default: the shipped classifier with these examples, and the titles of the categories."""
    likeness = Likeness()
    likeness.hint({label: title_of(label) for label in sorted({text.label for text in examples})})
    for number, text in enumerate(examples):
        likeness.learn(number, text.label, text.text)
    return likeness.judge


def share_right(judge: Judge, texts: Sequence[Labelled]) -> float:
    return sum(judge(text.text).key == text.label for text in texts) / len(texts)


def few_examples(folder: Path, taught: Taught, name: str) -> Iterable[str]:
    """Banking77: share of right categories after 5, 10 and 50 examples of each."""
    texts = texts_in(folder / "intents" / "banking77.dev.jsonl")
    train, test = of_split(texts, "train"), of_split(texts, "test")
    for each in (5, 10, 50):
        shares = [share_right(taught(drawn(train, each, seed)), test) for seed in SEEDS]
        one_by_one = ", ".join(f"{share:.3f}" for share in shares)
        yield f"  {name:10} {each:>3} examples  {sum(shares) / len(shares):.3f}  ({one_by_one})"


def outside(folder: Path, taught: Taught, name: str) -> Iterable[str]:
    """CLINC150: texts about nothing known must not be put into a category."""
    texts = texts_in(folder / "intents" / "clinc150.dev.jsonl")
    known = [text for text in of_split(texts, "train") if text.label != OUTSIDE]
    for each in (10, 50):
        judge = taught(drawn(known, each, 1))
        for split in ("val", "test"):
            judged = [(text, judge(text.text)) for text in of_split(texts, split)]
            yield f"  {name:10} {each:>3} examples  {split:5} {_outside_line(judged)}"


def _outside_line(judged: Sequence[tuple[Labelled, Judged]]) -> str:
    strange = [found for text, found in judged if text.label == OUTSIDE]
    inside = [(text, found) for text, found in judged if text.label != OUTSIDE]
    left = sum(not found.is_familiar for found in strange)
    sorted_in = [(text, found) for text, found in inside if found.is_familiar]
    right = sum(found.key == text.label for text, found in sorted_in)
    wrongly = len(strange) - left
    plain = sum(found.key == text.label for text, found in inside)
    return (
        f"threshold {FAMILIAR:.2f}: recall {_share(left, len(strange))}, precision"
        f" {_share(left, left + len(inside) - len(sorted_in))}; sorted {_share(len(sorted_in), len(inside))} of the"
        f" others, {_share(right, len(sorted_in))} of them rightly ({_share(right, len(sorted_in) + wrongly)} of all"
        f" sorted); right without a threshold {_share(plain, len(inside))}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "none"


def cost(folder: Path, taught: Taught, name: str) -> Iterable[str]:
    """CPU time of one judgement: short texts among 77 categories, and mails of 1,500 characters."""
    texts = texts_in(folder / "intents" / "banking77.dev.jsonl")
    train, test = of_split(texts, "train"), of_split(texts, "test")
    judge = taught(drawn(train, 50, 1))
    long = [" ".join(text.text for text in test[at : at + 30])[:1_500] for at in range(0, 600, 30)]
    for kind, asked in (("short texts", [text.text for text in test[:500]]), ("long mails", long)):
        start = time.process_time()
        for text in asked:
            judge(text)
        yield f"  {name:10} {kind:12} {(time.process_time() - start) / len(asked) * 1000:.2f} ms CPU each"
