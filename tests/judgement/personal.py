"""Redaction: which labelled spans are taken out, and how much else goes with them."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

from tests.judgement.intents import texts_in
from tickets.redaction import redacted

# What the desk promises to take out. Towns, dates, ages and companies stay: they say what the matter is.
PROMISED = (
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "IBAN_CODE",
    "CREDIT_CARD",
    "STREET_ADDRESS",
    "US_SSN",
    "IP_ADDRESS",
    "DOMAIN_NAME",
    "US_DRIVER_LICENSE",
    "ZIP_CODE",
    "PERSON",
)

_PLACEHOLDER = re.compile(r"\[(?:name|email|phone|iban|card|number|address|link)\]")


def personal_data(folder: Path) -> Iterable[str]:
    """By kind of personal data: spans of which nothing can be read any more."""
    there: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    lost = kept = 0
    for line in (folder / "intents" / "pii.dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        left = _left(row["text"], redacted(row["text"]))
        inside = set()
        for span in row["spans"]:
            places = range(span["start_position"], span["end_position"])
            inside.update(places)
            there[span["entity_type"]] += 1
            gone[span["entity_type"]] += not any(left[at] and row["text"][at].isalnum() for at in places)
        outside = [at for at in range(len(row["text"])) if at not in inside]
        lost += sum(not left[at] for at in outside)
        kept += len(outside)
    for kind, number in there.most_common():
        promised = "" if kind in PROMISED else "  (not promised)"
        yield f"  {kind:18} {gone[kind]:>4} of {number:>4}  {gone[kind] / number:.2f}{promised}"
    yield f"  taken out besides: {lost / (lost + kept):.2%} of the characters that are in no span"
    harmless = [text.text for text in texts_in(folder / "intents" / "banking77.dev.jsonl")]
    touched = [text for text in harmless if redacted(text) != text]
    yield f"  texts without personal data (Banking77) that were touched: {len(touched)} of {len(harmless)}"


def _left(before: str, after: str) -> list[bool]:
    """Which characters of the text are still there."""
    left = [False] * len(before)
    for block in SequenceMatcher(None, before, _PLACEHOLDER.sub("\0", after), autojunk=False).get_matching_blocks():
        left[block.a : block.a + block.size] = [True] * block.size
    return left
