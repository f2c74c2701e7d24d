"""Notices that Google pushes: only verified ones ring, and they do no more than that."""

from collections.abc import Iterator

import pytest

from adapters.google_push import PushVerifier
from api.webhooks import MAX_BODY_BYTES, Turnstile
from entrypoints.gmail_double.push import Notice, Subscription, request_for
from entrypoints.gmail_double.running import RunningDouble
from tests.web.asking import problem
from tests.web.site import ADDRESS, Site

WEBHOOK = "/webhooks/gmail"
AUDIENCE = "https://desk.example/webhooks/gmail"
SUBSCRIPTION = Subscription(AUDIENCE, AUDIENCE)


@pytest.fixture
def google() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def desk(site: Site, google: RunningDouble) -> Site:
    """A desk that takes notices."""
    verifier = PushVerifier(AUDIENCE, SUBSCRIPTION.service_account, f"{google.url}/oauth2/v1/certs")
    return site.with_services(verify_push=verifier.address_of)


def notice(google: RunningDouble, address: str = ADDRESS, kind: str = "good") -> tuple[bytes, dict[str, str]]:
    """The body and headers of Pub/Sub's request."""
    now_s = google.double.now_ms() // 1000
    request = request_for(SUBSCRIPTION, Notice(address, 7, kind), 1, now_s, google.double.signer)
    assert isinstance(request.data, bytes)
    return request.data, dict(request.header_items())


async def test_a_notice_of_google_has_its_mailbox_synced(desk: Site, google: RunningDouble) -> None:
    body, headers = notice(google)

    answer = await desk.visitor().post(WEBHOOK, content=body, headers=headers)

    assert (answer.status_code, answer.content, desk.rung) == (204, b"", [ADDRESS])


async def test_a_mailbox_that_is_not_here_is_answered_alike(desk: Site, google: RunningDouble) -> None:
    body, headers = notice(google, "elsewhere@helios.example")

    answer = await desk.visitor().post(WEBHOOK, content=body, headers=headers)

    assert (answer.status_code, desk.rung) == (204, [])


@pytest.mark.parametrize(
    "kind", ["wrong_audience", "wrong_issuer", "wrong_account", "unverified", "expired", "forged", "unsigned"]
)
async def test_a_notice_that_is_not_googles_is_refused(desk: Site, google: RunningDouble, kind: str) -> None:
    body, headers = notice(google, kind=kind)

    problem(await desk.visitor().post(WEBHOOK, content=body, headers=headers), 403)

    assert desk.rung == []


async def test_a_verified_notice_without_a_mailbox_is_refused(desk: Site, google: RunningDouble) -> None:
    _, headers = notice(google)

    problem(await desk.visitor().post(WEBHOOK, content=b"{}", headers=headers), 400)


async def test_a_notice_that_is_too_large_is_not_read(desk: Site, google: RunningDouble) -> None:
    _, headers = notice(google)

    problem(await desk.visitor().post(WEBHOOK, content=b"x" * (MAX_BODY_BYTES + 1), headers=headers), 413)


async def test_a_desk_that_takes_no_notices_says_so(site: Site) -> None:
    told = problem(await site.visitor().post(WEBHOOK), 404)

    assert "CA_GMAIL_PUSH_AUDIENCE" in told["detail"]


async def test_a_storm_of_notices_is_turned_away(desk: Site) -> None:
    async with desk.visitor() as stranger:
        statuses = [(await stranger.post(WEBHOOK)).status_code for _ in range(150)]

    assert set(statuses) == {403, 429}


def test_the_turnstile_opens_again_with_time() -> None:
    now_s = 0.0
    turnstile = Turnstile(seconds=lambda: now_s)

    while turnstile.lets_through():
        pass
    now_s = 1.0

    assert [turnstile.lets_through() for _ in range(11)] == [True] * 10 + [False]
