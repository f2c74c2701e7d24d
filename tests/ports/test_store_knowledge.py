"""The company's knowledge on both databases: versions, imports that can be repeated, and drafts that see a change."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.kept_knowledge import KeptKnowledge, write_folder
from adapters.knowledge import FolderKnowledge
from persistence.engine import Database, open_database
from persistence.knowledge import SqlKnowledgeBase
from persistence.record import first_break
from tests.ports.store_builders import NOW
from tickets.errors import BadInput, Conflict, NotFound
from tickets.knowledge_base import Imported, StaleArticle
from tickets.people import Actor
from tickets.ticket import Article

ADA = Actor("operator:ada@helios.example")
TERMS = Article("warranty-terms", "Warranty: terms", "Ten years on modules.", "warranty", "en", keywords=("terms",))


@pytest.fixture
def base(database: Database) -> SqlKnowledgeBase:
    return SqlKnowledgeBase(database)


async def test_every_version_stays_and_says_whose_it_is(base: SqlKnowledgeBase, database: Database) -> None:
    await base.put(TERMS, 0, ADA, NOW)
    await base.put(replace(TERMS, body="Twelve years."), 1, ADA, NOW)

    versions = await base.revisions(TERMS.id)

    assert [(each.revision, each.article.body) for each in versions] == [
        (2, "Twelve years."),
        (1, "Ten years on modules."),
    ]
    assert (await base.kept_article(TERMS.id)).changed_by == ADA.name
    assert await first_break(database) is None


async def test_who_is_second_writes_nothing(base: SqlKnowledgeBase) -> None:
    await base.put(TERMS, 0, ADA, NOW)
    await base.put(replace(TERMS, body="Twelve years."), 1, ADA, NOW)

    with pytest.raises(StaleArticle):
        await base.put(replace(TERMS, body="Lost?"), 1, ADA, NOW)
    with pytest.raises(Conflict, match="already"):
        await base.put(TERMS, 0, ADA, NOW)

    assert len(await base.revisions(TERMS.id)) == 2


async def test_what_cannot_be_kept_is_refused(base: SqlKnowledgeBase) -> None:
    for changes in ({"id": "No id"}, {"title": " "}, {"body": ""}, {"language": "English"}, {"keywords": ("x" * 81,)}):
        with pytest.raises(BadInput):
            await base.put(replace(TERMS, **changes), 0, ADA, NOW)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await base.kept_article("warranty-terms")


async def test_an_import_can_be_repeated(base: SqlKnowledgeBase, tmp_path: Path) -> None:
    more = replace(TERMS, id="more", title='More: "quoted" # and so on', is_macro=True, keywords=("a: b", "ü"))
    write_folder(tmp_path, [TERMS, more])
    folder = FolderKnowledge(tmp_path).articles

    first = await base.take_in(folder, ADA, NOW)
    again = await base.take_in(folder, ADA, NOW)
    changed = await base.take_in([replace(TERMS, body="Twelve years.")], ADA, NOW)

    assert {article.id: article for article in folder} == {TERMS.id: TERMS, more.id: more}
    assert (first, again, changed) == (Imported(2, 0, 0), Imported(0, 0, 2), Imported(0, 1, 0))
    assert [each.article.body for each in await base.revisions(TERMS.id)] == ["Twelve years.", TERMS.body]


async def test_a_change_is_used_at_once_in_every_process(base: SqlKnowledgeBase, database_url: str) -> None:
    elsewhere = open_database(database_url)
    knowledge = KeptKnowledge(SqlKnowledgeBase(elsewhere))
    await base.put(TERMS, 0, ADA, NOW)
    before = await knowledge.search("warranty", language="en", category="warranty", limit=3)

    await base.put(replace(TERMS, body="Twelve years."), 1, ADA, NOW)
    after = await knowledge.search("warranty", language="en", category="warranty", limit=3)
    said = knowledge.all_text()
    await base.retire(TERMS.id, True, ADA, NOW)
    retired = await knowledge.article(TERMS.id)
    await base.retire(TERMS.id, False, ADA, NOW)
    back = await knowledge.article(TERMS.id)
    await elsewhere.close()

    assert ([each.body for each in before], [each.body for each in after]) == ([TERMS.body], ["Twelve years."])
    assert "Twelve years." in said
    assert retired is None
    assert back
