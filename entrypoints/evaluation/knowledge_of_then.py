"""The company's articles as they stood at a time: what a draft of then could have known."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from adapters.knowledge import ListedKnowledge
from tickets.knowledge_base import KeptArticle, KnowledgeBase
from tickets.ticket import Article

_BEGINNING: Final = datetime(1, 1, 2, tzinfo=UTC)
_STATES: Final = 8  # states of the articles that are kept ready to be searched


class KnowledgeOfThen:
    """The port Knowledge, at the time that `as_of` names for the task that asks; without one, as it is today.

    Articles that are out of use today are left out at all times: when they went is not kept.
    """

    def __init__(self, revisions: Iterable[KeptArticle]) -> None:
        self._revisions = sorted(revisions, key=lambda each: (each.changed_at, each.revision))
        self._times = [each.changed_at for each in self._revisions]
        self._moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
        self._standing = lru_cache(_STATES)(self._stood)
        self._digest = lru_cache(_STATES)(self._digested)

    @contextmanager
    def as_of(self, moment: datetime | None) -> Iterator[None]:
        """Whoever asks inside, and the tasks started inside, see the articles of then; None for those of today."""
        token = self._moment.set(moment)
        try:
            yield
        finally:
            self._moment.reset(token)

    async def search(self, text: str, *, language: str, category: str, limit: int) -> tuple[Article, ...]:
        """Best first, of those that stood."""
        return await self._now.search(text, language=language, category=category, limit=limit)

    async def article(self, article_id: str) -> Article | None:
        """None when it did not stand."""
        return await self._now.article(article_id)

    def all_text(self) -> str:
        """Of the articles that stood."""
        return self._now.all_text()

    @property
    def moment(self) -> datetime | None:
        """The time of whoever asks."""
        return self._moment.get()

    @property
    def digest(self) -> str:
        """Of the text that stood: another one, another result."""
        return self._digest(self._changes)

    @property
    def _changes(self) -> int:
        moment = self._moment.get()
        return len(self._times) if moment is None else bisect_right(self._times, moment)

    @property
    def _now(self) -> ListedKnowledge:
        return self._standing(self._changes)

    def _digested(self, changes: int) -> str:
        return sha256(self._standing(changes).all_text().encode()).hexdigest()

    def _stood(self, changes: int) -> ListedKnowledge:
        latest = {each.article.id: each.article for each in self._revisions[:changes]}
        return ListedKnowledge(latest[article_id] for article_id in sorted(latest))


async def revisions_in(base: KnowledgeBase) -> Sequence[KeptArticle]:
    """Every version of every article that is in use."""
    in_use = [kept.article.id for kept in await base.kept() if not kept.is_retired]
    return [version for article_id in in_use for version in await base.revisions(article_id)]


def from_the_beginning(revisions: Iterable[KeptArticle]) -> tuple[KeptArticle, ...]:
    """With each article's first version standing since ever: an archive may be older than the desk."""
    listed = tuple(revisions)
    first = {each.article.id: min(r.revision for r in listed if r.article.id == each.article.id) for each in listed}
    return tuple(
        replace(each, changed_at=_BEGINNING) if each.revision == first[each.article.id] else each for each in listed
    )


def always(articles: Iterable[Article]) -> tuple[KeptArticle, ...]:
    """Articles that have no history: they stood at every time."""
    return tuple(KeptArticle(article, 1, "", _BEGINNING) for article in articles)
