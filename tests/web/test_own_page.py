"""What people set for themselves."""

from tests.web.browsing import page_of
from tests.web.site import Site


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
