"""The mailboxes page: what became of every mail, alarms that name mailbox and day, what an administrator changes."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete, insert, update

from api.gmail_guide import steps
from persistence.rows import mailboxes, mails, skipped_mails
from tests.repository import ROOT
from tests.web.asking import problem
from tests.web.site import ADDRESS, Site, a_mail
from tickets.audit import EventKind
from tickets.boards import MailboxState
from tickets.people import Role, Scope
from tickets.storage import MailboxRecord
from tickets.sync import PAUSED

PAGE = "/boards/mailboxes"
DAY = "2026-03-02"  # on which the site's clock begins


@pytest.fixture
async def box(site: Site) -> MailboxRecord:
    (record,) = await site.services.store.mailboxes()
    return record


@pytest.fixture
async def admin(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with await site.browser(Role.ADMIN) as browser:
        yield browser


async def lose(site: Site, subject: str) -> str:
    """A defect of ours: a mail's row disappears; what the mailbox calls the mail."""
    async with site.database.write() as connection:
        gone = delete(mails).where(mails.c.subject == subject).returning(mails.c.provider_id)
        return str((await connection.execute(gone)).scalar_one())


async def state(site: Site, box: MailboxRecord, state: MailboxState) -> None:
    async with site.database.write() as connection:
        values = {"state": state.value, "state_since": site.clock.now()}
        await connection.execute(update(mailboxes).where(mailboxes.c.id == box.id).values(values))


async def accounting(site: Site, box: MailboxRecord) -> dict[str, object]:
    async with await site.script(Scope.READ) as script:
        found: dict[str, object] = (await script.get(f"/mailboxes/{box.id}/accounting")).json()
        return found


# --- the account ------------------------------------------------------------------------------------------------------


async def test_every_mail_is_in_one_place_and_the_page_says_where(site: Site, box: MailboxRecord) -> None:
    await site.ticket("One")
    await site.ticket("Two")

    account = await accounting(site, box)
    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(PAGE)).text

    assert account["adds_up"] is True
    (day,) = account["days"]  # type: ignore[misc]
    assert day | {"reasons": {}} == {
        "day": DAY,
        "received": 2,
        "on_tickets": 2,
        "automatic": 0,
        "quarantined": 0,
        "skipped": 0,
        "unaccounted": 0,
        "reasons": {},
        "astray": [],
    }
    assert ADDRESS in page
    assert "last good sync" in page
    assert "do not add up" not in page


async def test_a_mail_that_was_lost_raises_an_alarm_that_names_mailbox_day_and_mail(
    site: Site, box: MailboxRecord
) -> None:
    await site.ticket("Kept")
    await site.ticket("Lost")
    lost = await lose(site, "Lost")
    site.clock.advance(30)

    account = await accounting(site, box)
    async with await site.browser() as browser:
        boards = [
            (await browser.get(path)).text for path in ("/boards/new", "/boards/done", "/boards/quarantine", PAGE)
        ]

    assert account["adds_up"] is False
    assert account["days"][0]["astray"] == [lost]  # type: ignore[index]
    for board in boards[:-1]:
        said = re.sub(r"\s+", " ", board)
        assert f"<b>{ADDRESS}</b>: 1 of 2 mails received on 2 Mar 2026 do not add up: 1 in no place." in said
    assert "<b>1 of 2 mails received on 2 Mar 2026 do not add up: 1 in no place.</b>" in boards[-1]
    assert f"<code>{lost}</code>" in boards[-1]


async def test_a_mail_in_two_places_does_not_add_up_either(site: Site, box: MailboxRecord) -> None:
    await site.ticket("Twice")
    async with site.database.write() as connection:
        provider_id = (await connection.execute(mails.select())).one().provider_id
        twice = {"mailbox_id": box.id, "provider_id": provider_id, "reason": "spam", "is_final": True}
        await connection.execute(insert(skipped_mails).values(twice))

    account = await accounting(site, box)

    assert (account["adds_up"], account["days"][0]["unaccounted"]) == (False, 1)  # type: ignore[index]


