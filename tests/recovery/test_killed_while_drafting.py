"""SIGKILL at every node up to the approval: no mail is lost, no draft is written twice, and it can be approved."""

import pytest

from tests.recovery.scene import (
    TAKE_OVER_S,
    Scene,
    approved_by_hand,
    kill_at,
    require_answered,
    require_drafted,
    standing_at,
)
from tests.service import eventually

pytestmark = pytest.mark.slow

POINTS = (
    "enter_ingest",
    "leave_ingest",
    "enter_classify",
    "leave_classify",
    "enter_plan",
    "leave_plan",
    "enter_draft",
    "leave_draft",
    "enter_human_approval",
)


@pytest.mark.parametrize("point", POINTS)
def test_the_next_start_finishes_the_drafts_of_a_killed_process(stored: Scene, point: str) -> None:
    kill_at(stored, f"{point}:2")

    with stored.service() as restarted:
        desk = stored.rest(restarted)
        require_drafted(stored, desk)
        approved_by_hand(stored, desk)
        require_answered(stored, desk)


@pytest.mark.parametrize("point", POINTS)
def test_another_process_takes_over_the_drafts_of_a_killed_one_at_once(stored: Scene, point: str) -> None:
    one_at_a_time = {"CA_DRIVE_CONCURRENCY": "1", "CA_SYNC_EVERY_S": "0"}

    with standing_at(stored, f"{point}:2", **one_at_a_time) as dying, stored.service() as survivor:
        dying.kill()

        desk = stored.rest(survivor)
        require_drafted(stored, desk, TAKE_OVER_S)
        approved_by_hand(stored, desk)
        require_answered(stored, desk)


def test_a_process_that_stands_still_holds_up_only_its_own_ticket(stored: Scene) -> None:
    one_at_a_time = {"CA_DRIVE_CONCURRENCY": "1", "CA_SYNC_EVERY_S": "0"}

    with standing_at(stored, "enter_classify", **one_at_a_time), stored.service(**one_at_a_time) as other:
        desk = stored.rest(other)

        eventually(lambda: sum(ticket["status"] == "NEEDS_ACTION" for ticket in desk.tickets()) == 2, TAKE_OVER_S)
