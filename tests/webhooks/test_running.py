"""A running desk posts what happens, signed, and again when it was killed before it could note that it had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import Home, Rest, Service, a_mail, eventually, holding, rest
from tests.webhooks.receiver import Receiver, receiving

ALL = ["ticket.created", "draft.ready", "approved", "sent", "failed"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path, CA_WEBHOOK_ALLOW_PRIVATE="true")


def subscribed(desk: Rest, receiver: Receiver) -> str:
    """The secret of a new webhook for everything."""
    answer = desk.post("/webhooks", {"url": receiver.url, "events": ALL})
    assert answer.status == 201, answer
    return str(answer.body["secret"])


def test_a_reply_is_told_from_its_ticket_to_its_sending(home: Home, receiver: Receiver) -> None:
    mailbox = home.maildir()
    with Service(home) as service:
        desk = rest(service, home.token("admin"))
        secret = subscribed(desk, receiver)
        mailbox.deliver(a_mail())
        desk.sync()
        (line,) = desk.tickets()
        desk.approve(desk.ticket(line["id"]))
        desk.delivered(line["id"])
        eventually(lambda: "sent" in receiver.events)

    assert set(receiver.events) == {"ticket.created", "draft.ready", "approved", "sent"}
    assert receiver.is_genuine(secret)
    assert receiver.payloads("draft.ready") == [
        {"ticket_id": line["id"], "number": line["number"], "status": "NEEDS_ACTION", "revision": 1}
    ]
    everything = b"".join(body for _, body in receiver.got)
    assert b"inverter" not in everything.lower()
    assert b"@" not in everything


def test_a_desk_killed_between_posting_and_noting_posts_again_under_the_same_id(home: Home, receiver: Receiver) -> None:
    mailbox, token = home.maildir(), home.token("admin")
    with Service(home, extra={"CA_CRASH_AT": "hold:webhook-posted"}) as service:
        desk = rest(service, token)
        subscribed(desk, receiver)
        mailbox.deliver(a_mail())
        desk.sync(wait_s=0)
        holding(service, "webhook-posted")
        service.kill()
    told_before = list(receiver.ids)
    with Service(home) as service:
        eventually(lambda: len(receiver.ids) > len(told_before) and set(told_before) <= set(receiver.ids[1:]), 120.0)
        (hook,) = rest(service, token).get("/webhooks")["items"]
        log = rest(service, token).get(f"/webhooks/{hook['id']}/deliveries")["items"]

    assert set(told_before) <= {each["id"] for each in log}