async def test_days_long_ago_are_summed_up_and_watched_too(site: Site, box: MailboxRecord) -> None:
    await site.ticket("Old and lost")
    lost = await lose(site, "Old and lost")
    site.clock.advance(timedelta(days=20).total_seconds())
    assert site.services.reconciliation
    await site.services.reconciliation.count_earlier()

    account = await accounting(site, box)
    async with await site.browser() as browser:
        page = (await browser.get(PAGE)).text

    assert account["days"] == []
    assert (account["earlier"]["received"], account["earlier"]["astray"]) == (1, [lost])  # type: ignore[index]
    assert "1 of 1 mails received more than 14 days ago do not add up" in page


# --- silence ----------------------------------------------------------------------------------------------------------


async def test_a_mailbox_that_falls_silent_raises_an_alarm_on_every_board(site: Site) -> None:
    await site.services.sync.run()
    site.clock.advance(16 * 60)

    async with await site.browser() as browser:
        page = (await browser.get("/boards/new")).text
    async with await site.script(Scope.READ) as script:
        (line,) = (await script.get("/mailboxes")).json()["items"]

    assert "No sync has succeeded for 16 minutes." in page
    assert [alarm["kind"] for alarm in line["alarms"]] == ["silent"]


async def test_a_mailbox_that_is_read_is_not_silent(site: Site) -> None:
    site.clock.advance(16 * 60)
    await site.services.sync.run()

    async with await site.browser() as browser:
        page = (await browser.get("/boards/new")).text

    assert "No sync has succeeded" not in page


async def test_a_long_listing_is_alive_while_it_moves_and_silent_when_it_stands_still(
    site: Site, box: MailboxRecord
) -> None:
    said = []
    async with await site.browser() as browser:
        for done in (100, 200, 300, 300, 300):
            await listing(site, box, done)
            said.append("No sync has succeeded" in (await browser.get("/boards/new")).text)
            site.clock.advance(10 * 60)

    assert said == [False, False, False, False, True]


async def listing(site: Site, box: MailboxRecord, done: int) -> None:
    since = (site.clock.now() - timedelta(minutes=10)).isoformat()
    async with site.database.write() as connection:
        progress = {"done": done, "total": 1000, "since": since}
        await connection.execute(update(mailboxes).where(mailboxes.c.id == box.id).values(progress=progress))


async def test_a_long_listing_shows_how_far_it_is_how_fast_it_goes_and_what_is_left(
    site: Site, box: MailboxRecord
) -> None:
    await listing(site, box, 400)

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(PAGE)).text

    assert 'value="400" max="1000"' in page
    assert "40 a minute · 15 minutes left" in page


# --- on and off the desk ----------------------------------------------------------------------------------------------


async def test_a_mailbox_off_the_desk_is_not_read_raises_no_alarm_and_can_be_resumed(
    site: Site, box: MailboxRecord, admin: httpx.AsyncClient
) -> None:
    site.mailbox.receive(a_mail("While it was off"))

    answer = await admin.post(f"{PAGE}/{box.id}/disconnect")
    reports = await site.services.sync.run()
    site.clock.advance(3600)
    board = (await admin.get("/boards/new")).text
    page = (await admin.get(answer.headers["location"])).text
    await admin.post(f"{PAGE}/{box.id}/resume")
    (resumed,) = await site.services.sync.run()

    assert (answer.status_code, reports) == (303, ())
    assert "No sync has succeeded" not in board
    assert "Off the desk" in page
    assert resumed.opened == 1
    assert site.rung == [ADDRESS]
    assert site.waiting.woken == [box.id]
    assert await site.recorded(EventKind.MAILBOX_DISCONNECTED) == ["operator:admin@desk.example"]


