"""The torture, in short: one kill of each kind, and a few at random moments."""

import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.torture.kills import ACCEPTED, DELIVERY, RANDOM, SYNC, TIDYING
from tests.torture.report import Report
from tests.torture.run import Plan, Progress, torture

pytestmark = pytest.mark.slow

SEED: Final = 20
POINTS: Final = (*SYNC, "enter_classify", "leave_draft", "enter_send", *DELIVERY, *TIDYING, ACCEPTED)
ON_POSTGRES: Final = ("mail_stored", "draft_created", "submitted", "claimed_unknown", "stored_sent", "leave_send")


def require_clean(report: Report, wanted: Counter[str]) -> None:
    """Nothing went wrong, and every point was killed at, by one process and by two."""
    assert report.is_clean, report.text()
    assert set(wanted) <= {line.point for line in report.lines}, report.text()
    assert min(sum(line.one for line in report.lines), sum(line.two for line in report.lines)) > 0


def test_whenever_a_service_is_killed_every_mail_is_answered_once(tmp_path: Path) -> None:
    wanted = Counter({**dict.fromkeys(POINTS, 1), RANDOM: 5})

    report = torture(tmp_path, Plan(wanted, random.Random(SEED)), Progress(wanted.total(), SEED))

    require_clean(report, wanted)


def test_on_postgres_too_every_mail_is_answered_once(tmp_path: Path, postgres_server: PostgresServer) -> None:
    wanted = Counter({**dict.fromkeys(ON_POSTGRES, 1), RANDOM: 3})
    plan, progress = Plan(wanted, random.Random(SEED)), Progress(wanted.total(), SEED)

    report = torture(tmp_path, plan, progress, desks=1, database_urls=[postgres_server.migrated()])

    require_clean(report, wanted)
