"""The developers' figures are computed from a folder of labelled texts; here from a small one, written for the test."""

import json
import sys
from pathlib import Path

import pytest

from tests.judgement import __main__ as command

TEXTS = {
    "invoice": "The amount of invoice {n} is wrong, please correct it.",
    "visit": "Could the technician come on day {n} instead?",
    "oos": "What is the {n}th planet made of?",
}


def rows(*labels: str) -> list[dict[str, object]]:
    splits = ("train", "train", "train", "val", "test")
    return [
        {"text": TEXTS[label].format(n=n), "label": label, "split": splits[n % 5]}
        for label in labels
        for n in range(300)
    ]


def test_every_figure_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = [{"entity_type": "EMAIL_ADDRESS", "start_position": 11, "end_position": 26}]
    sets = {
        "banking77": rows("invoice", "visit"),
        "clinc150": rows("invoice", "visit", "oos"),
        "pii": [{"text": "I am here: ada@example.org", "spans": spans}],
    }
    (tmp_path / "intents").mkdir()
    for name, texts in sets.items():
        lines = "\n".join(json.dumps(text) for text in texts)
        (tmp_path / "intents" / f"{name}.dev.jsonl").write_text(lines, "utf-8")
    monkeypatch.setattr(sys, "argv", ["judgement", str(tmp_path)])

    command.main()

    printed = capsys.readouterr().out
    assert "5 examples  1.000" in printed
    assert "threshold 0.80: recall" in printed
    assert "after   200 decisions  1.000" in printed
    assert "EMAIL_ADDRESS         1 of    1" in printed
