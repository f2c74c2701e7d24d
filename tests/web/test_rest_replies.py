"""What scripts choose around a reply's words, and the files that come and go."""

from typing import Any

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site

Script = httpx.AsyncClient


async def a_draft(site: Site, script: Script) -> tuple[str, dict[str, Any]]:
    ticket = await site.ticket()
    await site.draft(ticket)
    return f"/tickets/{ticket.id}", (await script.get(f"/tickets/{ticket.id}")).json()["draft"]


async def test_copies_can_be_chosen_without_sending_the_words_again(site: Site, script: Script) -> None:
    url, before = await a_draft(site, script)

    chosen = {"revision": before["revision"], "cc": ["Bo <bo@example.org>"], "bcc": ["jo@example.org"]}
    draft = (await script.post(f"{url}/draft", json=chosen)).json()["draft"]

    assert (draft["subject"], draft["body"]) == (before["subject"], before["body"])
    assert draft["cc"] == [{"name": "Bo", "address": "bo@example.org"}]
    assert draft["bcc"] == [{"name": "", "address": "jo@example.org"}]
    assert draft["content_hash"] != before["content_hash"]


async def test_the_customers_words_can_be_quoted(site: Site, script: Script) -> None:
    url, before = await a_draft(site, script)

    chosen = {"revision": before["revision"], "quote_original": True}
    draft = (await script.post(f"{url}/draft", json=chosen)).json()["draft"]

    assert before["quote"] == ""
    assert "\n> " in draft["quote"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"cc": ["nobody"]}, "name@example.com"),
        ({"answer_to": "reply_to"}, "no other address"),
        ({"subject": "Re: x"}, "together"),
    ],
)
async def test_what_cannot_be_chosen_is_said(asked: dict[str, Any], says: str, site: Site, script: Script) -> None:
    url, draft = await a_draft(site, script)

    told = problem(await script.post(f"{url}/draft", json={"revision": draft["revision"], **asked}), 400)

    assert says in told["detail"]


async def test_choices_need_a_draft_or_words(site: Site, script: Script) -> None:
    ticket = await site.ticket()

    told = problem(
        await script.post(f"/tickets/{ticket.id}/draft", json={"revision": 0, "cc": ["bo@example.org"]}), 409
    )

    assert "no draft yet" in told["detail"]


async def test_a_file_is_added_read_back_and_taken_out(site: Site, script: Script) -> None:
    url, draft = await a_draft(site, script)

    added = await script.post(
        f"{url}/attachments",
        data={"revision": str(draft["revision"])},
        files={"file": ("Angebot für Müller.pdf", b"%PDF-1", "application/pdf")},
    )
    draft = added.json()["draft"]
    (file,) = draft["attachments"]
    read = await script.get(f"{url}/attachments/{file['sha256']}")
    removed = await script.delete(f"{url}/attachments/{file['sha256']}", params={"revision": draft["revision"]})

    assert (file["filename"], file["type"], file["size"]) == ("Angebot für Müller.pdf", "application/pdf", 6)
    assert (read.content, read.headers["content-type"]) == (b"%PDF-1", "application/octet-stream")
    assert read.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Angebot%20f%C3%BCr")
    assert removed.json()["draft"]["attachments"] == []


async def test_a_file_for_a_draft_that_was_replaced_is_refused(site: Site, script: Script) -> None:
    url, draft = await a_draft(site, script)
    file = {"file": ("a.txt", b"a", "text/plain")}
    await script.post(f"{url}/attachments", data={"revision": str(draft["revision"])}, files=file)

    again = await script.post(f"{url}/attachments", data={"revision": str(draft["revision"])}, files=file)

    assert problem(again, 409)["type"].endswith(":stale-draft")


@pytest.mark.parametrize("path", ["attachments/" + "0" * 64, "mails/00000000-0000-0000-0000-000000000000/raw"])
async def test_what_the_ticket_does_not_have_is_not_found(path: str, site: Site, script: Script) -> None:
    url, _ = await a_draft(site, script)

    problem(await script.get(f"{url}/{path}"), 404)


async def test_a_mail_can_be_read_as_it_came(site: Site, script: Script) -> None:
    ticket = await site.ticket()
    (message,) = (await script.get(f"/tickets/{ticket.id}")).json()["messages"]

    raw = await script.get(f"/tickets/{ticket.id}/mails/{message['id']}/raw")

    assert raw.status_code == 200
    assert raw.headers["content-disposition"].endswith(".eml")
    assert raw.headers["x-content-type-options"] == "nosniff"
