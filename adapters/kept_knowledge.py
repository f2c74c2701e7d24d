"""The Knowledge port over the knowledge base: drafts use a change at once, in every process."""

import asyncio
from pathlib import Path

import yaml

from adapters.knowledge import ListedKnowledge
from tickets.knowledge_base import KnowledgeBase
from tickets.ticket import Article


class KeptKnowledge:
    """Looks, before it searches, whether anything was changed, and only then reads all articles again."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._stamp: str | None = None
        self._listed = ListedKnowledge(())

    async def search(self, text: str, *, language: str, category: str, limit: int) -> tuple[Article, ...]:
        """Best first, of those in use."""
        return await (await self._current()).search(text, language=language, category=category, limit=limit)

    async def article(self, article_id: str) -> Article | None:
        """None when it is not there, or out of use."""
        return await (await self._current()).article(article_id)

    def all_text(self) -> str:
        """Of the articles as they were found last: whoever writes a draft has searched just before."""
        return self._listed.all_text()

    async def _current(self) -> ListedKnowledge:
        # The stamp is asked for first: what is read after it is at least as new.
        stamp = await self._base.stamp()
        if stamp != self._stamp:
            in_use = [kept.article for kept in await self._base.kept() if not kept.is_retired]
            self._listed, self._stamp = await asyncio.to_thread(ListedKnowledge, in_use), stamp
        return self._listed


def as_file(article: Article) -> str:
    """The article as the Markdown file that an import reads."""
    front = {
        "id": article.id,
        "title": article.title,
        "kind": "macro" if article.is_macro else "article",
        "category": article.category,
        "language": article.language,
        "keywords": list(article.keywords),
    }
    told = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{told}---\n{article.body}\n"


def write_folder(folder: Path, articles: list[Article]) -> None:
    """One file for each article, named by its id; files that are there already are written over."""
    folder.mkdir(parents=True, exist_ok=True)
    for article in articles:
        (folder / f"{article.id}.md").write_text(as_file(article), encoding="utf-8")
