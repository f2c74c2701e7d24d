"""The quarantine: why a mail is there, its bytes to save and never to show, and another try."""

from uuid import uuid4

import pytest

from tests.web.asking import problem
from tests.web.site import Site, a_mail
from tickets.boards import QuarantineLine
from tickets.people import Role, Scope
from tickets.ports import Incoming

PAGE = "/boards/quarantine"


async def put_aside(site: Site, raw: bytes, reason: str = "It has <b>too many</b> parts.") -> QuarantineLine:
    (box,) = await site.services.store.mailboxes()
    incoming = Incoming("put-aside", raw, site.clock.now())
    async with site.services.store.begin() as tx:
        await tx.receive(box.id, [(incoming.provider_id, incoming.received_at)])
        await tx.quarantine(box.id, incoming, reason)
    (line,) = await site.services.boards.quarantined(10)
    return line


async def test_the_page_says_why_a_mail_is_there_in_plain_words(site: Site) -> None:
    line = await put_aside(site, a_mail("Broken"))

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(PAGE)).text

    assert "It has &lt;b&gt;too many&lt;/b&gt; parts." in page
    assert f"{PAGE}/{line.id}/raw" in page
    assert f"{PAGE}/{line.id}/retry" not in page


async def test_what_a_mail_claims_of_itself_is_shown_as_text(site: Site) -> None:
    raw = b"From: =?utf-8?q?J=C3=B6?= <jo@x.example>\r\nSubject: <i>Win</i>\r\n now\r\nFrom: b@x.example\r\n\r\n"
    await put_aside(site, raw + b"Subject: not this\r\n" * 100_000)

    async with await site.browser(Role.VIEWER) as browser, await site.script(Scope.READ) as script:
        page = (await browser.get(PAGE)).text
        (told,) = (await script.get("/quarantine")).json()["items"]

    assert "&lt;i&gt;Win&lt;/i&gt; now" in page
    assert "Jö &lt;jo@x.example&gt;" in page
    assert (told["sender"], told["subject"]) == ("Jö <jo@x.example>", "<i>Win</i> now")


async def test_a_mail_without_a_header_that_can_be_read_says_so(site: Site) -> None:
    await put_aside(site, b"\xff\x00" * 9_000)

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(PAGE)).text

    assert "no sender that could be read" in page
    assert "(no subject)" in page


async def test_the_mail_is_saved_as_it_came_and_never_shown(site: Site) -> None:
    raw = b"From: x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>"
    line = await put_aside(site, raw)

    async with await site.browser(Role.VIEWER) as browser:
        answer = await browser.get(f"{PAGE}/{line.id}/raw")

    assert answer.content == raw
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{line.id}.eml"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_another_try_files_the_mail_and_the_account_still_adds_up(site: Site) -> None:
    line = await put_aside(site, a_mail("Readable after all"))

    async with await site.browser(Role.OPERATOR) as browser:
        answer = await browser.post(f"{PAGE}/{line.id}/retry")
        page = (await browser.get(answer.headers["location"])).text
        board = (await browser.get("/boards/new")).text

    assert (answer.status_code, "All clear" in page, "Readable after all" in board) == (303, True, True)
    assert "do not add up" not in board


async def test_a_dismissed_mail_leaves_the_board_and_the_account_still_adds_up(site: Site) -> None:
    line = await put_aside(site, a_mail("Not for us"))

    async with await site.browser(Role.OPERATOR) as browser:
        answer = await browser.post(f"{PAGE}/{line.id}/dismiss")
        page = (await browser.get(answer.headers["location"])).text
        board = (await browser.get("/boards/new")).text

    assert (answer.status_code, "is dismissed" in page, "All clear" in page) == (303, True, True)
    assert "do not add up" not in board


async def test_scripts_dismiss(site: Site) -> None:
    line = await put_aside(site, a_mail("Not for us"))

    async with await site.script(Scope.READ, Scope.SYNC) as script:
        gone = await script.post(f"/quarantine/{line.id}/dismiss")
        after = (await script.get("/quarantine")).json()["items"]
        again = problem(await script.post(f"/quarantine/{line.id}/dismiss"), 404)

    assert (gone.status_code, after) == (204, [])
    assert again["detail"]


async def test_a_try_that_fails_again_leaves_the_mail_where_it_is_and_says_why(site: Site) -> None:
    endless = b"To: " + b",\r\n ".join(b"a%d@b.example" % n for n in range(60_000)) + b"\r\n\r\n"
    line = await put_aside(site, endless)

    async with await site.browser(Role.OPERATOR) as browser:
        answer = await browser.post(f"{PAGE}/{line.id}/retry")
    async with await site.script(Scope.SYNC) as script:
        told = problem(await script.post(f"/quarantine/{line.id}/retry"), 409)

    assert answer.status_code == 409
    assert "It stays in quarantine" in answer.text
    assert told["detail"]
    assert len(await site.services.boards.quarantined(10)) == 1


async def test_scripts_list_fetch_and_retry(site: Site) -> None:
    raw = a_mail("By script")
    line = await put_aside(site, raw)

    async with await site.script(Scope.READ, Scope.SYNC) as script:
        (listed,) = (await script.get("/quarantine")).json()["items"]
        fetched = await script.get(f"/quarantine/{line.id}/raw")
        filed = await script.post(f"/quarantine/{line.id}/retry")
        after = (await script.get("/quarantine")).json()["items"]

    assert (listed["id"], listed["reason"]) == (str(line.id), "It has <b>too many</b> parts.")
    assert (fetched.content, fetched.headers["x-content-type-options"]) == (raw, "nosniff")
    assert (filed.status_code, after) == (204, [])


@pytest.mark.parametrize("verb", ["retry", "dismiss"])
async def test_a_second_click_is_answered_calmly(site: Site, verb: str) -> None:
    line = await put_aside(site, a_mail("Clicked twice"))

    async with await site.browser(Role.OPERATOR) as browser:
        await browser.post(f"{PAGE}/{line.id}/{verb}")
        again = await browser.post(f"{PAGE}/{line.id}/{verb}")
        page = (await browser.get(again.headers["location"])).text

    assert again.status_code == 303
    assert "not in quarantine any more" in page


@pytest.mark.parametrize(("method", "verb"), [("GET", "raw"), ("POST", "retry"), ("POST", "dismiss")])
async def test_scripts_are_told_of_a_mail_that_is_not_there(site: Site, method: str, verb: str) -> None:
    async with await site.script(Scope.ADMIN) as script:
        answer = await script.request(method, f"/quarantine/{uuid4()}/{verb}")

    problem(answer, 404)
