"""LangGraph's client, as Agent Inbox uses it, on a desk that runs: find what waits, look, answer, follow."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from tests.service import Home, Rest, Service, a_mail, rest

ORIGIN = "https://inbox.example"
ANSWER = {"assistant_id": "ticket"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.at(
        tmp_path_factory.mktemp("inbox"),
        CA_ALLOW_STUDIO_APPROVAL="true",
        CA_AGENT_INBOX_ORIGINS=ORIGIN,
        CA_UNDO_WINDOW_S="3600",
    )


@pytest.fixture(scope="module")
def service(home: Home) -> Iterator[Service]:
    mailbox = home.maildir()
    for number in range(7):
        mailbox.deliver(a_mail(f"Inverter {number} shows an error", sender=f"Nora <nora{number}@example.net>"))
    with Service(home) as running:
        rest(running, home.token()).sync()
        yield running


@pytest.fixture(scope="module")
def desk(home: Home, service: Service) -> Rest:
    return rest(service, home.token())


@pytest.fixture
async def client(home: Home, service: Service) -> AsyncIterator[LangGraphClient]:
    inbox = get_client(url=f"{service.url}/agent-inbox", api_key=home.token())
    yield inbox
    await inbox.aclose()


async def waiting(client: LangGraphClient) -> Any:
    """The first thread that waits, with its question."""
    (thread,) = await client.threads.search(status="interrupted", metadata={"graph_id": "ticket"}, limit=1)
    return thread


def question(thread: Any) -> dict[str, Any]:
    ((interrupt,),) = thread["interrupts"].values()
    (asked,) = interrupt["value"]
    return dict(asked)


async def answered(client: LangGraphClient, thread: Any, resume: object, mode: Any = "values") -> list[Any]:
    """Every event of the run."""
    stream = client.runs.stream(thread["thread_id"], "ticket", command={"resume": resume}, stream_mode=mode)
    return [part async for part in stream]


async def test_what_waits_is_found_page_by_page(client: LangGraphClient) -> None:
    first = await client.threads.search(status="interrupted", limit=2)
    second = await client.threads.search(status="interrupted", limit=2, offset=2)
    others = await client.threads.search(metadata={"graph_id": "another"})

    assert len({thread["thread_id"] for thread in (*first, *second)}) == 4
    assert {thread["status"] for thread in first} == {"interrupted"}
    assert others == []


async def test_a_question_has_the_draft_and_never_the_customers_text(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)

    asked = question(thread)
    ticket = desk.ticket(thread["thread_id"])
    assert asked["action_request"] == {
        "action": "send_reply",
        "args": {"subject": ticket["draft"]["subject"], "body": ticket["draft"]["body"]},
    }
    assert asked["config"] == dict.fromkeys(("allow_ignore", "allow_respond", "allow_edit", "allow_accept"), True)
    assert "since Monday" not in str(asked)


async def test_the_state_names_what_is_next(client: LangGraphClient) -> None:
    thread = await waiting(client)

    state: Any = await client.threads.get_state(thread["thread_id"])
    alone = await client.threads.get(thread["thread_id"])

    assert state["next"] == ["human_approval"]
    assert state["tasks"][0]["interrupts"][0]["value"] == next(iter(thread["interrupts"].values()))[0]["value"]
    assert state["checkpoint"]["thread_id"] == alone["thread_id"] == thread["thread_id"]


async def test_feedback_brings_another_draft_while_one_follows(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)
    before = desk.ticket(thread["thread_id"])["revision"]

    parts = await answered(client, thread, [{"type": "response", "args": "Shorter, please"}])

    after = desk.ticket(thread["thread_id"])["revision"]
    assert [part.event for part in parts] == ["metadata", "values", "values"]
    assert after == before + 1
    assert parts[-1].data["__interrupt__"][0]["value"][0]["revision"] == after


async def test_accepting_approves_the_text_that_was_shown(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)
    shown = question(thread)["action_request"]

    parts = await answered(client, thread, [{"type": "accept", "args": shown}], mode=["updates", "events"])

    ticket = desk.ticket(thread["thread_id"])
    assert ticket["delivery"]["state"] == "approved"
    assert "events" in {part.event for part in parts}
    assert (await client.threads.get(thread["thread_id"]))["status"] == "busy"
    events = desk.get(f"/tickets/{ticket['id']}/events")["items"]
    assert [event["actor"][:6] for event in events if event["kind"] == "approved"] == ["token:"]


async def test_accepting_an_older_text_is_refused_and_says_why(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)
    old = {"action": "send_reply", "args": {"subject": "Re: something", "body": "Another text."}}

    parts = await answered(client, thread, [{"type": "accept", "args": old}])

    told = parts[-1].data["__interrupt__"][0]["value"][0]["description"]
    assert "Not done" in told
    assert desk.ticket(thread["thread_id"])["delivery"]["state"] == "none"


async def test_an_edit_is_a_new_revision_that_is_approved(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)
    edit = {"action": "send_reply", "args": {"subject": "Re: Inverter", "body": "We will call you."}}

    run = await client.runs.create(thread["thread_id"], "ticket", command={"resume": [{"type": "edit", "args": edit}]})

    ticket = desk.ticket(thread["thread_id"])
    assert run["status"] == "success"
    assert (ticket["draft"]["body"], ticket["delivery"]["state"]) == ("We will call you.", "approved")


async def test_ignoring_closes_without_a_reply(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)

    await answered(client, thread, [{"type": "ignore", "args": None}])

    assert desk.ticket(thread["thread_id"])["status"] == "DONE"
    assert (await client.threads.get(thread["thread_id"]))["status"] == "idle"


async def test_marking_as_resolved_closes(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)

    await client.threads.update_state(thread["thread_id"], None, as_node="__end__")

    assert desk.ticket(thread["thread_id"])["status"] == "DONE"


async def test_the_drives_own_word_means_nothing_from_outside(client: LangGraphClient, desk: Rest) -> None:
    thread = await waiting(client)

    await answered(client, thread, {"decision_id": thread["thread_id"]})

    assert desk.ticket(thread["thread_id"])["delivery"]["state"] == "none"


async def test_a_token_without_the_scope_is_offered_nothing_and_refused(home: Home, service: Service) -> None:
    reader = get_client(url=f"{service.url}/agent-inbox", api_key=home.token("tickets:read"))
    drafter = get_client(url=f"{service.url}/agent-inbox", api_key=home.token("tickets:read", "tickets:draft"))
    thread = await waiting(reader)

    assert set(question(thread)["config"].values()) == {False}
    for client, resume in ((reader, {"type": "ignore"}), (drafter, {"type": "accept"})):
        with pytest.raises(Exception, match="permission"):
            await client.runs.create(thread["thread_id"], "ticket", command={"resume": resume})
        await client.aclose()


@pytest.mark.parametrize("key", ["", "ca_wrong"])
async def test_without_a_token_nothing_is_told(key: str, service: Service) -> None:
    async with httpx.AsyncClient(base_url=f"{service.url}/agent-inbox", headers={"x-api-key": key}) as nobody:
        answers = [await nobody.get("/info"), await nobody.post("/threads/search", json={})]

    assert [answer.status_code for answer in answers] == [401, 401]


async def test_only_pages_of_the_origins_that_are_set_may_call(home: Home, service: Service) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    async with httpx.AsyncClient(base_url=service.url) as browser:
        known = await browser.options("/agent-inbox/threads/search", headers={"Origin": ORIGIN, **asks})
        stranger = await browser.options("/agent-inbox/threads/search", headers={"Origin": "https://x.example", **asks})
        elsewhere = await browser.options("/tickets", headers={"Origin": ORIGIN, **asks})
        told = await browser.get("/agent-inbox/info", headers={"Origin": ORIGIN, "x-api-key": home.token()})

    assert (known.status_code, known.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert "x-api-key" in known.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in stranger.headers
    assert "access-control-allow-origin" not in elsewhere.headers
    assert (told.status_code, told.headers["access-control-allow-origin"]) == (200, ORIGIN)


async def test_approving_is_off_unless_the_desk_allows_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.maildir().deliver(a_mail())
    with Service(home) as service:
        desk = rest(service, home.token())
        desk.sync()
        client = get_client(url=f"{service.url}/agent-inbox", api_key=home.token())
        thread = await waiting(client)
        parts = await answered(client, thread, [{"type": "accept", "args": None}])
        await client.aclose()
        ticket = desk.ticket(thread["thread_id"])
        kinds = [event["kind"] for event in desk.get(f"/tickets/{ticket['id']}/events")["items"]]

    assert question(thread)["config"]["allow_accept"] is False
    assert "is off" in parts[-1].data["__interrupt__"][0]["value"][0]["description"]
    assert ticket["delivery"]["state"] == "none"
    assert "studio_refused" in kinds
