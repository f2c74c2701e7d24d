"""Retention: what would go is counted before anything is saved; pages and REST say the same."""

from dataclasses import replace

from tests.web.asking import problem
from tests.web.site import Site
from tickets.desk_settings import Retention
from tickets.people import Role, Scope
from tickets.status import Status

PAGE = "/boards/settings/retention"
EMPTY = {"closed_after_days": "", "originals_after_days": "", "dismissed_after_days": "", "names_after_days": ""}


async def an_old_closed_ticket(site: Site) -> None:
    ticket = await site.ticket("Old matter")
    async with site.services.store.begin() as tx:
        await tx.save(replace(await tx.ticket(ticket.id), status=Status.DONE, settled_seq=1))
    site.clock.advance(40 * 86_400)


async def test_what_would_be_deleted_is_shown_before_it_is_saved(site: Site) -> None:
    await an_old_closed_ticket(site)
    typed = EMPTY | {"closed_after_days": "30", "version-retention": "0"}

    async with await site.browser(Role.ADMIN) as admin:
        first = await admin.post(PAGE, data=typed | {"do": "save"})
        before = await site.services.desk_settings.read(Retention)
        second = await admin.post(PAGE, data=typed | {"do": "sure"})

    assert (first.status_code, "1 closed ticket, with 1 mail" in " ".join(first.text.split())) == (200, True)
    assert before == Retention()
    assert second.status_code == 303
    assert await site.services.desk_settings.read(Retention) == Retention(closed_after_days=30)


async def test_what_deletes_nothing_is_saved_at_once_and_what_cannot_be_meant_comes_back(site: Site) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        saved = await admin.post(PAGE, data=EMPTY | {"names_after_days": "365", "version-retention": "0", "do": "save"})
        wrong = await admin.post(
            PAGE, data=EMPTY | {"names_after_days": "soon", "version-retention": "1", "do": "save"}
        )
        counted = await admin.post(PAGE, data=EMPTY | {"version-retention": "1", "do": "count"})

    assert saved.status_code == 303
    assert (wrong.status_code, 'value="soon"' in wrong.text) == (400, True)
    assert "Nothing is that old." in counted.text


async def test_scripts_try_then_set_the_periods_and_see_the_last_run(site: Site) -> None:
    await an_old_closed_ticket(site)
    periods = dict.fromkeys(EMPTY) | {"closed_after_days": 30}
    assert site.services.retaining

    async with await site.script(Scope.ADMIN) as script:
        tried = await script.post("/settings/retention/try", json=periods)
        put = await script.put("/settings/retention", json=periods | {"version": 0})
        stale = await script.put("/settings/retention", json=periods | {"version": 0})
        await site.services.retaining.run_if_due()
        read = (await script.get("/settings/retention")).json()

    assert tried.json() == {"tickets": 1, "mails": 1, "waiting": 0, "originals": 0, "dismissed": 0, "events": 0}
    assert (put.status_code, put.json()["last_run"]) == (200, None)
    problem(stale, 409)
    assert (read["closed_after_days"], read["last_run"]["forgotten"]["tickets"]) == (30, 1)
