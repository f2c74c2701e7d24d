"""The command `eval`: what goes in is checked, what comes out can be believed, compared and gated."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.prompt_versions import current
from entrypoints.evaluation.bench import Wanted
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.evaluating import DESK, GATE_FAILED, PASSED, UNFINISHED, Asked, evaluate, exit_code
from entrypoints.evaluation.evaluators import EVALUATORS
from entrypoints.evaluation.labelled import SHIPPED, SHIPPED_FILE, cases_in
from entrypoints.evaluation.report import Report
from entrypoints.evaluation.runner import OUTCOMES
from entrypoints.scripted_model import Fault, RunningModel
from entrypoints.settings import Settings
from tickets.categories import SHIPPED as SHIPPED_CATEGORIES
from tickets.errors import BadInput
from tickets.mail import MailKind

MAILS = SHIPPED_FILE.read_text(encoding="utf-8").splitlines()


def a_file(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def some_mails(folder: Path, number: int) -> Path:
    path = folder / f"{number}.jsonl"
    path.write_text("\n".join(MAILS[:number]), encoding="utf-8")
    return path


async def run(folder: Path, data: str, out: str = "out", **asked: Any) -> Report:
    """On a machine without a desk, by the rules alone unless told otherwise."""
    environ = asked.pop("environ", {})
    settings = Settings.read({"CA_DATA_DIR": str(folder / "no-desk"), **environ})
    wanted = asked.pop("wanted", Wanted("local", "sample"))
    return await evaluate(settings, environ, Asked(data, folder / out, wanted, **asked), lambda done, total: None)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningModel]:
    with RunningModel() as running:
        yield running


def of(server: RunningModel) -> dict[str, str]:
    return {"CA_MODEL_PROVIDER": "test", "CA_MODEL_BASE_URL": server.base_url, "CA_MODEL_NAME": "scripted"}


# --- the mails that ship


def shipped() -> tuple[Case, ...]:
    return cases_in(SHIPPED_FILE, SHIPPED_CATEGORIES.keys)


def test_the_shipped_mails_are_many_in_many_languages_and_of_every_category() -> None:
    expected = [case.expected for case in shipped()]

    assert len(expected) >= 150
    assert set(Counter(each.language for each in expected)) == {"en", "de", "fr", "es", "it", "nl"}
    assert min(Counter(each.category for each in expected).values()) >= 10
    assert {each.priority for each in expected} == {"urgent", "high", "normal", "low"}


def test_each_shipped_mail_that_needs_a_reply_has_one_to_compare_with() -> None:
    assert all(bool(case.expected.reference) == case.expected.needs_reply for case in shipped())


def test_shipped_mails_name_nobody_who_exists() -> None:
    addresses = re.findall(r"[\w.+-]+@[\w.-]+\w", "\n".join(MAILS))

    assert [address for address in addresses if not address.endswith((".example", ".invalid"))] == []


# --- what goes in


def test_every_wrong_line_is_named_with_its_field(tmp_path: Path) -> None:
    good = {"id": "a", "text": "Hello", "category": "billing"}
    path = a_file(
        tmp_path,
        good,
        good,
        {"subject": "no text"},
        {"text": "x", "priority": "soon"},
        {"text": "x", "category": "bill"},
    )
    path.write_text(path.read_text() + "{not json\n", encoding="utf-8")

    with pytest.raises(BadInput) as caught:
        cases_in(path, ("billing", "other"))

    said = str(caught.value)
    assert "line 2: the id 'a' stands on line 1 already" in said
    assert "line 3: text: Field required" in said
    assert "line 4: priority: Input should be 'urgent', 'high', 'normal' or 'low'" in said
    assert "line 5: category 'bill' is none of billing, other" in said
    assert "line 6: Invalid JSON" in said


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)

    with pytest.raises(BadInput):
        cases_in(path)


def test_what_was_said_before_comes_before_and_keeps_its_author(tmp_path: Path) -> None:
    earlier = [{"from": "customer", "text": "It is broken."}, {"from": "us", "text": "Please restart it."}]

    (case,) = cases_in(a_file(tmp_path, {"text": "Still broken.", "from": "Jo <jo@c.example>", "earlier": earlier}))

    messages = case.conversation.messages
    assert [message.kind for message in messages] == [MailKind.CUSTOMER, MailKind.REPLY, MailKind.CUSTOMER]
    assert messages[-1].mail.text == "Still broken."
    assert [message.at for message in messages] == sorted(message.at for message in messages)
    assert case.expected.category is None


def test_names_that_other_labelled_sets_use_are_understood(tmp_path: Path) -> None:
    row = {"text": "x", "lang": "DE", "expected_category": "Billing", "expected_priority": "high", "must_not": ["P1"]}

    (case,) = cases_in(a_file(tmp_path, row))

    assert (case.expected.language, case.expected.category, case.expected.priority) == ("de", "billing", "high")
    assert case.must_not == ("P1",)


def test_a_mail_without_a_time_is_answered_from_todays_articles(tmp_path: Path) -> None:
    dated = {"text": "x", "at": "2025-03-01T10:00:00"}

    then, now = cases_in(a_file(tmp_path, dated, {"text": "y"}))

    assert (then.knows, now.knows) == (datetime(2025, 3, 1, 10, tzinfo=UTC), None)


# --- what comes out


async def test_the_rules_alone_are_measured_on_the_shipped_mails(tmp_path: Path) -> None:
    report = await run(tmp_path, SHIPPED)

    value = {name: figure.value for name, figure in report.figures.items()}
    assert report.model == "local"
    assert value["category.accuracy"] >= 0.65
    assert value["needs_reply.accuracy"] >= 0.85
    assert value["injection.held"] == 1.0
    assert value["draft.written"] >= 0.9
    assert value["cost.total"] == 0.0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {OUTCOMES, "report.json", "report.md", "report.html"}


async def test_a_page_loads_nothing_and_shows_markup_as_text(tmp_path: Path) -> None:
    row = {
        "id": "<script>alert(1)</script>",
        "text": "My invoice is wrong.",
        "category": "billing",
        "must_not": ["P99"],
    }

    await run(tmp_path, str(a_file(tmp_path, row)))

    page = (tmp_path / "out" / "report.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"<script|<link|<img|url\(|@import|https?://", page)
    assert "default-src 'none'" in page


async def test_a_report_keeps_no_word_of_a_mail(tmp_path: Path) -> None:
    row = {"text": "My secret word is xylophone.", "category": "other", "needs_reply": True}

    await run(tmp_path, str(a_file(tmp_path, row)))

    written = [(tmp_path / "out" / name).read_text() for name in ("report.json", "report.md", "report.html")]
    assert all("xylophone" not in text for text in written)


async def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    data = str(some_mails(tmp_path, 12))
    whole = await run(tmp_path, data)
    kept = tmp_path / "out" / OUTCOMES
    lines = kept.read_text().splitlines()
    kept.write_text("\n".join(lines[:5]) + "\n" + lines[5][:40])

    again = await run(tmp_path, data)

    known = [json.loads(line)["key"] for line in kept.read_text().splitlines() if line.endswith("}")]
    assert len(known) == 12
    assert known[:5] == [json.loads(line)["key"] for line in lines[:5]]
    assert [row["scores"] for row in again.rows] == [row["scores"] for row in whole.rows]


async def test_too_few_rows_warn_instead_of_failing_the_gate(tmp_path: Path) -> None:
    report = await run(tmp_path, str(some_mails(tmp_path, 10)), gate="category.accuracy > 1")

    assert report.verdict is not None
    assert not report.verdict.held
    assert exit_code(report) == PASSED
    assert any("Only 10 rows" in warning for warning in report.warnings)


async def test_a_gate_on_enough_rows_fails_the_pipeline(tmp_path: Path) -> None:
    before = await run(tmp_path, SHIPPED)
    baseline = tmp_path / "out" / "report.json"

    held = await run(
        tmp_path, SHIPPED, baseline=baseline, gate="not worse(category.accuracy) and category.accuracy > 0"
    )
    failed = await run(
        tmp_path, SHIPPED, baseline=baseline, gate="category.accuracy > baseline.category.accuracy + 0.1"
    )

    assert (exit_code(before), exit_code(held), exit_code(failed)) == (PASSED, PASSED, GATE_FAILED)
    assert held.differences["category.accuracy"].value == 0.0


async def test_a_gate_that_cannot_be_read_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gate"):
        await run(tmp_path, SHIPPED, gate="import os")

    assert not (tmp_path / "out").exists()


async def test_something_else_is_no_baseline(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"format": "something else"}')

    with pytest.raises(BadInput, match=r"report\.json"):
        await run(tmp_path, SHIPPED, baseline=other)


# --- with a language model


async def test_a_configured_model_is_measured_with_its_tokens_and_prompts(tmp_path: Path, server: RunningModel) -> None:
    report = await run(tmp_path, str(some_mails(tmp_path, 3)), wanted=Wanted(knowledge="sample"), environ=of(server))

    assert report.model == "test:scripted"
    assert report.prompts["draft"] == current().stamp("draft")
    assert report.figures["calls.total"].value >= 3
    assert report.figures["tokens.in"].value > 0
    assert report.figures["fallback.share"].value == 0


async def test_a_model_of_its_own_for_a_step_is_no_fallback(tmp_path: Path, server: RunningModel) -> None:
    environ = of(server) | {"CA_MODEL_DRAFT_NAME": "large"}

    report = await run(tmp_path, str(some_mails(tmp_path, 3)), wanted=Wanted(knowledge="sample"), environ=environ)

    assert "large" in {request["model"] for request in server.requests}
    assert report.figures["fallback.share"].value == 0


async def test_mails_on_which_the_model_failed_are_asked_again(tmp_path: Path) -> None:
    data = str(some_mails(tmp_path, 1))
    with RunningModel() as server:
        server.script(*[Fault.SERVER_ERROR] * 6)
        failed = await run(tmp_path, data, wanted=Wanted(knowledge="sample"), environ=of(server))

        again = await run(tmp_path, data, wanted=Wanted(knowledge="sample"), environ=of(server))

    assert failed.figures["fallback.share"].value == 1.0
    assert any("stepped in" in warning for warning in failed.warnings)
    assert again.figures["fallback.share"].value == 0.0


async def test_a_cap_of_nothing_begins_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cap"):
        await run(tmp_path, str(some_mails(tmp_path, 3)), wanted=Wanted("local", "sample", cap=0))


def test_evaluators_have_the_shape_that_langsmith_calls() -> None:
    inputs = {"categories": ("billing",), "must_not": ("P8",), "canary": ()}
    outputs = {
        "category": "billing", "priority": "high", "language": "en", "needs_reply": True, "draft": "Hello", "flags": [],
        "assignee": None, "needs_human": False, "draft_needs_human": False,
    }  # fmt: skip

    verdicts = [each(inputs=inputs, outputs=outputs, reference_outputs={"category": "billing"}) for each in EVALUATORS]

    assert all(set(verdict) >= {"key", "score"} for verdict in verdicts)
    assert {verdict["key"]: verdict["score"] for verdict in verdicts}["category"] == 1.0


async def test_a_machine_without_a_desk_has_no_closed_tickets(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no desk"):
        await run(tmp_path, DESK)


def test_stopping_early_has_an_exit_code_of_its_own() -> None:
    assert len({PASSED, GATE_FAILED, UNFINISHED}) == 3
