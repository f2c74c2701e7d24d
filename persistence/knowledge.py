"""The articles and macros of the company, with their versions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.packing import Columns
from persistence.rows_knowledge import article_revisions, articles
from persistence.unit import Unit, unit_of_work
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict, NotFound
from tickets.knowledge_base import Imported, KeptArticle, StaleArticle, checked
from tickets.people import Actor
from tickets.ticket import Article

GONE: Final = "There is no such article. Reload the list of articles."
_CURRENT: Final = (
    select(articles.c.is_retired, article_revisions)
    .join(
        article_revisions,
        (article_revisions.c.article_id == articles.c.id) & (article_revisions.c.revision == articles.c.revision),
    )
    .order_by(articles.c.id)
)


class SqlKnowledgeBase:
    """The port KnowledgeBase."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stamp(self) -> str:
        retired = func.sum(articles.c.is_retired.cast(articles.c.revision.type))
        query = select(func.count(), func.sum(articles.c.revision), retired).select_from(articles)
        async with self._database.read() as connection:
            return "/".join(str(number) for number in (await connection.execute(query)).one())

    async def kept(self) -> tuple[KeptArticle, ...]:
        async with self._database.read() as connection:
            return tuple(_kept(row) for row in await connection.execute(_CURRENT))

    async def kept_article(self, article_id: str) -> KeptArticle:
        async with self._database.read() as connection:
            return await _one(connection, article_id)

    async def revisions(self, article_id: str) -> tuple[KeptArticle, ...]:
        query = (
            select(articles.c.is_retired, article_revisions)
            .join(article_revisions, article_revisions.c.article_id == articles.c.id)
            .where(articles.c.id == article_id)
            .order_by(article_revisions.c.revision.desc())
        )
        async with self._database.read() as connection:
            found = tuple(_kept(row) for row in await connection.execute(query))
        if not found:
            raise NotFound(GONE)
        return found

    async def put(self, article: Article, revision: int, by: Actor, now: datetime) -> int:
        article = checked(article)
        async with unit_of_work(self._database) as unit:
            await _put(unit, article, revision, by, now)
            said: Fields = {"article": article.id, "revision": revision + 1}
            unit.events.append(AuditEvent(EventKind.KNOWLEDGE_CHANGED, by.name, now, fields=said))
        return revision + 1

    async def retire(self, article_id: str, is_retired: bool, by: Actor, now: datetime) -> None:
        async with unit_of_work(self._database) as unit:
            changed = update(articles).where(articles.c.id == article_id).values(is_retired=is_retired)
            row = (await unit.connection.execute(changed.returning(articles.c.revision))).first()
            if row is None:
                raise NotFound(GONE)
            said: Fields = {"article": article_id, "revision": row.revision, "is_retired": is_retired}
            unit.events.append(AuditEvent(EventKind.KNOWLEDGE_CHANGED, by.name, now, fields=said))

    async def take_in(self, articles: Sequence[Article], by: Actor, now: datetime) -> Imported:
        added = changed = unchanged = 0
        async with unit_of_work(self._database) as unit:
            known = {row.article_id: _kept(row) for row in await unit.connection.execute(_CURRENT)}
            for article in map(checked, articles):
                before = known.get(article.id)
                if before and before.article == article:
                    unchanged += 1
                    continue
                await _put(unit, article, before.revision if before else 0, by, now)
                added, changed = (added, changed + 1) if before else (added + 1, changed)
            if added or changed:
                said: Fields = {"added": added, "changed": changed}
                unit.events.append(AuditEvent(EventKind.KNOWLEDGE_IMPORTED, by.name, now, fields=said))
        return Imported(added, changed, unchanged)


async def _put(unit: Unit, article: Article, revision: int, by: Actor, now: datetime) -> None:
    """Compare and set the current version; its text is a row of its own."""
    write: Any
    if revision:
        is_that = (articles.c.id == article.id) & (articles.c.revision == revision)
        write = update(articles).where(is_that).values(revision=revision + 1)
    else:
        row = {"id": article.id, "revision": 1, "is_retired": False}
        write = unit.upsert(articles).values(row).on_conflict_do_nothing(index_elements=["id"])
    if (await unit.connection.execute(write.returning(articles.c.id))).first() is None:
        raise StaleArticle() if revision else Conflict("There is an article with this id already. Choose another one.")
    await unit.connection.execute(insert(article_revisions), _row(article, revision + 1, by, now))


def _row(article: Article, revision: int, by: Actor, now: datetime) -> Columns:
    return {
        "article_id": article.id,
        "revision": revision,
        "title": article.title,
        "body": article.body,
        "category": article.category,
        "language": article.language,
        "is_macro": article.is_macro,
        "keywords": list(article.keywords),
        "changed_by": by.name,
        "changed_at": now,
    }


async def _one(connection: AsyncConnection, article_id: str) -> KeptArticle:
    row = (await connection.execute(_CURRENT.where(articles.c.id == article_id))).first()
    if row is None:
        raise NotFound(GONE)
    return _kept(row)


def _kept(row: Row[Any]) -> KeptArticle:
    article = Article(
        id=row.article_id,
        title=row.title,
        body=row.body,
        category=row.category,
        language=row.language,
        is_macro=row.is_macro,
        keywords=tuple(row.keywords),
    )
    return KeptArticle(article, row.revision, row.changed_by, row.changed_at, row.is_retired)
