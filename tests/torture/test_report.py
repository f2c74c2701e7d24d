"""The torture's own bookkeeping: a run that was not clean cannot look clean, and no point is forgotten."""

import json
import random
import re
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.torture.kills import ACCEPTED, EVERY, NAMED, RANDOM, Kill, drawn_points, targets
from tests.torture.report import Report, into_docs, outcomes_from
from tests.torture.rounds import Death, Outcome
from tests.torture.run import Plan

ROOT = Path(__file__).resolve().parents[2]
KILL = Kill("submitted", 1, 0.5, ("drafts.send", "drop_after"))
CLEAN = Outcome(2, (Death(KILL, True), Death(Kill(RANDOM), True)), mails=9, lost=0, doubled=0, stuck=0, seconds=2.5)


def a_report(*outcomes: Outcome, drafts_left: int = 0) -> Report:
    return Report(7, 3.0, outcomes, drafts_left)


def test_every_point_that_the_product_names_is_killed_at() -> None:
    sources = [file.read_text() for package in ("tickets", "graph") for file in (ROOT / package).glob("*.py")]
    called = [name for text in sources for name in re.findall(r'crash\(f?"([a-z_{}.()]+)"\)', text)]

    named = {name for name in called if "{" not in name}
    made_up = {name.partition("{")[0] for name in called if "{" in name}

    assert named <= set(NAMED)
    assert made_up == {"enter_", "leave_", "claimed_", "stored_"}


@pytest.mark.parametrize("wrong", ["lost", "doubled", "stuck"])
def test_one_mail_that_went_wrong_spoils_the_run_and_is_in_the_table(wrong: str) -> None:
    report = a_report(CLEAN, replace(CLEAN, **{wrong: 1}))  # type: ignore[arg-type]

    assert not report.is_clean
    assert f"{wrong} 1" in report.summary()
    assert [getattr(line, wrong) for line in report.lines] == [1, 1]


def test_a_draft_that_is_left_behind_spoils_the_run() -> None:
    assert a_report(CLEAN).is_clean
    assert not a_report(CLEAN, drafts_left=1).is_clean


def test_a_point_that_was_not_reached_counts_as_a_kill_at_a_random_moment() -> None:
    missed = replace(CLEAN, deaths=(Death(KILL, False),))

    (line,) = a_report(missed).lines

    assert (line.point, line.kills, line.two) == (RANDOM, 1, 1)


def test_a_point_that_was_not_reached_is_tried_again_a_bounded_number_of_times() -> None:
    plan = Plan(Counter({"submitted": 1}), random.Random(1))
    rounds = 0
    while kills := plan.next_round(1):
        rounds += 1
        plan.missed(replace(CLEAN, deaths=tuple(Death(kill, False) for kill in kills)))

    assert rounds == 5


def test_five_hundred_kills_are_ten_at_every_point() -> None:
    wanted = targets(500)

    assert wanted.total() == 500
    assert set(wanted) == set(EVERY)
    assert min(wanted.values()) >= 10
    assert Counter(drawn_points(wanted, random.Random(3))) == wanted


def test_the_same_seed_draws_the_same_kills() -> None:
    def drawn() -> list[Kill]:
        draw = random.Random(11)
        return [Kill.drawn(point, 1, draw) for point in drawn_points(targets(60), draw)]

    assert drawn() == drawn()
    assert all(kill.fault for kill in drawn() if kill.point in (ACCEPTED, "claimed_unknown", "claimed_drafted"))


def test_a_run_that_was_broken_off_is_read_back_as_it_was() -> None:
    kept = [json.loads(json.dumps(asdict(CLEAN)))]

    assert outcomes_from(kept) == [CLEAN]


def test_the_table_replaces_the_one_before_it_in_the_document(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("# Head\n\n<!-- torture:begin -->\nold\n<!-- torture:end -->\n\nTail\n")

    into_docs(a_report(CLEAN), document)
    into_docs(a_report(CLEAN), document)

    text = document.read_text()
    assert (text.startswith("# Head\n"), text.endswith("\nTail\n"), "old" in text) == (True, True, False)
    assert text.count("| `submitted` | 1 | 0 | 1 | 0 | 0 | 0 | 2.5 s |") == 1
