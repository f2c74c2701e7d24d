"""What belongs to one ticket is not found through the address of another, nor what is somebody's own by others."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.service import a_mail
from tests.web.asking import form_token
from tests.web.routes import declared_routes
from tests.web.site import Site
from tests.web.test_auth import log_in
from tests.web.test_malformed import what_is_there
from tickets.people import Role, Scope

# Whose own routes hold an id below a ticket's: whatever is added below a ticket is asked for through another one.
BELOW = ("mail_id", "sha256", "note_id", "revision", "source")


@dataclass(frozen=True)
class Two:
    """A ticket with everything below it, and another without any of it."""

    known: dict[str, str]
    other: str


async def two(site: Site) -> Two:
    known = await what_is_there(site)
    script = await site.script(Scope.DRAFT)
    note = await script.post(f"/tickets/{known['ticket_id']}/notes", json={"text": "for us alone"})
    site.mailbox.receive(a_mail("My battery", "Battery?", "Carl <carl@battery.example>").as_bytes())
    (report,) = await site.services.sync.run()
    return Two({**known, "note_id": note.json()["id"], "revision": "1"}, str(report.ticket_ids[0]))


async def test_nothing_of_a_ticket_is_found_through_another(site: Site) -> None:
    there = await two(site)
    through_another = {**there.known, "ticket_id": there.other}
    found = []
    for route in declared_routes(site.app):
        if not route.path.startswith(("/tickets/{", "/boards/tickets/{")) or not any(
            f"{{{n}:" in route.path for n in BELOW
        ):
            continue
        asking = await (site.script(*Scope) if route.is_rest else site.browser(Role.ADMIN))
        body = (
            {"json": {"text": "changed", "revision": 1}} if route.is_rest else {"data": {"text": "x", "revision": "1"}}
        )
        more = body if route.is_change and route.method != "DELETE" else {}
        answer = await asking.request(route.method, route.at(through_another), **more)
        if answer.status_code not in (400, 404):
            found.append(f"{route}: {answer.status_code}")

    assert "\n".join(found) == ""
    assert (await (await site.script(Scope.READ)).get(f"/tickets/{there.known['ticket_id']}/notes")).json()["items"][0][
        "text"
    ] == "for us alone"


async def test_what_is_below_a_ticket_is_found_through_its_own_address(site: Site) -> None:
    """Or the test above would be glad of anything that is never found."""
    there = await two(site)
    script = await site.script(Scope.READ)
    ticket, mail, file = (there.known[name] for name in ("ticket_id", "mail_id", "sha256"))

    own = [
        await script.get(f"/tickets/{ticket}/mails/{mail}/raw"),
        await script.get(f"/tickets/{ticket}/attachments/{file}"),
    ]
    foreign = [
        await script.get(f"/tickets/{there.other}/mails/{mail}/raw"),
        await script.get(f"/tickets/{there.other}/mails/{uuid4()}/raw"),
    ]

    assert [answer.status_code for answer in own] == [200, 200]
    assert [answer.status_code for answer in foreign] == [404, 404]
    assert foreign[0].json()["detail"] == foreign[1].json()["detail"]


@pytest.mark.parametrize("way", ["end", "page"])
async def test_an_operators_sessions_are_nobody_elses(way: str, site: Site) -> None:
    await site.account("ada@desk.example")
    eve = site.visitor()
    await log_in(eve)
    eve.headers["x-csrf-token"] = form_token(await eve.get("/boards/me/security"))
    _, admins = await site.session_of(Role.ADMIN)

    if way == "end":
        answer = await eve.post(f"/boards/me/security/sessions/{admins.id_hash[:16]}/end")
    else:
        answer = await eve.get(f"/boards/settings/operators/{admins.operator.id}")

    assert answer.status_code == (404 if way == "end" else 403)
    assert await site.accounts.session(admins.id_hash) is not None
