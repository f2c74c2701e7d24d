"""What scripts send and get of the company's knowledge (the wire shapes of /knowledge). Names here are promises."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import UNSET, Meta, Struct, UnsetType

from api.schemas import NO_NUL
from tickets.knowledge_base import MAX_BODY, MAX_KEYWORDS, MAX_TITLE, KeptArticle, id_of
from tickets.ticket import Article

ArticleId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]


class ArticleOut(Struct):
    """An article or ready text. `revision` is the version that a change has to name."""

    id: str
    title: str
    body: str
    category: str
    language: str
    is_macro: bool
    keywords: list[str]
    revision: int
    changed_by: str
    changed_at: datetime
    is_retired: bool

    @classmethod
    def of(cls, kept: KeptArticle) -> Self:
        article = kept.article
        return cls(
            article.id,
            article.title,
            article.body,
            article.category,
            article.language,
            article.is_macro,
            list(article.keywords),
            kept.revision,
            kept.changed_by,
            kept.changed_at,
            kept.is_retired,
        )


class ArticleList(Struct):
    """By their ids."""

    items: list[ArticleOut]


class ArticleValue(Struct, forbid_unknown_fields=True, kw_only=True):
    """What an article says. `id` is made of the title when it is left out."""

    title: Annotated[str, Meta(min_length=1, max_length=MAX_TITLE, pattern=NO_NUL)]
    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY, pattern=NO_NUL)]
    category: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$")]
    is_macro: bool = False
    keywords: Annotated[list[Annotated[str, Meta(max_length=80, pattern=NO_NUL)]], Meta(max_length=MAX_KEYWORDS)] = []

    def article(self, article_id: str) -> Article:
        return Article(
            article_id, self.title, self.body, self.category, self.language, self.is_macro, tuple(self.keywords)
        )


class NewArticle(ArticleValue, forbid_unknown_fields=True, kw_only=True):
    """A new article or ready text."""

    id: ArticleId | UnsetType = UNSET

    def value(self) -> Article:
        return self.article(id_of(self.title) if self.id is UNSET else self.id)


class ArticlePut(ArticleValue, forbid_unknown_fields=True, kw_only=True):
    """A new version, written over `revision`."""

    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class UsePut(Struct, forbid_unknown_fields=True):
    """Whether the article is out of use."""

    is_retired: bool
