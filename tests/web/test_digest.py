"""The weekly digest as a page, as the draft of a mail, and over REST."""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from persistence.report_counting import ReportCounting
from tests.web.site import Site
from tickets.people import Role, Scope


async def a_week(site: Site) -> None:
    """A customer wrote last week, and waits."""
    await site.ticket("Two <b>lamps</b> blink")
    site.clock.advance(timedelta(weeks=1).total_seconds())
    await ReportCounting(site.database).catch_up()


async def page_of(site: Site, **query: str) -> str:
    async with await site.browser(Role.VIEWER) as visitor:
        answer = await visitor.get("/boards/reports/digest", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


async def mail_of(site: Site, **headers: str) -> EmailMessage:
    async with await site.browser(Role.VIEWER) as visitor:
        answer = await visitor.get("/boards/reports/digest/mail", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"].endswith('.eml"')
    found = message_from_bytes(answer.content, policy=SMTP)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


async def test_the_page_tells_the_last_whole_week_and_what_waits_longest(site):
    await a_week(site)

    page = await page_of(site)

    assert "1 mail of customers came in. The week before there were none." in page
    assert "Right now 1 ticket waits for us." in page
    assert "Two &lt;b&gt;lamps&lt;/b&gt; blink" in page
    assert "is not over" not in page


async def test_a_week_that_runs_is_said_to_run(site):
    await a_week(site)
    monday = site.clock.now().date().isocalendar()

    page = await page_of(site, week=f"{monday.year}-W{monday.week:02}")

    assert "This week is not over" in page


@pytest.mark.parametrize(("typed", "says"), [("next week", "Write it like 2026-W47"), ("2999-W01", "yet to come")])
async def test_a_week_that_cannot_be_told_is_refused_and_stays_in_the_form(site, typed, says):
    page = await page_of(site, week=typed)

    assert says in page
    assert f'value="{typed}"' in page


async def test_the_draft_is_a_mail_with_text_and_html_that_nobody_gets_by_itself(site):
    await a_week(site)

    mail = await mail_of(site)

    assert mail["From"].addresses[0].addr_spec == "viewer@desk.example"
    assert (mail["To"], mail["X-Unsent"]) == (None, "1")
    assert mail["Date"].datetime == site.clock.now().replace(microsecond=0)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "1 mail of customers came in." in text
    assert "Two <b>lamps</b> blink" in text
    assert "Two &lt;b&gt;lamps&lt;/b&gt; blink" in html
    assert "<b>" not in html
    assert site.mailbox.sent == []


async def test_the_draft_speaks_the_readers_language(site):
    await a_week(site)

    mail = await mail_of(site, **{"Accept-Language": "de"})

    assert mail["Content-Language"] == "de"
    assert "Vorwoche" in mail.get_body(("plain",)).get_content()


async def test_a_script_gets_the_same_figures_and_the_same_draft(site):
    await a_week(site)
    async with await site.script(Scope.READ) as script:
        found = (await script.get("/reports/digest")).json()
        mail = await script.get("/reports/digest/mail", params={"week": found["week"]})

    figures = {figure["name"]: (figure["now"], figure["before"]) for figure in found["figures"]}
    assert figures["mails_in"] == (1, 0)
    assert figures["open"] == (1, 0)
    assert [ticket["subject"] for ticket in found["longest"]] == ["Two <b>lamps</b> blink"]
    assert mail.headers["content-type"] == "message/rfc822"
    assert message_from_bytes(mail.content, policy=SMTP)["Subject"]


@pytest.mark.parametrize("week", ["47", "2026-W99", "2999-W01"])
async def test_a_script_with_no_week_is_told_so(site, week):
    async with await site.script(Scope.READ) as script:
        answer = await script.get("/reports/digest", params={"week": week})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
