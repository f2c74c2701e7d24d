"""The REST interface as scripts see it: names, shapes, statuses and errors that outsiders rely on."""

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import ADDRESS, Site, a_mail
from tickets.people import CONSOLE, Role

IN_LISTS = {
    "id",
    "number",
    "status",
    "subject",
    "requester",
    "mailbox",
    "category",
    "priority",
    "language",
    "sentiment",
    "summary",
    "confidence",
    "assignee",
    "first_approved_by",
    "tags",
    "snooze",
    "came_back",
    "created_at",
    "updated_at",
}
IN_FULL = {"messages", "triage", "plan", "draft", "delivery"}


# --- sync -------------------------------------------------------------------------------------------------------------


async def test_a_sync_reports_each_mailbox(site: Site, script: httpx.AsyncClient) -> None:
    site.mailbox.receive(a_mail("Quote for 12 panels"))

    answer = await script.post("/sync/run")

    (report,) = answer.json()["mailboxes"]
    counts = {"opened": 1, "appended": 0, "automatic": 0, "skipped": 0, "quarantined": 0, "failed": 0}
    assert answer.status_code == 200
    assert report | counts == report
    assert report["address"] == ADDRESS
    assert site.waiting.asked == []


async def test_a_sync_that_waits_does_so_for_the_tickets_it_touched(site: Site, script: httpx.AsyncClient) -> None:
    site.mailbox.receive(a_mail("Quote for 12 panels"))

    await script.post("/sync/run?wait_s=20")

    (line,) = (await script.get("/tickets")).json()["items"]
    assert [([str(one) for one in ids], wait) for ids, wait in site.waiting.asked] == [([line["id"]], 20.0)]


@pytest.mark.parametrize("wait_s", ["61", "-1", "nan", "inf", "soon"])
async def test_one_can_wait_a_minute_at_most(wait_s: str, script: httpx.AsyncClient) -> None:
    told = problem(await script.post(f"/sync/run?wait_s={wait_s}"), 400)

    assert told["errors"][0]["field"] == "wait_s"


async def test_a_mailbox_that_cannot_be_read_is_in_the_report(site: Site, script: httpx.AsyncClient) -> None:
    site.mailbox.will("unavailable", on="changes")

    answer = await script.post("/sync/run")

    assert answer.status_code == 200
    assert answer.json()["mailboxes"][0]["error"]


# --- reading ----------------------------------------------------------------------------------------------------------


