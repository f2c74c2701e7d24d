"""SIGKILL at every step between an approval and the end of its delivery: each reply leaves, and leaves once."""

from collections.abc import Callable

import pytest

from tests.recovery.scene import TAKE_OVER_S, Scene, everything, kill_at, require_answered, standing_at

pytestmark = pytest.mark.slow

PROTOCOL = (
    "claimed_drafting",
    "draft_created",
    "stored_drafted",
    "stored_sending",
    "before_submit",
    "submitted",
    "stored_sent",
)
POINTS = ("enter_human_approval", "leave_human_approval", "enter_send", *PROTOCOL, "leave_send")
AGAIN = (
    ("draft_created", "draft_created"),
    ("stored_drafted", "claimed_drafted"),
    ("before_submit", "stored_drafted"),
    ("submitted", "claimed_unknown"),
)
ONE_AT_A_TIME = {"CA_DRIVE_CONCURRENCY": "1", "CA_SYNC_EVERY_S": "0"}


@pytest.mark.parametrize("point", POINTS)
def test_the_next_start_sends_each_approved_reply_once(approved: Scene, point: str) -> None:
    kill_at(approved, f"{point}:2")

    with approved.service() as restarted:
        require_answered(approved, approved.rest(restarted))


@pytest.mark.parametrize("point", POINTS)
def test_another_process_takes_over_a_killed_ones_deliveries_at_once(approved: Scene, point: str) -> None:
    with standing_at(approved, f"{point}:2", **ONE_AT_A_TIME) as dying, approved.service() as survivor:
        dying.kill()

        require_answered(approved, approved.rest(survivor), TAKE_OVER_S)


@pytest.mark.parametrize(("first", "second"), AGAIN)
def test_a_kill_during_the_recovery_changes_nothing(approved: Scene, first: str, second: str) -> None:
    kill_at(approved, first, **ONE_AT_A_TIME)
    kill_at(approved, second, **ONE_AT_A_TIME)

    with approved.service() as restarted:
        require_answered(approved, approved.rest(restarted))


@pytest.mark.parametrize("point", ["claimed_drafting", "submitted", "leave_send"])
def test_one_more_restart_shows_the_same_tickets(approved: Scene, point: str) -> None:
    kill_at(approved, point)
    with approved.service() as restarted:
        require_answered(approved, approved.rest(restarted))
        before = everything(approved.rest(restarted))

    with approved.service() as again:
        after = everything(approved.rest(again))

    assert after == before


@pytest.mark.parametrize("point", ["enter_send", "draft_created", "submitted"])
def test_the_next_start_sends_each_approved_reply_once_on_postgres(
    postgres_seeds: Callable[[], Scene], point: str
) -> None:
    approved = postgres_seeds()
    kill_at(approved, f"{point}:2")

    with approved.service() as restarted:
        require_answered(approved, approved.rest(restarted))


@pytest.mark.parametrize("point", PROTOCOL)
def test_another_process_takes_over_at_once_on_postgres(postgres_seeds: Callable[[], Scene], point: str) -> None:
    approved = postgres_seeds()

    with standing_at(approved, f"{point}:2", **ONE_AT_A_TIME) as dying, approved.service() as survivor:
        dying.kill()

        require_answered(approved, approved.rest(survivor), TAKE_OVER_S)
