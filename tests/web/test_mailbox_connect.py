"""Connecting a Gmail account in the browser, with the double in Google's place."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.google_consent import WebConsent
from adapters.google_oauth import SCOPE, GoogleOAuth
from entrypoints.gmail_double.grants import Consent
from entrypoints.gmail_double.running import RunningDouble
from persistence.mailboxes import SqlMailboxes
from tests.web.site import SECRET, Site
from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.people import Role
from tickets.storage import MailboxRecord

SUPPORT = "support@solar.example"
OTHER = "somebody@solar.example"
CONNECT = "/boards/mailboxes/connect"
CALLBACK = "http://desk.example/boards/mailboxes/callback"


@pytest.fixture
def google() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        running.double.add_account(SUPPORT, "old-token")
        running.double.add_account(OTHER, "their-token")
        yield running


@pytest.fixture
def desk(site: Site, google: RunningDouble) -> Site:
    """A desk with an OAuth client."""
    oauth = GoogleOAuth(
        "client-id",
        "client-secret",
        auth_url=f"{google.url}/o/oauth2/v2/auth",
        token_url=f"{google.url}/token",
        revoke_url=f"{google.url}/revoke",
        api_root=google.url,
    )
    assert site.services.connecting
    return site.with_services(connecting=replace(site.services.connecting, consent=WebConsent(oauth)))


@pytest.fixture
async def admin(desk: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with await desk.browser(Role.ADMIN) as browser:
        yield browser


@pytest.fixture
async def box(desk: Site) -> MailboxRecord:
    """The account is on the desk, and its permission is gone."""
    mailboxes, event = tokens(desk), AuditEvent(EventKind.MAILBOX_ADDED, "console", desk.clock.now())
    record = await mailboxes.add("gmail", SUPPORT, {}, event)
    async with desk.services.store.begin() as tx:
        await tx.move_cursor(record.id, "cursor")
        await tx.mailbox_is(record.id, MailboxState.RECONNECT_REQUIRED, None, desk.clock.now())
    return record


def tokens(desk: Site) -> SqlMailboxes:
    return SqlMailboxes(desk.database, SECRET)


async def asked(admin: httpx.AsyncClient, **form: str) -> str:
    """The address of Google's consent page."""
    answer = await admin.post(CONNECT, data=form)
    assert answer.status_code == 200, answer.text
    return answer.headers["refresh"].removeprefix("0; url=")


async def agreed(url: str) -> str:
    """Google's answer: the address to which its owner's browser is sent back."""
    async with httpx.AsyncClient() as owner:
        return str((await owner.get(url)).headers["location"])


async def record_of(desk: Site, address: str) -> MailboxRecord | None:
    return next((record for record in await desk.services.store.mailboxes() if record.address == address), None)


async def test_an_administrator_connects_an_account(desk: Site, admin: httpx.AsyncClient) -> None:
    back = await agreed(await asked(admin, address=SUPPORT))

    answer = await admin.get(back)

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/mailboxes?done=connected")
    record = await record_of(desk, SUPPORT)
    assert record
    assert (record.kind, record.state) == ("gmail", MailboxState.OK)
    assert (await tokens(desk).refresh_token(record.id) or "").startswith("1//")
    assert desk.rung == [SUPPORT]
    assert desk.waiting.woken == [record.id]
    assert await desk.recorded(EventKind.MAILBOX_CONNECTED) == ["operator:admin@desk.example"]


async def test_google_is_asked_for_one_scope_offline_with_proof_and_is_told_our_address(
    admin: httpx.AsyncClient,
) -> None:
    url = await asked(admin, address=SUPPORT)

    question = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (question["scope"], question["redirect_uri"]) == (SCOPE, CALLBACK)
    assert (question["access_type"], question["prompt"], question["login_hint"]) == ("offline", "consent", SUPPORT)
    assert question["code_challenge_method"] == "S256"


async def test_what_is_remembered_of_the_question_cannot_be_read_in_the_browser(admin: httpx.AsyncClient) -> None:
    answer = await admin.post(CONNECT)

    cookie = answer.headers["set-cookie"]
    state = parse_qs(urlsplit(answer.headers["refresh"]).query)["state"][0]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie
    assert state not in cookie


async def test_a_reconnected_mailbox_keeps_its_place(desk: Site, admin: httpx.AsyncClient, box: MailboxRecord) -> None:
    board = (await admin.get("/boards/new")).text

    await admin.get(await agreed(await asked(admin, mailbox=str(box.id))))

    assert f'name="mailbox" value="{box.id}"' in board
    record = await record_of(desk, SUPPORT)
    assert record
    assert (record.id, record.cursor, record.state) == (box.id, "cursor", MailboxState.OK)
    assert "is disconnected" not in (await admin.get("/boards/new")).text


async def test_another_account_is_refused_and_its_permission_given_back(
    desk: Site, admin: httpx.AsyncClient, google: RunningDouble, box: MailboxRecord
) -> None:
    google.double.next_consent(Consent(account=OTHER))

    answer = await admin.get(await agreed(await asked(admin, mailbox=str(box.id))))

    assert answer.status_code == 400
    assert f"You agreed as {OTHER}, but this mailbox is {SUPPORT}." in answer.text
    assert await tokens(desk).refresh_token(box.id) is None
    assert "their-token" not in google.double.grants.refresh


async def test_another_account_that_is_a_mailbox_here_keeps_its_permission(
    desk: Site, admin: httpx.AsyncClient, google: RunningDouble, box: MailboxRecord
) -> None:
    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", desk.clock.now())
    await tokens(desk).add("gmail", OTHER, {}, event)
    google.double.next_consent(Consent(account=OTHER))

    answer = await admin.get(await agreed(await asked(admin, mailbox=str(box.id))))

    assert answer.status_code == 400
    assert "their-token" in google.double.grants.refresh


