"""SIGKILL between reading mail and recording it, and right after: every mail becomes one ticket."""

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

pytestmark = pytest.mark.slow

POINTS = ("mail_parsed", "mail_stored")


@pytest.mark.parametrize("point", POINTS)
def test_the_next_start_makes_one_ticket_of_each_mail(mailed: Scene, point: str) -> None:
    kill_at(mailed, point)

    with mailed.service() as restarted:
        desk = mailed.rest(restarted)
        require_drafted(mailed, desk)
        approved_by_hand(mailed, desk)
        require_answered(mailed, desk)


@pytest.mark.parametrize("point", POINTS)
def test_another_process_takes_over_the_mailbox_at_once(mailed: Scene, point: str) -> None:
    with mailed.service(CA_SYNC_EVERY_S="0") as survivor, standing_at(mailed, point) as dying:
        desk = mailed.rest(survivor)
        dying.kill()

        (report,) = desk.sync()

        assert report["busy"] is False
        require_drafted(mailed, desk, TAKE_OVER_S)