async def test_a_sync_that_was_under_way_does_not_bring_a_disconnected_mailbox_back(
    site: Site, box: MailboxRecord
) -> None:
    await state(site, box, MailboxState.DISCONNECTED)

    async with site.services.store.begin() as tx:
        await tx.mailbox_is(box.id, MailboxState.OK, None, site.clock.now())

    (line,) = await site.services.boards.mailboxes()
    assert line.state is MailboxState.DISCONNECTED


async def test_the_button_for_a_sync_rings(site: Site, box: MailboxRecord) -> None:
    async with await site.browser(Role.OPERATOR) as browser:
        answer = await browser.post(f"{PAGE}/{box.id}/sync")

    assert (answer.status_code, site.rung) == (303, [ADDRESS])


@pytest.mark.parametrize("verb", ["disconnect", "resume", "sync"])
async def test_a_mailbox_that_is_not_there_is_said_so(admin: httpx.AsyncClient, verb: str) -> None:
    assert (await admin.post(f"{PAGE}/{uuid4()}/{verb}")).status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_only_an_administrator_sees_buttons_that_change_a_mailbox(
    site: Site, box: MailboxRecord, role: Role
) -> None:
    async with await site.browser(role) as browser:
        page = (await browser.get(PAGE)).text

    assert "/disconnect" not in page
    assert f'href="{PAGE}/connect"' not in page
    assert (f"{PAGE}/{box.id}/sync" in page) == (role is Role.OPERATOR)


# --- paused ----------------------------------------------------------------------------------------------------------


async def test_a_paused_mailbox_is_not_fetched_raises_no_alarm_and_reads_on_where_it_stopped(
    site: Site, box: MailboxRecord, admin: httpx.AsyncClient
) -> None:
    await site.ticket("Before the pause")
    answer = await admin.post(f"{PAGE}/{box.id}/pause")
    site.mailbox.receive(a_mail("While it was paused"))
    reports = await site.services.sync.run()
    asked = await site.services.sync.run([ADDRESS])
    site.clock.advance(7200)
    board = (await admin.get("/boards/new")).text
    page = (await admin.get(answer.headers["location"])).text
    refused = await admin.post(f"{PAGE}/{box.id}/sync")

    await admin.post(f"{PAGE}/{box.id}/resume")
    after = (await admin.get("/boards/new")).text
    (resumed,) = await site.services.sync.run()

    assert reports == ()
    assert [report.error for report in asked] == [PAUSED]
    assert f"<b>{ADDRESS}</b> is paused since" in board
    assert "No sync has succeeded" not in board + page + after
    assert "Paused since" in page
    assert refused.status_code == 409
    assert (resumed.opened, site.rung) == (1, [ADDRESS])
    assert await site.recorded(EventKind.MAILBOX_PAUSED) == ["operator:admin@desk.example"]
    assert await site.recorded(EventKind.MAILBOX_RESUMED) == ["operator:admin@desk.example"]


async def test_what_is_off_the_desk_cannot_be_paused(site: Site, box: MailboxRecord, admin: httpx.AsyncClient) -> None:
    await state(site, box, MailboxState.DISCONNECTED)

    assert (await admin.post(f"{PAGE}/{box.id}/pause")).status_code == 409


async def test_a_script_pauses_and_resumes_under_the_condition_that_nothing_changed(
    site: Site, box: MailboxRecord
) -> None:
    address = f"/mailboxes/{box.id}"
    async with await site.script(Scope.READ, Scope.ADMIN) as script:
        read = await script.get(address)
        condition = {"If-Match": read.headers["etag"]}
        paused = await script.patch(address, json={"paused": True}, headers=condition)
        stale = await script.patch(address, json={"paused": False}, headers=condition)
        resumed = await script.patch(address, json={"paused": False})

    assert paused.status_code == 200
    assert paused.json()["paused_by"].startswith("token:")
    assert problem(stale, 412)["type"].endswith("outdated")
    assert (resumed.status_code, resumed.json()["paused_at"]) == (200, None)


# --- how it writes ----------------------------------------------------------------------------------------------------


