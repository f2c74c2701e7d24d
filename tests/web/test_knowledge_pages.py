"""Articles and ready texts on their pages and by REST: written, looked at, brought back, never lost half typed."""

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.people import Role, Scope

PAGE = "/boards/settings/knowledge"
TYPED = {
    "title": "Warranty: terms",
    "body": "Ten years on *modules*, says {{operator_name}}.",
    "category": "warranty",
    "language": "en",
    "kind": "macro",
    "keywords": "terms, years",
}
ONE = f"{PAGE}/articles/warranty-terms"


@pytest.fixture
async def admin(site: Site) -> httpx.AsyncClient:
    return await site.browser(Role.ADMIN)


async def body(site: Site) -> str:
    assert site.services.knowledge_base
    return (await site.services.knowledge_base.kept_article("warranty-terms")).article.body


async def test_an_article_is_kept_found_and_shown(admin: httpx.AsyncClient) -> None:
    kept = await admin.post(f"{PAGE}/+", data=TYPED)
    found, none = await admin.get(f"{PAGE}?q=modules&kind=macro"), await admin.get(f"{PAGE}?q=inverter")
    page = await admin.get(ONE)

    assert kept.status_code == 303
    assert "Warranty: terms" in found.text
    assert "Nothing fits" in none.text
    assert 'value="terms, years"' in page.text


async def test_a_preview_is_clean_and_keeps_nothing(site: Site, admin: httpx.AsyncClient) -> None:
    hostile = TYPED | {"body": "<script>alert(1)</script> *so* {{gap}}", "do": "preview"}

    answer = await admin.post(f"{PAGE}/+", data=hostile)

    assert answer.status_code == 200
    assert "<em>so</em>" in answer.text
    assert "<script>alert" not in answer.text
    assert "Blanks: gap" in answer.text
    assert site.services.knowledge_base
    assert await site.services.knowledge_base.kept() == ()


async def test_an_old_version_comes_back_as_a_new_one(site: Site, admin: httpx.AsyncClient) -> None:
    await admin.post(f"{PAGE}/+", data=TYPED)
    await admin.post(ONE, data=TYPED | {"body": "Twelve years.", "revision": "1"})
    changed = await body(site)

    await admin.post(ONE, data={"do": "again", "version": "1", "revision": "2"})

    assert (changed, await body(site)) == ("Twelve years.", TYPED["body"])
    assert "Version 3" in (await admin.get(ONE)).text


async def test_who_is_second_sees_both_texts(site: Site, admin: httpx.AsyncClient) -> None:
    await admin.post(f"{PAGE}/+", data=TYPED)
    await admin.post(ONE, data=TYPED | {"body": "Twelve years.", "revision": "1"})

    late = await admin.post(ONE, data=TYPED | {"body": "Eleven <years>.", "revision": "1"})

    assert late.status_code == 409
    assert "Eleven &lt;years&gt;." in late.text
    assert "What is stored now" in late.text
    assert await body(site) == "Twelve years."


@pytest.mark.parametrize(
    ("changes", "said"), [({"body": " "}, "needs a text"), ({"language": "Klingon"}, "two letters")]
)
async def test_a_refused_article_comes_back(admin: httpx.AsyncClient, changes: dict[str, str], said: str) -> None:
    answer = await admin.post(f"{PAGE}/+", data=TYPED | changes)

    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="Warranty: terms"' in answer.text


async def test_scripts_keep_articles_too(site: Site) -> None:
    admin, reader = await site.script(Scope.ADMIN), await site.script(Scope.READ)
    value = {"title": "Terms", "body": "Ten years.", "category": "warranty", "language": "en"}

    made = await admin.post("/settings/knowledge", json=value)
    changed = await admin.put("/settings/knowledge/terms", json=value | {"body": "Twelve.", "revision": 1})
    retired = await admin.put("/settings/knowledge/terms/use", json={"is_retired": True})
    versions = await reader.get("/knowledge/terms/revisions")

    assert (made.status_code, made.json()["id"], changed.json()["revision"]) == (201, "terms", 2)
    assert retired.json()["is_retired"] is True
    assert [each["body"] for each in versions.json()["items"]] == ["Twelve.", "Ten years."]
    assert len((await reader.get("/knowledge")).json()["items"]) == 1
    problem(await admin.put("/settings/knowledge/terms", json=value | {"revision": 1}), 409)
    problem(await admin.put("/settings/knowledge/none", json=value | {"revision": 1}), 404)
    problem(await reader.post("/settings/knowledge", json=value), 403)
