"""Somebody is told that a customer waits: by mail, by webhook, into a chat room; once, and never in a circle."""

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest

from tests.web.asking import problem
from tests.web.conftest import fresh_site, idle_apps, migrated, site
from tests.web.site import ADDRESS, Site
from tests.webhooks.receiver import Receiver, receiving
from tickets.audit import EventKind
from tickets.notices import LOOK_AGAIN, LOOKS, MailState, Notice
from tickets.people import CONSOLE, Role, Scope
from tickets.waiting_desk import WaitingDesk

__all__ = ["fresh_site", "idle_apps", "migrated", "site"]

PAGE = "/boards/settings/notifications"
REST = "/settings/notifications"
LEAD = "lead@helios.example"
BY_MAIL = {"after_min": 60, "email_to": [LEAD], "email_from": ADDRESS}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def desk_of(site: Site) -> WaitingDesk:
    assert site.services.waiting
    return site.services.waiting


async def set_up(site: Site, **settings: Any) -> None:
    async with await site.script(Scope.ADMIN) as admin:
        answer = await admin.put(REST, json={**BY_MAIL, **settings, "version": 0})
    assert answer.status_code == 200, answer.text


async def an_hour_later(site: Site) -> Notice | None:
    site.clock.advance(3600)
    made = await desk_of(site).look()
    await desk_of(site).send_due()
    return made


async def newest(site: Site) -> Notice:
    return (await desk_of(site).store.log(1))[0]


async def test_many_who_wait_make_one_mail_that_leaves_once(site: Site) -> None:
    await set_up(site)
    await site.ticket("Roof on fire")
    await site.ticket("Inverter is dead")

    await an_hour_later(site)
    await an_hour_later(site)

    (raw,) = site.mailbox.sent
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "[Helios Support] 2 tickets have waited longer than 1 hour"
    assert (mail["To"], mail["Auto-Submitted"]) == (LEAD, "auto-generated")
    said = mail.get_content()
    assert "Roof" not in said
    assert "keller" not in raw.decode().lower()
    assert (await newest(site)).state is MailState.SENT
    assert await site.recorded(EventKind.WAITING_TOLD) == ["notices"]
    assert await site.recorded(EventKind.NOTICE_SENT) == ["notices"]


async def test_its_own_mail_that_comes_back_by_any_way_opens_no_ticket(site: Site) -> None:
    await set_up(site)
    await site.ticket()
    await an_hour_later(site)
    (raw,) = site.mailbox.sent
    before = await site.services.boards.counts()

    site.mailbox.receive(raw, is_sent=True)
    site.mailbox.receive(raw.replace(b"X-CA-Send-Id", b"X-Forwarded-Id").replace(b"notice.", b"other."))
    await site.services.sync.run()

    assert await site.services.boards.counts() == before


async def test_who_was_answered_meanwhile_is_not_told_of(site: Site) -> None:
    await set_up(site)
    ticket = await site.ticket()
    site.mailbox.will("unavailable", on="prepare")
    await an_hour_later(site)

    await site.services.desk.close(ticket.id, by=CONSOLE)
    await an_hour_later(site)

    assert site.mailbox.sent == []
    assert site.mailbox.drafts == {}
    assert (await newest(site)).state is MailState.DROPPED


async def test_a_mailbox_that_is_away_is_asked_again_and_later_each_time(site: Site) -> None:
    await set_up(site)
    await site.ticket()
    site.mailbox.will("unavailable", on="submit", times=2)
    await an_hour_later(site)

    waits = []
    while (notice := await newest(site)).next_at:
        waits.append((notice.next_at - site.clock.now()).total_seconds())
        site.clock.advance(waits[-1])
        await desk_of(site).send_due()

    assert waits == [5, 30]
    assert len(site.mailbox.sent) == 1
    assert (await newest(site)).state is MailState.SENT


async def test_a_mail_whose_answer_was_lost_is_looked_for_and_not_sent_twice(site: Site) -> None:
    await set_up(site)
    await site.ticket()
    site.mailbox.will("lost_after_accept", on="submit")
    await an_hour_later(site)
    assert (await newest(site)).state is MailState.SENDING

    site.clock.advance(LOOK_AGAIN.total_seconds())
    await desk_of(site).send_due()

    assert len(site.mailbox.sent) == 1
    assert (await newest(site)).state is MailState.SENT


async def test_a_mail_that_nobody_can_find_is_given_up_and_said_so(site: Site) -> None:
    await set_up(site)
    await site.ticket()
    site.mailbox.will("lost_before_accept", on="submit")
    await an_hour_later(site)
    site.mailbox.drafts.clear()  # somebody deleted it there

    for _ in range(LOOKS + 1):
        site.clock.advance(LOOK_AGAIN.total_seconds())
        await desk_of(site).send_due()

    notice = await newest(site)
    assert (notice.state, site.mailbox.sent) == (MailState.FAILED, [])
    assert "Nobody can tell" in str(notice.error)
    assert await site.recorded(EventKind.NOTICE_FAILED) == ["notices"]


async def test_a_refused_mail_is_given_up_at_once_and_can_be_tried_again(site: Site) -> None:
    await set_up(site)
    await site.ticket()
    site.mailbox.will("rejected", on="submit")
    await an_hour_later(site)

    async with await site.browser(Role.ADMIN) as admin:
        page = await admin.get(PAGE)
        again = await admin.post(f"{PAGE}/notices/{(await newest(site)).id}")
        await desk_of(site).send_due()
        after = await admin.get(PAGE)

    assert "given up" in page.text
    assert again.status_code == 303
    assert "given up" not in after.text
    assert len(site.mailbox.sent) == 1


