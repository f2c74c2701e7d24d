"""The search as a page and over REST."""

import pytest

from tests.web.site import Site, a_mail
from tickets.people import Role, Scope


async def found_page(site: Site, typed: str, **query: str) -> str:
    async with await site.browser() as visitor:
        answer = await visitor.get("/boards/search", params={"q": typed, **query})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_page_without_words_explains_what_can_be_typed(site):
    page = await found_page(site, "")

    assert "What you can type" in page
    assert "from:ada@example.org" in page


async def test_a_hit_shows_its_ticket_the_words_in_their_sentence_and_who_wrote_them(site):
    ticket = await site.ticket("Inverter shows error 403")

    page = await found_page(site, '"light blinks"')

    assert f'href="/boards/tickets/{ticket.id}#mail-' in page
    assert "The red <mark>light</mark> <mark>blinks</mark>. What shall I do?" in page
    assert "Anna Keller" in page
    assert "1 ticket" in page


async def test_what_a_mail_says_is_shown_as_text_and_never_as_markup(site):
    await site.ticket("<script>alert(1)</script> & more")

    page = await found_page(site, "alert")

    assert "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; &amp; more" in page
    assert "<script>alert" not in page


async def test_what_is_typed_is_shown_as_text_and_kept_in_the_box(site):
    page = await found_page(site, '"><script>x</script>')

    assert "<script>x" not in page
    assert 'value="&#34;&gt;&lt;script&gt;x&lt;/script&gt;"' in page


async def test_what_was_not_understood_is_said(site):
    page = await found_page(site, "foo:light")

    assert "“foo:” is no operator of this search" in page


async def test_nothing_found_offers_the_next_step(site):
    await site.ticket()

    page = await found_page(site, "waschmaschine")

    assert "Nothing found" in page
    assert "What you can type" in page


async def test_the_page_says_mine_of_the_person_who_searches(site):
    ticket = await site.ticket()
    operator = await site.operator(Role.OPERATOR)
    async with await site.browser() as visitor:
        await visitor.post(f"/boards/tickets/{ticket.id}/assign", data={"assignee": operator.email})

    page = await found_page(site, "light is:mine")

    assert f"/boards/tickets/{ticket.id}" in page


async def test_a_cursor_of_another_search_leads_back_to_the_first_page(site):
    page = await found_page(site, "light", cursor="nonsense")

    assert "That page of the search is gone" in page
    assert "Search again" in page


async def test_many_hits_come_page_by_page(site):
    for number in range(27):
        site.mailbox.receive(a_mail(f"Inverter {number}", f"Anna <anna{number}@keller.example>"))
    await site.services.sync.run()

    first = await found_page(site, "inverter")

    assert "27 tickets" in first
    assert first.count(" data-ticket>") == 25
    assert 'rel="next"' in first


async def test_a_script_gets_the_same_with_places_instead_of_marks(site):
    ticket = await site.ticket()
    async with await site.script(Scope.READ) as script:
        answer = await script.get("/search", params={"q": '"red light" is:odd'})

    found = answer.json()
    (item,) = found["items"]
    assert item["ticket"]["id"] == str(ticket.id)
    text = item["hit"]["snippet"]["text"]
    assert [text[begin:end] for begin, end in item["hit"]["snippet"]["marks"]] == ["red", "light"]
    assert (found["total"], found["is_more"], found["next_cursor"]) == (1, False, None)


async def test_a_script_is_told_what_was_not_understood(site):
    async with await site.script(Scope.READ) as script:
        answer = await script.get("/search", params={"q": "is:mine is:odd"})

    assert len(answer.json()["remarks"]) == 2
    assert answer.json()["items"] == []


@pytest.mark.parametrize("query", [{}, {"q": "x" * 501}, {"q": "a\0b"}, {"q": "light", "cursor": "odd"}])
async def test_a_script_with_an_unusable_request_is_told_so(site, query):
    async with await site.script(Scope.READ) as script:
        answer = await script.get("/search", params=query)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_viewer_may_search(site):
    async with await site.browser(Role.VIEWER) as visitor:
        answer = await visitor.get("/boards/search", params={"q": "light"})

    assert answer.status_code == 200