@pytest.mark.parametrize(
    ("consent", "what"),
    [
        (Consent(is_denied=True), "Google gave no permission (access_denied)"),
        (Consent(scopes=("https://www.googleapis.com/auth/gmail.readonly",)), "leave every box ticked"),
    ],
)
async def test_a_consent_that_is_not_enough_is_refused_with_the_next_step(
    desk: Site, admin: httpx.AsyncClient, google: RunningDouble, consent: Consent, what: str
) -> None:
    google.double.next_consent(consent)

    answer = await admin.get(await agreed(await asked(admin, address=SUPPORT)))

    assert (answer.status_code, what in answer.text) == (400, True)
    assert "Start again on the Mailboxes page" in answer.text
    assert await record_of(desk, SUPPORT) is None


# --- whose answer it is -----------------------------------------------------------------------------------------------


async def refused(admin: httpx.AsyncClient, back: str) -> None:
    answer = await admin.get(back)
    assert answer.status_code == 400
    assert "was not asked for in this login" in answer.text


async def test_an_answer_counts_once(admin: httpx.AsyncClient) -> None:
    back = await agreed(await asked(admin))
    kept = dict(admin.cookies)

    assert (await admin.get(back)).status_code == 303

    assert "ca_consent" not in admin.cookies
    admin.cookies.update(kept)
    await refused(admin, back)


async def test_an_answer_with_another_state_is_refused(desk: Site, admin: httpx.AsyncClient) -> None:
    await asked(admin)

    await refused(admin, f"{CALLBACK}?code=stolen&state=guessed")

    assert desk.rung == []


async def test_an_answer_without_a_question_is_refused(admin: httpx.AsyncClient) -> None:
    await refused(admin, f"{CALLBACK}?code=stolen&state=guessed")


async def test_an_answer_in_another_login_is_refused(desk: Site, admin: httpx.AsyncClient) -> None:
    back = await agreed(await asked(admin))

    async with await desk.browser(Role.ADMIN) as colleague:
        colleague.cookies.set("ca_consent", admin.cookies["ca_consent"])
        await refused(colleague, back)


async def test_an_answer_that_comes_too_late_is_refused(desk: Site, admin: httpx.AsyncClient) -> None:
    back = await agreed(await asked(admin))
    desk.clock.advance(601)

    await refused(admin, back)


async def test_another_process_can_take_the_answer(desk: Site, admin: httpx.AsyncClient) -> None:
    back = await agreed(await asked(admin, address=SUPPORT))
    assert desk.services.connecting
    other = desk.with_services(connecting=replace(desk.services.connecting, _used={}))

    async with other.visitor() as browser:
        browser.cookies = admin.cookies
        answer = await browser.get(back)

    assert answer.status_code == 303


async def test_the_code_of_an_answer_after_the_login_has_ended_goes_nowhere(desk: Site) -> None:
    answer = await desk.visitor().get(f"{CALLBACK}?code=secret&state=s")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_a_desk_that_is_open_under_another_name_says_where_to_go(admin: httpx.AsyncClient) -> None:
    headers = {"host": "desk.example", "origin": "http://desk.example:8080"}

    answer = await admin.post(CONNECT, headers=headers)

    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("address", ["no address", "a b@c.example", "@"])
async def test_an_address_that_is_none_is_refused(admin: httpx.AsyncClient, address: str) -> None:
    answer = await admin.post(CONNECT, data={"address": address})

    assert (answer.status_code, "no e-mail address" in answer.text) == (400, True)


# --- disconnecting ----------------------------------------------------------------------------------------------------


async def test_disconnecting_gives_the_permission_back_and_forgets_it(
    desk: Site, admin: httpx.AsyncClient, google: RunningDouble, box: MailboxRecord
) -> None:
    await tokens(desk).keep_refresh_token(box.id, "old-token")

    answer = await admin.post(f"/boards/mailboxes/{box.id}/disconnect")

    assert answer.headers["location"] == "/boards/mailboxes?done=revoked"
    assert "old-token" not in google.double.grants.refresh
    assert await tokens(desk).refresh_token(box.id) is None


async def test_a_google_that_does_not_answer_does_not_keep_a_mailbox_connected(
    desk: Site, admin: httpx.AsyncClient, google: RunningDouble, box: MailboxRecord
) -> None:
    await tokens(desk).keep_refresh_token(box.id, "old-token")
    google.fault("oauth.revoke", "503")

    answer = await admin.post(f"/boards/mailboxes/{box.id}/disconnect", follow_redirects=True)

    assert "remove the application" in answer.text
    assert await tokens(desk).refresh_token(box.id) is None


async def test_a_disconnected_account_is_connected_again_with_its_place(
    desk: Site, admin: httpx.AsyncClient, box: MailboxRecord
) -> None:
    await admin.post(f"/boards/mailboxes/{box.id}/disconnect")
    without = await admin.post(f"/boards/mailboxes/{box.id}/resume")

    await admin.get(await agreed(await asked(admin, mailbox=str(box.id))))

    assert without.status_code == 409
    record = await record_of(desk, SUPPORT)
    assert record
    assert (record.cursor, record.state) == ("cursor", MailboxState.OK)


async def test_a_token_that_google_changed_does_not_come_back_after_a_disconnection(
    desk: Site, admin: httpx.AsyncClient, box: MailboxRecord
) -> None:
    await admin.post(f"/boards/mailboxes/{box.id}/disconnect")

    with pytest.raises(Exception, match="no such mailbox"):
        await tokens(desk).keep_refresh_token(box.id, "rotated")

    assert await tokens(desk).refresh_token(box.id) is None
