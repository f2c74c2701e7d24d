"""What a stop, a kill or a lost file between two steps of an operator must not change."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.recovery.scene import Scene, approved_by_hand, require_answered, require_drafted
from tests.service import Rest, a_mail, eventually

pytestmark = pytest.mark.slow

LONG = {"CA_UNDO_WINDOW_S": "60"}


def test_a_kill_in_the_undo_window_neither_loses_nor_hastens_the_reply(stored: Scene) -> None:
    with stored.service(CA_UNDO_WINDOW_S="6") as first:
        approved_by_hand(stored, stored.rest(first))
        due = [datetime.fromisoformat(ticket["delivery"]["undo_until"]) for ticket in _tickets(stored.rest(first))]
        first.kill()

    with stored.service() as restarted:
        require_answered(stored, stored.rest(restarted))

    written = [file.stat().st_mtime for file in (stored.mailbox.path / ".Sent" / "cur").iterdir()]
    assert min(written) >= min(due).timestamp()


def test_an_approval_can_be_taken_back_after_a_kill(stored: Scene) -> None:
    with stored.service(**LONG) as first:
        approved_by_hand(stored, stored.rest(first))
        first.kill()

    with stored.service() as restarted:
        desk = stored.rest(restarted)
        for ticket in _tickets(desk):
            assert ticket["delivery"]["state"] == "approved"
            assert desk.post(f"/tickets/{ticket['id']}/undo").status == 200

        assert [ticket["delivery"]["state"] for ticket in _tickets(desk)] == ["cancelled"] * len(stored.asked)
        for ticket in _tickets(desk):
            assert desk.approve(ticket).status == 202
        eventually(lambda: stored.answered() == Counter(stored.asked))


def test_a_customers_mail_while_the_process_is_dead_stops_the_approved_reply(stored: Scene) -> None:
    with stored.service(**LONG) as first:
        approved_by_hand(stored, stored.rest(first))
        first.kill()
    question = stored.asked[0]
    stored.mailbox.deliver(
        a_mail(
            "Re: Inverter 0 shows an error",
            "Hello,\n\nit also beeps now. What should I do?\n",
            sender="Customer <customer0@example.net>",
            In_Reply_To=question,
            References=question,
        )
    )

    with stored.service() as restarted:
        desk = stored.rest(restarted)
        ticket = eventually(lambda: _with_delivery(desk, "cancelled"))
        eventually(lambda: desk.ticket(ticket["id"])["draft"]["revision"] == 2 and stored.left_to_do() == 2)

        assert stored.answered() == Counter()
        assert desk.approve(desk.ticket(ticket["id"])).status == 202
        desk.delivered(ticket["id"])
        assert len(stored.mailbox.sent()) == 1


def test_a_stop_finishes_what_is_under_way(stored: Scene) -> None:
    with stored.service() as stopped:
        approved_by_hand(stored, stored.rest(stopped))
        code = stopped.stop()

    states = {state for (state,) in stored.select("SELECT state FROM outbox")}

    assert code == 0
    assert states <= {"APPROVED", "SENT"}
    with stored.service() as restarted:
        require_answered(stored, stored.rest(restarted))


def test_a_lost_checkpoint_file_costs_no_draft_and_no_model_call(stored: Scene) -> None:
    with stored.service() as first:
        require_drafted(stored, stored.rest(first))
        first.kill()
    for file in stored.home.data_dir.glob("checkpoints.sqlite*"):
        file.unlink()

    with stored.service() as restarted:
        desk = stored.rest(restarted)
        eventually(lambda: all("workflow_repaired" in _kinds(desk, ticket) for ticket in desk.tickets()))
        require_drafted(stored, desk)
        approved_by_hand(stored, desk)
        require_answered(stored, desk)  # triaged, planned and drafted once: no model was asked again


def test_a_lost_checkpoint_file_costs_no_approved_reply(approved: Scene) -> None:
    for file in approved.home.data_dir.glob("checkpoints.sqlite*"):
        file.unlink()

    with approved.service() as restarted:
        require_answered(approved, approved.rest(restarted))


def _tickets(desk: Rest) -> list[dict[str, Any]]:
    return [desk.ticket(line["id"]) for line in desk.tickets()]


def _kinds(desk: Rest, ticket: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in desk.get(f"/tickets/{ticket['id']}/events")["items"]]


def _with_delivery(desk: Rest, state: str) -> dict[str, Any] | None:
    return next((ticket for ticket in _tickets(desk) if ticket["delivery"]["state"] == state), None)
