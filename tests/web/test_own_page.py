"""What people set for themselves."""

import re

import pytest

from tests.web.browsing import page_of
from tests.web.site import Site
from tickets.people import Role


async def test_a_signature_is_kept_and_signs_the_next_reply(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        saved = await browser.post("/boards/me", data={"signature": "Ada Keller\r\nService team"})
        page = (await browser.get("/boards/me")).text
        words = {"revision": "0", "subject": "Re: x", "body": "Hello."}
        await browser.post(page_of(ticket, "draft"), data=words)
    draft = await site.services.store.current_draft(ticket.id)

    assert saved.status_code == 303
    assert "Ada Keller\nService team" in page
    assert draft
    assert draft.signature == "Ada Keller\nService team"


async def test_the_desk_speaks_the_language_that_the_browser_asks_for(site: Site) -> None:
    async with await site.browser() as browser:
        german = await browser.get("/boards/me", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})
        unknown = await browser.get("/boards/me", headers={"accept-language": "tlh, *;q=0.1"})

    assert '<html lang="de">' in german.text
    assert "Sprache und Zeit" in german.text
    assert '<html lang="en">' in unknown.text


async def test_the_language_and_zone_that_somebody_chose_go_before_the_browsers(site: Site) -> None:
    async with await site.browser() as browser:
        saved = await browser.post("/boards/me/reading", data={"language": "de", "time_zone": "Europe/Berlin"})
        page = (await browser.get("/boards/me", headers={"accept-language": "en"})).text

    assert saved.status_code == 303
    assert '<html lang="de">' in page
    assert 'data-zone="Europe/Berlin"' in page
    assert re.search(r"CES?T", page)


@pytest.mark.parametrize("field", [{"language": "tlh"}, {"time_zone": "../../etc/passwd"}])
async def test_a_language_or_zone_that_does_not_exist_is_refused(site: Site, field: dict[str, str]) -> None:
    async with await site.browser() as browser:
        refused = await browser.post("/boards/me/reading", data=field)

    assert refused.status_code == 400


async def test_only_administrators_see_the_settings(site: Site) -> None:
    async with await site.browser(Role.OPERATOR) as operator, await site.browser(Role.ADMIN) as admin:
        refused = await operator.get("/boards/settings")
        board = (await operator.get("/boards/new")).text
        settings = (await admin.get("/boards/settings")).text

    assert refused.status_code == 403
    assert "/boards/settings" not in board
    assert "/boards/mailboxes" in settings