async def test_a_signed_webhook_and_a_chat_room_hear_of_the_same_wait(site: Site, receiver: Receiver) -> None:
    assert site.services.webhooks
    _, secret = await site.services.webhooks.add(receiver.url, ["ticket.waiting"], by=CONSOLE)
    with receiving() as room:
        async with await site.script(Scope.ADMIN) as admin:
            made = await admin.post(
                "/webhooks", json={"url": f"{room.url}/T0/sesame", "events": ["ticket.waiting"], "format": "slack"}
            )
        await set_up(site, email_to=[], email_from=None)
        ticket = await site.ticket("Roof on fire")
        await an_hour_later(site)
        await site.services.webhooks.run_once()
        await an_hour_later(site)
        await site.services.webhooks.run_once()

    url = f"http://desk.example/boards/tickets/{ticket.id}"
    ((_, body),) = room.got
    assert json.loads(body) == {"text": f"1 ticket has waited longer than 1 hour: <{url}|#{ticket.number}>."}
    (told,) = receiver.payloads("ticket.waiting")
    assert receiver.is_genuine(str(secret))
    assert (told["count"], told["tickets"][0]["url"]) == (1, url)
    assert b"Roof" not in receiver.got[0][1]
    assert made.json()["secret"] is None
    assert "sesame" not in made.text


async def test_the_address_of_a_chat_room_is_kept_sealed(site: Site, receiver: Receiver) -> None:
    assert site.services.webhooks
    webhook, _ = await site.services.webhooks.add(f"{receiver.url}/sesame", ["sent"], by=CONSOLE, speaks="slack")

    async with await site.browser(Role.ADMIN) as admin:
        path = f"/boards/settings/webhooks/{webhook.id}"
        pages = [await admin.get(path), await admin.get("/boards/settings/webhooks")]
        # Saving the page as it stands keeps the address that it does not show.
        await admin.post(path, data={"act": "save", "url": webhook.url, "events": ["sent", "failed"]})
        await admin.post(path, data={"act": "test"})
    await site.services.webhooks.run_once()

    assert not any("sesame" in page.text for page in pages)
    assert [json.loads(body)["text"][:14] for _, body in receiver.got] == ["This is a test"]


async def test_a_test_goes_to_those_who_would_be_told(site: Site) -> None:
    await set_up(site)

    async with await site.script(Scope.ADMIN) as admin:
        asked = await admin.post(f"{REST}/test")
        await desk_of(site).send_due()
        log = (await admin.get(f"{REST}/notices")).json()["items"]

    assert asked.status_code == 202
    assert [(each["kind"], each["state"], each["recipients"]) for each in log] == [("test", "sent", [LEAD])]
    assert b"Test of the notices" in site.mailbox.sent[0]


async def test_a_test_without_an_address_says_what_is_missing(site: Site) -> None:
    async with await site.script(Scope.ADMIN) as admin, await site.browser(Role.ADMIN) as browser:
        told = problem(await admin.post(f"{REST}/test"), 400)
        page = await browser.post(f"{PAGE}/test")

    assert "No address is set" in told["detail"]
    assert (page.status_code, "No address is set" in page.text) == (400, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email_to": [ADDRESS]}, "would come back"),
        ({"email_from": "elsewhere@helios.example"}, "no mailbox of this desk"),
        ({"mailboxes": ["elsewhere@helios.example"]}, "no mailbox of this desk"),
        ({"email_from": None}, "Choose the mailbox"),
    ],
)
async def test_what_cannot_work_is_refused(site: Site, changed: dict[str, Any], said: str) -> None:
    async with await site.script(Scope.ADMIN) as admin:
        told = problem(await admin.put(REST, json={**BY_MAIL, **changed, "version": 0}), 400)

    assert said in told["detail"]


async def test_the_page_saves_what_was_chosen_and_keeps_what_is_refused(site: Site) -> None:
    chosen = {"after_min": "90", "email_to": f"{LEAD}\nteam@helios.example", "email_from": ADDRESS, "version": "0"}
    async with await site.browser(Role.ADMIN) as admin:
        refused = await admin.post(PAGE, data={**chosen, "after_min": "soon", "status": ["NEW"]})
        saved = await admin.post(PAGE, data={**chosen, "status": ["NEW"], "priority": ["urgent", "high"]})
        stale = await admin.post(PAGE, data={**chosen, "status": ["NEEDS_ACTION"]})
        async with await site.script(Scope.ADMIN) as script:
            stored = (await script.get(REST)).json()

    assert (refused.status_code, saved.status_code, stale.status_code) == (400, 303, 409)
    assert 'value="soon"' in refused.text
    assert "team@helios.example" in refused.text
    assert "Stored now: NEW" in stale.text
    assert (stored["after_min"], stored["priorities"], stored["statuses"]) == (90, ["urgent", "high"], ["NEW"])
    assert stored["email_to"] == [LEAD, "team@helios.example"]


async def test_a_desk_that_tells_nobody_yet_says_so(site: Site) -> None:
    await set_up(site, email_to=[], email_from=None)

    async with await site.browser(Role.ADMIN) as admin:
        page = await admin.get(PAGE)

    assert "Nobody is told yet" in page.text