async def test_a_list_shows_tickets_with_the_documented_names(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket("Inverter shows error 403")

    answer = await script.get("/tickets")

    (line,) = answer.json()["items"]
    assert set(line) == IN_LISTS
    assert (line["id"], line["number"], line["status"]) == (str(ticket.id), 1, "NEW")
    assert line["requester"] == {"name": "Anna Keller", "address": "anna@keller.example"}
    assert line["mailbox"] == ADDRESS
    assert answer.json()["next_cursor"] is None


async def test_pages_of_a_list_neither_repeat_nor_lose_a_ticket(site: Site, script: httpx.AsyncClient) -> None:
    for number in range(5):
        await site.ticket(f"Matter {number}")

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await script.get("/tickets", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += [item["subject"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(found) == [f"Matter {number}" for number in range(5)]


async def test_a_list_is_filtered(site: Site, script: httpx.AsyncClient) -> None:
    inverter, quote = await site.ticket("Inverter is silent"), await site.ticket("Quote for panels")
    await site.operator(Role.OPERATOR)
    await site.services.desk.assign(quote.id, "operator@desk.example", by=CONSOLE)
    await site.services.desk.close(inverter.id, by=CONSOLE)

    async def numbers(**filters: str) -> list[int]:
        return [item["number"] for item in (await script.get("/tickets", params=filters)).json()["items"]]

    assert await numbers(status="DONE") == [inverter.number]
    assert await numbers(status="NEW") == [quote.number]
    assert await numbers(assignee="operator@desk.example") == [quote.number]
    assert await numbers(q="inverter") == [inverter.number]
    assert await numbers(q="inverter", status="NEW") == []


@pytest.mark.parametrize(
    ("query", "field"), [("status=OPEN", "status"), ("limit=0", "limit"), ("limit=201", "limit"), ("q=%00", "q")]
)
async def test_a_filter_that_cannot_be_used_is_named(query: str, field: str, script: httpx.AsyncClient) -> None:
    told = problem(await script.get(f"/tickets?{query}"), 400)

    assert [error["field"] for error in told["errors"]] == [field]
    assert told["detail"].startswith(f"{field}: ")


async def test_a_cursor_of_no_list_is_told(script: httpx.AsyncClient) -> None:
    problem(await script.get("/tickets?cursor=elsewhere"), 400)


async def test_a_ticket_in_full_has_everything_an_answer_needs(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    full = (await script.get(f"/tickets/{ticket.id}")).json()

    assert set(full) >= IN_LISTS | IN_FULL
    assert full["draft"] | {"revision": 1, "subject": draft.subject, "body": draft.body} == full["draft"]
    assert full["draft"]["to"] == [{"name": "Anna Keller", "address": "anna@keller.example"}]
    assert full["draft"]["content_hash"] == draft.content_hash
    assert {"cc", "sources", "flags", "written_by"} <= set(full["draft"])
    assert full["delivery"] == {"state": "none", "undo_until": None, "detail": None}


async def test_a_message_says_who_wrote_what_to_whom(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    (message,) = (await script.get(f"/tickets/{ticket.id}")).json()["messages"]

    assert (message["kind"], message["direction"], message["sender_verdict"]) == ("customer", "in", "unverified")
    assert message["from"] == {"name": "Anna Keller", "address": "anna@keller.example"}
    assert [to["address"] for to in message["to"]] == [ADDRESS]
    assert message["cc"] == []
    assert message["subject"] == ticket.subject
    assert message["sent_at"] == "2026-03-02T08:00:00Z"
    assert message["text"].strip() == message["visible_text"].strip() == "The red light blinks. What shall I do?"
    (attachment,) = message["attachments"]
    assert (attachment["filename"], attachment["type"], attachment["size"]) == ("light.png", "image/png", 7)
    assert len(attachment["sha256"]) == 64


async def test_the_audit_trail_of_a_ticket_is_read_oldest_first(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await script.post(f"/tickets/{ticket.id}/status", json={"status": "DONE"})

    events = (await script.get(f"/tickets/{ticket.id}/events")).json()["items"]

    assert [event["kind"] for event in events] == ["mail_arrived", "closed"]
    assert events[1]["actor"].startswith("token:test")
    assert set(events[0]) == {"kind", "actor", "at", "fields"}


@pytest.mark.parametrize("ticket_id", ["0a6f4f0e-5b1e-4c52-9f0a-3d1c2b4a5e6f", "no-uuid"])
@pytest.mark.parametrize("what", ["", "/events"])
async def test_a_ticket_that_is_not_there_is_not_found(ticket_id: str, what: str, script: httpx.AsyncClient) -> None:
    problem(await script.get(f"/tickets/{ticket_id}{what}"), 404)


# --- the description --------------------------------------------------------------------------------------------------


async def test_the_schema_describes_every_operation_and_its_errors(site: Site) -> None:
    schema = (await site.visitor().get("/schema/openapi.json")).json()

    operations = [said for path in schema["paths"].values() for said in path.values()]
    rest = [said for path, said in schema["paths"].items() if path.startswith(("/tickets", "/sync"))]
    assert set(schema["paths"]) >= {"/tickets", "/tickets/{ticket_id}/approve_send", "/sync/run", "/health/live"}
    assert not any(path.startswith(("/boards", "/login")) for path in schema["paths"])
    assert all(operation["description"] for operation in operations)
    for operation in (one for methods in rest for one in methods.values()):
        assert {"400", "401", "403", "500"} <= set(operation["responses"])
        assert "application/problem+json" in operation["responses"]["401"]["content"]
        assert operation["security"] == [{"token": []}]


async def test_the_schema_closes_the_bodies_that_are_checked_strictly(site: Site) -> None:
    schemas = (await site.visitor().get("/schema/openapi.json")).json()["components"]["schemas"]

    by_agent, by_hand, around = schemas["DraftRequest"]["anyOf"]
    assert schemas["Approval"]["additionalProperties"] is False
    assert set(by_agent["properties"]) == {"feedback"}
    assert by_hand["required"] == ["subject", "body"]
    choices = {"answer_to", "reply_all", "cc", "bcc", "signature", "quote_original", "attachments", "revision"}
    assert set(around["properties"]) == choices == set(by_hand["properties"]) - {"subject", "body"}
    assert schemas["MergeRequest"]["additionalProperties"] is False


async def test_people_read_the_description_on_a_page(site: Site) -> None:
    page = (await (await site.browser(Role.VIEWER)).get("/boards/api")).text

    assert 'id="post-tickets-ticket-id-approve-send"' in page
    assert "Approve exactly this revision" in page
    assert "&#34;content_hash&#34;: &#34;0f3c…&#34;" in page
    assert "<style" not in page
    assert "<script>" not in page
