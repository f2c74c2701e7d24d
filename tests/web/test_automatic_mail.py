"""Automatic mail on no ticket, in the browser and for scripts: seen, saved, and made a ticket of."""

from email import message_from_bytes
from uuid import uuid4

import pytest

from tests.web.asking import form_token, problem, status_of
from tests.web.site import ADDRESS, Site, a_mail
from tickets.audit import EventKind
from tickets.automatic_mail import AutomaticLine
from tickets.people import Role, Scope

PAGE = "/boards/automatic"
BUTTON = "Make a ticket of it"


def a_form(subject: str = "Offer for a roof", sender: str = "Anna Keller <anna@keller.example>") -> bytes:
    """What the server of a web form sends."""
    mail = message_from_bytes(a_mail(subject, sender))
    mail["Auto-Submitted"] = "auto-generated"
    return mail.as_bytes()


async def arrived(site: Site, *mails: bytes) -> list[AutomaticLine]:
    for mail in mails or (a_form(),):
        site.mailbox.receive(mail)
        site.clock.advance(60)
    await site.services.sync.run()
    return list((await site.services.store.automatic_mails(200, None)).lines)


async def test_the_page_shows_what_came_and_why_it_is_automatic(site: Site) -> None:
    await arrived(site, a_form("<b>Offer</b>"))

    async with await site.browser(Role.OPERATOR) as browser:
        page = (await browser.get(PAGE)).text

    assert "&lt;b&gt;Offer&lt;/b&gt;" in page
    assert "The red light blinks. What shall I do?" in page
    assert "<b>Anna Keller</b> &lt;anna@keller.example&gt;" in page
    assert ADDRESS in page
    assert "automatic reply" in page
    assert page.count(BUTTON) == 1


async def test_a_viewer_reads_and_saves_but_makes_no_ticket(site: Site) -> None:
    raw = a_form()
    (line,) = await arrived(site, raw)

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(PAGE)).text
        saved = await browser.get(f"{PAGE}/{line.id}/raw")
        refused = await browser.post(f"{PAGE}/{line.id}/take_up")

    assert (BUTTON in page, refused.status_code) == (False, 403)
    assert f"{PAGE}/{line.id}/raw" in page
    assert saved.content == raw
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == f"attachment; filename*=UTF-8''{line.id}.eml"
    assert saved.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_the_button_leads_to_the_new_ticket_and_the_account_still_adds_up(site: Site) -> None:
    (line,) = await arrived(site)

    async with await site.browser(Role.OPERATOR) as browser:
        answer = await browser.post(f"{PAGE}/{line.id}/take_up")
        ticket = (await browser.get(answer.headers["location"])).text
        left = (await browser.get(PAGE)).text
        mailboxes = (await browser.get("/boards/mailboxes")).text

    assert answer.status_code == 303
    assert "Offer for a roof" in ticket
    assert "Made a ticket of an automatic mail" in ticket
    assert "All clear" in left
    assert "do not add up" not in mailboxes
    assert await site.recorded(EventKind.MAIL_TAKEN_UP) == ["operator:operator@desk.example"]


async def test_the_form_needs_the_token_of_its_page(site: Site) -> None:
    (line,) = await arrived(site)
    cookie, _ = await site.session_of(Role.OPERATOR)
    address, form = f"{PAGE}/{line.id}/take_up", {"content-type": "application/x-www-form-urlencoded"}

    without, _ = await status_of(site.app, "POST", address, {"cookie": f"ca_session={cookie}", **form})
    async with await site.browser(Role.OPERATOR) as browser:
        token = form_token(await browser.get(PAGE))
        del browser.headers["X-CSRF-Token"]
        with_token = await browser.post(address, data={"_csrf": token})

    assert (without, with_token.status_code) == (403, 303)


async def test_a_mail_that_is_on_a_ticket_already_is_refused_in_words(site: Site) -> None:
    (line,) = await arrived(site)

    async with await site.browser(Role.OPERATOR) as browser:
        await browser.post(f"{PAGE}/{line.id}/take_up")
        again = await browser.post(f"{PAGE}/{line.id}/take_up")
    async with await site.script(Scope.DRAFT) as script:
        told = problem(await script.post(f"/mails/{line.id}/take_up"), 409)

    assert again.status_code == 409
    assert "No ticket was made: This mail is on ticket #1 already. Open that ticket." in again.text
    assert told["detail"] == "This mail is on ticket #1 already. Open that ticket."


async def test_fifty_are_on_a_page_and_the_next_page_has_the_rest(site: Site) -> None:
    await arrived(site, *[a_form(f"Form {number:02}") for number in range(51)])

    async with await site.browser(Role.VIEWER) as browser:
        first = (await browser.get(PAGE)).text
        address = first.split('rel="next" href="')[1].split('"')[0]
        second = (await browser.get(address)).text

    assert (first.count("<b>Form "), second.count("<b>Form ")) == (50, 1)
    assert "<b>Form 00</b>" in second
    assert f'data-url="{address}"' in second
    assert 'rel="next"' not in second


async def test_a_cursor_that_is_none_of_the_lists_is_said_so(site: Site) -> None:
    async with await site.browser(Role.VIEWER) as browser, await site.script(Scope.READ) as script:
        page = await browser.get(PAGE, params={"cursor": "nonsense"})
        answer = await script.get("/mails/automatic", params={"cursor": "nonsense"})

    assert page.status_code == 400
    assert "cursor" in problem(answer, 400)["detail"]


async def test_mailboxes_and_quarantine_lead_to_the_page(site: Site) -> None:
    await arrived(site)

    async with await site.browser(Role.VIEWER) as browser:
        mailboxes = (await browser.get("/boards/mailboxes")).text
        quarantine = (await browser.get("/boards/quarantine")).text

    assert f'href="{PAGE}"' in mailboxes
    assert f'href="{PAGE}"' in quarantine


async def test_scripts_list_and_take_up(site: Site) -> None:
    newest, _ = lines = await arrived(site, a_form("First"), a_form("Second"))

    async with await site.script(Scope.READ, Scope.DRAFT) as script:
        first = (await script.get("/mails/automatic", params={"limit": 1})).json()
        rest = (await script.get("/mails/automatic", params={"cursor": first["next_cursor"]})).json()
        answer = await script.post(f"/mails/{newest.id}/take_up")
        left = (await script.get("/mails/automatic")).json()["items"]

    (listed,) = first["items"]
    assert [listed["id"], rest["items"][0]["id"]] == [str(line.id) for line in lines]
    assert (listed["subject"], listed["kind"], listed["why"]) == ("Second", "automatic", ["automatic reply"])
    assert (listed["from"]["address"], listed["mailbox"]) == ("anna@keller.example", ADDRESS)
    assert (rest["next_cursor"], len(left)) == (None, 1)
    assert answer.status_code == 200
    assert (answer.json()["subject"], answer.json()["status"]) == ("Second", "NEW")


@pytest.mark.parametrize(("method", "verb"), [("GET", "raw"), ("POST", "take_up")])
async def test_a_mail_that_is_not_there_is_said_so(site: Site, method: str, verb: str) -> None:
    async with await site.browser(Role.OPERATOR) as browser, await site.script(Scope.DRAFT) as script:
        page = await browser.request(method, f"{PAGE}/{uuid4()}/{verb}")
        answer = await script.post(f"/mails/{uuid4()}/take_up")

    assert page.status_code == 404
    problem(answer, 404)