async def test_sender_and_signature_are_chosen_among_the_verified_ones(
    site: Site, box: MailboxRecord, admin: httpx.AsyncClient
) -> None:
    site.mailbox.aliases.add("hello@helios.example")

    page = (await admin.get(f"{PAGE}/{box.id}")).text
    answer = await admin.post(
        f"{PAGE}/{box.id}", data={"send_as": "hello@helios.example", "signature": "Helios\r\nSupport\r\n"}
    )

    assert '<option value="hello@helios.example">' in page
    assert answer.status_code == 303
    (line,) = await site.services.boards.mailboxes()
    assert (line.send_as, line.signature) == ("hello@helios.example", "Helios\nSupport")
    assert await site.recorded(EventKind.MAILBOX_CHANGED) == ["operator:admin@desk.example"]


async def test_a_sender_that_is_not_verified_is_refused_and_the_signature_stays_typed(
    site: Site, box: MailboxRecord, admin: httpx.AsyncClient
) -> None:
    answer = await admin.post(f"{PAGE}/{box.id}", data={"send_as": "ceo@other.example", "signature": "Typed"})

    assert answer.status_code == 400
    assert "ceo@other.example is no verified sender" in answer.text
    assert "Typed</textarea>" in answer.text
    (line,) = await site.services.boards.mailboxes()
    assert line.send_as is None


async def test_scripts_change_what_they_name_and_leave_the_rest(site: Site, box: MailboxRecord) -> None:
    site.mailbox.aliases.add("hello@helios.example")

    async with await site.script(Scope.ADMIN) as script:
        signed = (await script.patch(f"/mailboxes/{box.id}", json={"signature": "Helios"})).json()
        aliased = (await script.patch(f"/mailboxes/{box.id}", json={"send_as": "hello@helios.example"})).json()
        plain = (await script.patch(f"/mailboxes/{box.id}", json={"send_as": None})).json()
        unknown = await script.patch(f"/mailboxes/{box.id}", json={"sender": "x@y.example"})
        wrong = await script.patch(f"/mailboxes/{box.id}", json={"send_as": "ceo@other.example"})

    assert (signed["send_as"], signed["signature"]) == (None, "Helios")
    assert (aliased["send_as"], aliased["signature"]) == ("hello@helios.example", "Helios")
    assert plain["send_as"] is None
    problem(unknown, 400)
    assert "no verified sender" in problem(wrong, 400)["detail"]


# --- the guide --------------------------------------------------------------------------------------------------------


async def test_the_guide_shows_this_desks_own_redirect_uri(site: Site) -> None:
    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(f"{PAGE}/guide")).text

    assert 'value="http://desk.example/boards/mailboxes/callback"' in page
    assert "seven days" in page
    assert "https://www.googleapis.com/auth/gmail.modify" in page


def test_the_documentation_has_the_same_steps() -> None:
    written = " ".join((ROOT / "docs" / "gmail-setup.md").read_text(encoding="utf-8").split())

    for step in steps("https://desk.example.com"):
        said = [step.title, *step.says, *(value.value for value in step.values), step.trap or "", step.page or ""]
        assert [words for words in said if words not in written] == []


async def test_without_an_oauth_client_the_page_says_what_is_missing(admin: httpx.AsyncClient) -> None:
    page = await admin.get(f"{PAGE}/connect")
    refused = await admin.post(f"{PAGE}/connect")

    assert "CA_GOOGLE_CLIENT_ID" in page.text
    assert f'href="{PAGE}/guide"' in page.text
    assert (refused.status_code, "CA_GOOGLE_CLIENT_ID" in refused.text) == (400, True)


async def test_no_page_carries_a_style_or_a_script_of_its_own(
    site: Site, box: MailboxRecord, admin: httpx.AsyncClient
) -> None:
    await site.ticket()

    for path in (PAGE, f"{PAGE}/guide", f"{PAGE}/connect", f"{PAGE}/{box.id}", "/boards/quarantine"):
        page = (await admin.get(path)).text

        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
