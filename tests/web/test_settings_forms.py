"""The settings that are forms: what is typed holds, what cannot be meant comes back, who is second is asked."""

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.audit import EventKind
from tickets.categories import Categories
from tickets.desk_settings import BusinessHours, FollowUp, ServiceLevels, Target
from tickets.people import Role, Scope

HOURS = "/boards/settings/hours"
CATEGORIES = "/boards/settings/categories"
TYPED = {
    "version-business_hours": "0",
    "version-service_levels": "0",
    "version-follow_up": "0",
    "after_days": "14",
    "zone": "Europe/Berlin",
    "day-0": "on",
    "day-5": "on",
    "opens": "08:30",
    "closes": "18:00",
    "holidays": "2026-12-25\n2026-12-24, 2026-12-25",
    "answer-priority-urgent": "0,5",
    "solution-priority-urgent": "4",
    "answer-category-billing": "",
    "solution-category-billing": "",
}


@pytest.fixture
async def admin(site: Site) -> httpx.AsyncClient:
    return await site.browser(Role.ADMIN)


async def test_hours_and_targets_hold_once_they_are_saved(site: Site, admin: httpx.AsyncClient) -> None:
    answer = await admin.post(HOURS, data=TYPED)

    hours = await site.services.desk_settings.read(BusinessHours)
    levels = await site.services.desk_settings.read(ServiceLevels)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOURS}?saved=1")
    assert (hours.zone, hours.days, str(hours.opens), str(hours.closes)) == (
        "Europe/Berlin",
        (0, 5),
        "08:30:00",
        "18:00:00",
    )
    assert [str(day) for day in hours.holidays] == ["2026-12-24", "2026-12-25"]
    assert levels == ServiceLevels({"urgent": Target(30, 240)}, {})
    assert await site.services.desk_settings.read(FollowUp) == FollowUp(14)
    assert await site.recorded(EventKind.SETTINGS_CHANGED) == ["operator:admin@desk.example"] * 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zone": "Europe/Atlantis"}, "no such time zone"),
        ({"holidays": "<b>Easter</b>"}, "is no date"),
        ({"closes": "07:00"}, "close later"),
        ({"opens": "nine"}, "written like 09:00"),
        ({"answer-priority-urgent": "soon"}, "number of hours"),
        ({"answer-priority-urgent": "1e400"}, "number of hours"),
        ({"answer-priority-urgent": "-1"}, "more than nothing"),
    ],
)
async def test_what_cannot_be_meant_comes_back_as_it_was_typed(
    site: Site, admin: httpx.AsyncClient, changes: dict[str, str], said: str
) -> None:
    answer = await admin.post(HOURS, data=TYPED | {"zone": "Asia/Kathmandu"} | changes)

    (typed,) = changes.values()
    assert answer.status_code == 400
    assert said in answer.text
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert await site.services.desk_settings.read(BusinessHours) == BusinessHours()


async def test_who_is_second_sees_what_is_stored_beside_what_they_typed(site: Site, admin: httpx.AsyncClient) -> None:
    await admin.post(HOURS, data=TYPED)

    late = await admin.post(HOURS, data=TYPED | {"zone": "Asia/Kathmandu"})
    again = await admin.post(
        HOURS,
        data=TYPED
        | {
            "zone": "Asia/Kathmandu",
            "version-business_hours": "1",
            "version-service_levels": "1",
            "version-follow_up": "1",
        },
    )

    assert late.status_code == 409
    assert "Stored now: Europe/Berlin" in late.text
    assert 'name="version-business_hours" value="1"' in late.text
    assert again.status_code == 303
    assert (await site.services.desk_settings.read(BusinessHours)).zone == "Asia/Kathmandu"


async def test_a_category_is_added_renamed_retired_and_brought_back(site: Site, admin: httpx.AsyncClient) -> None:
    await admin.post(CATEGORIES, data={"title": "Battery take-back", "description": "old batteries", "version": "0"})
    await admin.post(
        f"{CATEGORIES}/battery-take-back", data={"title": "Take-back", "description": "old", "version": "1"}
    )
    await admin.post(f"{CATEGORIES}/battery-take-back", data={"use": "retire", "version": "2"})
    retired = (await site.services.desk_settings.read(Categories)).entry("battery-take-back")
    await admin.post(f"{CATEGORIES}/battery-take-back", data={"use": "restore", "version": "3"})

    kept = (await site.services.desk_settings.read(Categories)).entry("battery-take-back")
    assert (retired.title, retired.is_retired, kept.is_retired) == ("Take-back", True, False)


