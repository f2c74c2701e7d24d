"""The company's knowledge as administrators keep it: articles and macros, each with all its versions.

A retired one is no longer found by drafts and stays readable. Restoring an old version makes a new one of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from tickets.errors import BadInput, Conflict
from tickets.people import Actor
from tickets.ticket import Article
from tickets.wording import Sentence

MAX_TITLE: Final = 200
MAX_BODY: Final = 40_000
MAX_KEYWORDS: Final = 60
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")


class StaleArticle(Conflict):
    """Somebody else changed the article since the caller read it."""

    def __init__(self) -> None:
        super().__init__("Somebody else changed this article meanwhile. Compare with the stored text, then save again.")


@dataclass(frozen=True, slots=True)
class KeptArticle:
    """An article as it stands, or stood: its text, which version that is, whose, and whether it is out of use."""

    article: Article
    revision: int
    changed_by: str
    changed_at: datetime
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    unchanged: int


class KnowledgeBase(Protocol):
    """Where the articles are kept."""

    async def stamp(self) -> str:
        """Another one whenever any article has changed."""
        ...

    async def kept(self) -> tuple[KeptArticle, ...]:
        """Every article as it stands now, by its id."""
        ...

    async def kept_article(self, article_id: str) -> KeptArticle:
        """Raises NotFound."""
        ...

    async def revisions(self, article_id: str) -> tuple[KeptArticle, ...]:
        """All its versions, the newest first. Raises NotFound."""
        ...

    async def put(self, article: Article, revision: int, by: Actor, now: datetime) -> int:
        """Write a new version over `revision` (0: a new article); gives its number. Raises StaleArticle, Conflict."""
        ...

    async def retire(self, article_id: str, is_retired: bool, by: Actor, now: datetime) -> None:
        """Out of use, or back. Raises NotFound."""
        ...

    async def take_in(self, articles: Sequence[Article], by: Actor, now: datetime) -> Imported:
        """Import: new ones are added, changed ones get a new version, the rest stays; running it again does nothing."""
        ...


def checked(article: Article) -> Article:
    """The article in its stored form. Raises BadInput for what cannot be kept."""
    if not _ID.fullmatch(article.id):
        raise BadInput("The id has up to 80 small letters, digits, points and hyphens. Write it like warranty-terms.")
    title, body = " ".join(article.title.split()), article.body.strip()
    if not title or len(title) > MAX_TITLE:
        raise BadInput(Sentence("An article needs a title of at most %(most)s characters.", most=MAX_TITLE))
    if not body or len(body) > MAX_BODY:
        raise BadInput(Sentence("An article needs a text of at most %(most)s characters.", most=MAX_BODY))
    if not _LANGUAGE.fullmatch(article.language):
        raise BadInput("The language is a code of two letters. Write it like en.")
    keywords = tuple(dict.fromkeys(word for word in (" ".join(each.split()) for each in article.keywords) if word))
    if len(keywords) > MAX_KEYWORDS or any(len(word) > 80 for word in keywords):
        raise BadInput(
            Sentence("An article has at most %(most)s keywords of at most 80 characters.", most=MAX_KEYWORDS)
        )
    return replace(article, title=title, body=body, keywords=keywords)


def id_of(title: str) -> str:
    """An id made of a title; raises BadInput when nothing of it can be used."""
    made = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:80].strip("-")
    if not made:
        raise BadInput("No id can be made of this title. Give one of small letters and digits.")
    return made
