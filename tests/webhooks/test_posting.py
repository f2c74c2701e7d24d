"""What leaves the desk by webhooks, and what does not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.webhook_post import HttpPoster
from tests.web.asking import problem
from tests.web.conftest import fresh_site, idle_apps, migrated, site
from tests.web.site import Site
from tests.webhooks.receiver import Receiver, receiving
from tickets.audit import EventKind
from tickets.errors import BadInput
from tickets.people import CONSOLE, Role, Scope
from tickets.webhook_address import is_public, require_url
from tickets.webhooks import RETRY_S, DeliveryState, Webhook

__all__ = ["fresh_site", "idle_apps", "migrated", "site"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


async def subscribed(site: Site, receiver: Receiver, *events: str) -> Webhook:
    assert site.services.webhooks
    webhook, _ = await site.services.webhooks.add(receiver.url, events or ("ticket.created",), by=CONSOLE)
    return webhook


async def post_due(site: Site) -> int:
    assert site.services.webhooks
    return await site.services.webhooks.run_once()


async def log_of(site: Site, webhook: Webhook) -> Any:
    assert site.services.webhooks
    return await site.services.webhooks.store.deliveries(webhook.id, 10)


async def test_only_what_was_subscribed_to_is_posted(site: Site, receiver: Receiver) -> None:
    await subscribed(site, receiver, "approved")

    await site.ticket()

    assert await post_due(site) == 0
    assert receiver.got == []


async def test_a_receiver_that_fails_is_asked_again_and_later_each_time(site: Site, receiver: Receiver) -> None:
    webhook = await subscribed(site, receiver)
    await site.ticket()
    receiver.status = 500

    waits = []
    for _ in range(len(RETRY_S) + 1):
        await post_due(site)
        (delivery,) = await log_of(site, webhook)
        if delivery.next_at:
            waits.append((delivery.next_at - site.clock.now()).total_seconds())
            site.clock.advance(waits[-1])

    assert waits == list(RETRY_S)
    assert (delivery.state, delivery.attempts, delivery.status) == (DeliveryState.FAILED, len(RETRY_S) + 1, 500)
    assert len(set(receiver.ids)) == 1


async def test_days_of_failure_switch_a_webhook_off_and_say_so(site: Site, receiver: Receiver) -> None:
    webhook = await subscribed(site, receiver)
    receiver.status = 500
    await site.ticket()
    await post_due(site)
    site.clock.advance(timedelta(days=3).total_seconds())
    await post_due(site)

    async with await site.browser(Role.ADMIN) as admin:
        board = await admin.get("/boards/needs-action")
        page = await admin.get(f"/boards/settings/webhooks/{webhook.id}")
        await admin.post(f"/boards/settings/webhooks/{webhook.id}", data={"act": "on"})
        after = await admin.get("/boards/needs-action")

    assert await site.recorded(EventKind.WEBHOOK_DISABLED) == ["webhooks"]
    assert "switched off" in board.text
    assert "switched off" in page.text
    assert "switched off" not in after.text


async def test_a_redirect_is_not_followed(site: Site, receiver: Receiver) -> None:
    webhook = await subscribed(site, receiver)
    receiver.status, receiver.location = 302, receiver.url
    await site.ticket()

    await post_due(site)

    (delivery,) = await log_of(site, webhook)
    assert (delivery.status, len(receiver.got)) == (302, 1)


async def test_one_delivery_is_posted_by_one_of_two_that_look(site: Site, receiver: Receiver) -> None:
    await subscribed(site, receiver)
    await site.ticket()
    assert site.services.webhooks
    store, now = site.services.webhooks.store, site.clock.now()

    first, second = await store.claim_due(now, 10), await store.claim_due(now, 10)

    assert (len(first), len(second)) == (1, 0)
    assert len(await store.claim_due(now + timedelta(minutes=2), 10)) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0",
     "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1"],
)  # fmt: skip
def test_an_address_inside_is_no_public_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


async def test_nothing_is_posted_inside_unless_the_desk_allows_it(receiver: Receiver) -> None:
    posted = await HttpPoster().post(receiver.url, {}, b"{}")

    assert posted.status is None
    assert "private network" in str(posted.error)
    assert receiver.got == []


@pytest.mark.parametrize("url", ["ftp://x.example", "https://u:p@x.example/", "http://x.example/", "https://", "x"])
async def test_an_address_that_cannot_be_posted_to_is_refused(url: str, site: Site) -> None:
    async with await site.script(Scope.ADMIN) as admin:
        answer = await admin.post("/webhooks", json={"url": url, "events": ["sent"]})

    assert problem(answer, 400)["detail"].startswith("url")


async def test_the_secret_is_shown_once(site: Site, receiver: Receiver) -> None:
    async with await site.script(Scope.ADMIN) as admin:
        made = (await admin.post("/webhooks", json={"url": receiver.url, "events": ["sent"]})).json()
        shown = (await admin.get(f"/webhooks/{made['id']}")).json()

    assert made["secret"].startswith("whsec_")
    assert "secret" not in shown


async def test_an_administrator_adds_tries_and_removes_one_on_the_pages(site: Site, receiver: Receiver) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        made = await admin.post("/boards/settings/webhooks", data={"url": receiver.url, "events": ["sent", "failed"]})
        (webhook,) = await site.services.webhooks.store.webhooks()  # type: ignore[union-attr]
        page = f"/boards/settings/webhooks/{webhook.id}"
        tried = await admin.post(page, data={"act": "test"})
        await post_due(site)
        log = await admin.get(page)
        (delivery,) = await log_of(site, webhook)
        again = await admin.post(f"{page}/deliveries/{delivery.id}")
        await post_due(site)
        removed = await admin.post(page, data={"act": "remove"})

    assert "whsec_" in made.text
    assert (tried.status_code, again.status_code, removed.status_code) == (303, 303, 303)
    assert "delivered" in log.text
    assert receiver.events == ["test", "test"]
    assert receiver.ids[0] == receiver.ids[1]


async def test_what_was_typed_stays_when_it_is_refused(site: Site) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        refused = await admin.post("/boards/settings/webhooks", data={"url": "http://x.example/hook", "events": "sent"})

    assert refused.status_code == 400
    assert 'value="http://x.example/hook"' in refused.text
    assert 'value="sent" checked' in refused.text


async def test_only_administrators_see_webhooks(site: Site) -> None:
    async with await site.browser(Role.OPERATOR) as operator, await site.script(Scope.APPROVE) as script:
        answers: list[httpx.Response] = [await operator.get("/boards/settings/webhooks"), await script.get("/webhooks")]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8619/x",
        "https://localhost/x",
        "https://desk.localhost/x",
        "https://10.1.2.3/",
        "https://[::1]/",
    ],
)
def test_an_address_that_leads_inside_is_refused_when_it_is_saved_unless_the_desk_allows_it(url: str) -> None:
    with pytest.raises(BadInput, match="private network"):
        require_url(url, allows_private=False)

    assert require_url(url, allows_private=True) == url


def test_a_name_is_taken_as_it_is_and_plain_http_is_not() -> None:
    assert require_url("https://hooks.firm.example/x", allows_private=False) == "https://hooks.firm.example/x"

    with pytest.raises(BadInput, match="use https"):
        require_url("http://hooks.firm.example/x", allows_private=False)
