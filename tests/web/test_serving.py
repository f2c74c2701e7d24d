"""Health, mounting below another site, and the files that pages load."""

import re

import pytest

from tests.web.site import Site
from tickets.errors import Unavailable

# --- health -----------------------------------------------------------------------------------------------------------


async def test_a_desk_that_works_is_ready(site: Site) -> None:
    answer = await site.visitor().get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "components": {"model": "local", "database": "ok", "mailboxes": "ok"},
    }


async def test_readiness_says_when_answers_are_written_without_a_model(site: Site) -> None:
    without = site.with_settings(model_notice="Answers are written without a model.")

    health = (await without.visitor().get("/health/ready")).json()

    assert health["status"] == "ok"
    assert health["components"]["model"] == "Answers are written without a model."


@pytest.mark.parametrize(("ill", "status"), [("mailboxes", 200), ("database", 503)])
async def test_a_degraded_desk_is_ready_as_long_as_it_can_answer(ill: str, status: int, site: Site) -> None:
    site.readiness.components[ill] = "does not answer"

    answer = await site.visitor().get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (status, "degraded")


async def test_a_readiness_that_fails_is_not_ready(site: Site) -> None:
    site.readiness.fault = Unavailable("postgresql://desk:password@db/desk is away")

    answer = await site.visitor().get("/health/ready")

    assert answer.status_code == 503
    assert "password" not in answer.text


# --- mounted elsewhere, assets ----------------------------------------------------------------------------------------


async def test_mounted_below_another_site_every_address_keeps_the_mount(site: Site) -> None:
    visitor = site.visitor(root_path="/app")

    sent_away = await visitor.get("/app/boards/new")
    form = await visitor.get("/app/login")
    schema = await visitor.get("/app/schema/openapi.json")

    assert sent_away.headers["location"] == "/app/login?next=%2Fboards%2Fnew"
    assert 'action="/app/login"' in form.text
    assert 'href="/app/static/' in form.text
    assert schema.json()["servers"] == [{"url": "/app/"}]


async def test_a_versioned_asset_is_kept_for_good_and_others_are_asked_for_again(site: Site) -> None:
    visitor = site.visitor()
    styles = re.search(r'href="(/static/[^"]+\.css\?v=[0-9a-f]+)"', (await visitor.get("/login")).text)
    assert styles

    versioned = await visitor.get(styles[1])
    plain = await visitor.get(styles[1].partition("?")[0])
    again = await visitor.get(styles[1], headers={"If-None-Match": versioned.headers["etag"]})

    assert "immutable" in versioned.headers["cache-control"]
    assert versioned.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" not in plain.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["../base.html", "..%2fbase.html", "%2e%2e/base.html", "/etc/passwd"])
async def test_only_files_of_the_static_folder_are_served(path: str, site: Site) -> None:
    assert (await site.visitor().get(f"/static/{path}")).status_code == 404


async def test_pages_load_nothing_from_another_host(site: Site) -> None:
    browser = await site.browser()

    for address in ("/login", "/boards/new", "/boards/api"):
        page = (await site.visitor().get(address)) if address == "/login" else await browser.get(address)
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text), address
