"""What is written down of a journey, and what must never be: a customer's words, addresses, our secrets."""

from datetime import datetime

import pytest

from tests.journeys.conftest import ADA, QUESTION, Desk
from tests.journeys.letters import a_word, an_answer, an_unreadable_mail
from tests.service import a_mail


def test_every_step_of_a_journey_names_who_and_when(desk: Desk):
    case = desk.opened()
    path = f"/tickets/{case.id}"
    desk.rest.post(f"{path}/assign", {"assignee": ADA})
    edited = desk.rest.post(f"{path}/draft", {"subject": "Re: it", "body": "Hello Nora", "revision": 1}).body
    desk.patient.approve(edited)
    desk.patient.post(f"{path}/undo")
    desk.rest.approve(edited)
    desk.rest.delivered(case.id)
    desk.rest.post(f"{path}/status", {"status": "DONE"})
    desk.rest.post(f"{path}/status", {"status": "NEEDS_ACTION"})
    desk.rest.post(f"{path}/reject", {"reason": "settled by phone"})

    events = desk.events(case)

    kinds = [event["kind"] for event in events if event["kind"] != "send_step"]
    assert kinds == [
        *("mail_arrived", "triaged", "planned", "draft_offered", "assigned", "draft_edited"),
        *("approved", "undone", "approved", "sent", "closed", "reopened", "rejected"),
    ]
    actors = {event["kind"]: event["actor"].partition(":")[0] for event in events}
    assert (actors["mail_arrived"], actors["triaged"], actors["sent"]) == ("sync", "agent", "agent")
    by_hand = {"assigned", "draft_edited", "approved", "undone", "closed", "reopened", "rejected"}
    assert {actors[kind] for kind in by_hand} == {"token"}
    times = [datetime.fromisoformat(event["at"]) for event in events]
    assert all(at.utcoffset() is not None for at in times)
    assert times == sorted(times)
    (sent,) = [event for event in events if event["kind"] == "sent"]
    assert sent["fields"]["approved_by"].startswith("token:")


def test_a_sync_and_a_quarantined_mail_are_on_record(desk: Desk):
    desk.deliver(a_mail(f"Inverter {a_word()}"), an_unreadable_mail(a_word()))

    rows = desk.select("SELECT kind, actor FROM audit_events ORDER BY id DESC LIMIT 30")

    known = {(row.kind, row.actor.partition(":")[0]) for row in rows}
    assert {("mail_quarantined", "sync"), ("synced", "token")} <= known


@pytest.fixture
def canaries(desk: Desk) -> dict[str, str]:
    """A journey in which every text that must stay private bears a word that is found nowhere else."""
    word = {name: a_word() for name in ("body", "subject", "address", "name", "edit", "feedback", "bad", "reason")}
    sender = f"{word['name'].title()} Lind <{word['address']}@example.net>"
    mail = a_mail(f"Inverter {word['subject']}", QUESTION.replace("Monday", word["body"]), sender)
    desk.deliver(mail, an_unreadable_mail(word["bad"]))
    ticket = desk.found(mail)
    path = f"/tickets/{ticket['id']}"
    desk.rest.post(f"{path}/draft?wait_s=30", {"feedback": f'Say "{word["feedback"]} it is."'})
    revision = desk.rest.ticket(ticket["id"])["draft"]["revision"]
    edit = {"subject": f"Re: {word['subject']}", "body": f"{word['edit']} {word['feedback']}", "revision": revision}
    edited = desk.rest.post(f"{path}/draft", edit).body
    # The ways in which things go wrong: each has its own line to log.
    for wrong in ({**edit, "revision": 1}, {**edit, "words": word["edit"]}, {"feedback": 5}):
        assert desk.rest.post(f"{path}/draft", wrong).status in (400, 409)
    for unknown in (word["address"], f"{word['address']}@example.net"):
        assert desk.rest.post(f"{path}/assign", {"assignee": unknown}).status in (400, 409)
        assert desk.rest.tickets(q=unknown)
    desk.patient.approve(edited)
    desk.deliver(an_answer(mail, QUESTION.replace("Monday", word["body"]), sender))
    assert desk.rest.approve(edited).status == 409
    desk.rest.approve(desk.rest.ticket(ticket["id"]))
    desk.rest.delivered(ticket["id"])
    assert desk.rest.post(f"{path}/reject", {"reason": word["reason"]}).status == 200
    return word


def test_the_output_of_the_service_holds_nothing_private(desk: Desk, canaries: dict[str, str]):
    secrets = {"token": desk.token.removeprefix("ca_"), "secret": desk.home.environ["CA_SECRET_KEY"]}

    said = "\n".join(desk.lines()).casefold()

    assert "request" in said
    leaked = [name for name, word in (canaries | secrets).items() if word.casefold() in said]
    assert leaked == []


def test_no_checkpoint_holds_a_word_of_the_mail_or_the_draft(desk: Desk, canaries: dict[str, str]):
    kept = b"".join(_checkpoints(desk))

    assert len(kept) > 1000
    assert [name for name, word in canaries.items() if word.encode() in kept] == []


def _checkpoints(desk: Desk):
    """All bytes of all checkpoints: the files on SQLite, the tables on PostgreSQL."""
    for file in sorted(desk.home.data_dir.glob("checkpoints.sqlite*")):
        yield file.read_bytes()
    if desk.url.startswith("postgresql"):
        for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
            for row in desk.select(f"SELECT * FROM {table}"):
                yield b"".join(bytes(v) if isinstance(v, memoryview | bytes) else repr(v).encode() for v in row)
