"""The torture, in short: one kill of each kind, and a few at random moments."""

import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.torture.kills import ACCEPTED, DELIVERY, RANDOM, SYNC, TIDYING
from tests.torture.run import Plan, Progress, torture

SEED: Final = 20
POINTS: Final = (*SYNC, "enter_classify", "leave_draft", "enter_send", *DELIVERY, *TIDYING, ACCEPTED)


@pytest.mark.slow
def test_whenever_a_service_is_killed_every_mail_is_answered_once(tmp_path: Path) -> None:
    wanted = Counter({**dict.fromkeys(POINTS, 1), RANDOM: 5})

    report = torture(tmp_path, Plan(wanted, random.Random(SEED)), Progress(wanted.total(), SEED))

    assert report.is_clean, report.text()
    assert report.kills >= wanted.total()
    assert {line.point for line in report.lines} == set(wanted), report.text()
    assert sum(line.two for line in report.lines) > 0