@pytest.mark.parametrize(
    ("address", "typed", "status", "said"),
    [
        (CATEGORIES, {"title": "Sales <i>", "description": "x" * 301, "version": "0"}, 400, "at most 300"),
        (CATEGORIES, {"title": "sales", "description": "offers", "version": "0"}, 409, "already"),
        (f"{CATEGORIES}/other", {"use": "retire", "version": "0"}, 400, "fits nowhere"),
        (f"{CATEGORIES}/sales", {"title": "Offers", "description": "quotes", "version": "7"}, 409, "Somebody else"),
    ],
)
async def test_a_category_that_is_refused_keeps_what_was_typed(
    admin: httpx.AsyncClient, address: str, typed: dict[str, str], status: int, said: str
) -> None:
    answer = await admin.post(address, data=typed)

    assert answer.status_code == status
    assert said in answer.text
    if "title" in typed:
        assert typed["title"].replace("<", "&lt;").replace(">", "&gt;") in answer.text


async def test_the_targets_of_a_category_are_set_beside_its_title(site: Site, admin: httpx.AsyncClient) -> None:
    typed = {"title": "Billing", "description": "", "version": "0", "version-service_levels": "0"}

    await admin.post(f"{CATEGORIES}/billing", data=typed | {"answer": "0,5", "solution": "4"})
    page = (await admin.get(CATEGORIES)).text
    stale = await admin.post(f"{CATEGORIES}/sales", data=typed | {"title": "Sales", "answer": "7", "solution": ""})
    wrong = await admin.post(
        CATEGORIES, data=typed | {"title": "New", "answer": "soon", "solution": "", "version": "1"}
    )

    levels = await site.services.desk_settings.read(ServiceLevels)
    assert levels.by_category == {"billing": Target(30, 240)}
    assert "answer in 0.5 h" in page
    assert (stale.status_code, 'value="7"' in stale.text) == (409, True)
    assert (wrong.status_code, 'value="soon"' in wrong.text) == (409, True)


async def test_scripts_read_the_categories_and_administrators_change_them(site: Site) -> None:
    reader, admin = await site.script(Scope.READ), await site.script(Scope.ADMIN)

    made = await admin.post("/settings/categories", json={"title": "Take-back", "answer_min": 90})
    changed = await admin.patch("/settings/categories/take-back", json={"description": "old", "is_retired": True})
    listed = await reader.get("/categories")

    assert (made.status_code, made.json()["key"]) == (201, "take-back")
    assert changed.json() == {
        "key": "take-back",
        "title": "Take-back",
        "description": "old",
        "is_retired": True,
        "answer_min": 90,
        "solution_min": None,
    }
    assert (await admin.get("/settings/categories/take-back")).json() == changed.json()
    assert (listed.json()["version"], listed.json()["items"][-2]["key"]) == (2, "take-back")
    problem(await admin.post("/settings/categories", json={"title": "Sales"}), 409)
    problem(await admin.patch("/settings/categories/weather", json={}), 404)
    problem(await reader.post("/settings/categories", json={"title": "Mine"}), 403)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        (
            "business-hours",
            {"zone": "UTC", "days": [0], "opens": "00:00", "closes": "00:00", "holidays": ["2026-12-24"]},
        ),
        ("service-levels", {"by_priority": {"high": {"answer_min": 30, "solution_min": None}}, "by_category": {}}),
        ("follow-up", {"after_days": None}),
    ],
)
async def test_scripts_replace_a_section_by_its_version(site: Site, section: str, value: dict[str, object]) -> None:
    admin = await site.script(Scope.ADMIN)

    written = await admin.put(f"/settings/{section}", json=value | {"version": 0})
    late = await admin.put(f"/settings/{section}", json=value | {"version": 0})

    assert written.status_code == 200, written.text
    assert {name: written.json()[name] for name in value} == value
    assert (await admin.get(f"/settings/{section}")).json()["version"] == 1
    problem(late, 409)


async def test_scripts_learn_what_cannot_be_meant(site: Site) -> None:
    admin = await site.script(Scope.ADMIN)
    hours = {"zone": "Mars", "days": [0], "opens": "09:00", "closes": "17:00", "holidays": [], "version": 0}

    told = problem(await admin.put("/settings/business-hours", json=hours), 400)

    assert "time zone" in told["detail"]
