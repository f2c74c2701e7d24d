"""The company's knowledge as a folder of Markdown files, searched by weighted words."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from adapters.local_words import folded_words
from tickets.categories import CategoryEntry
from tickets.errors import BadInput, DeskError
from tickets.ticket import Article

_STEM: Final = 6  # letters; a poor man's stemmer that suits all our languages
_FOREIGN_LANGUAGE: Final = 0.4
_SAME_CATEGORY: Final = 1.6
_FLOOR: Final = 0.02  # an article of the asked category and language is found even when no word matches
_TITLE_WEIGHT, _KEYWORD_WEIGHT = 3, 3


class ListedKnowledge:
    """Some articles, ready to be searched."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = tuple(articles)
        self._index = _Index(self._articles)

    async def search(self, text: str, *, language: str, category: str, limit: int) -> tuple[Article, ...]:
        """Best first; an empty `language` or `category` prefers none."""
        closeness = self._index.closeness(text)
        scored = [
            (_preferred(article, closeness[article.id], language, category), article) for article in self._articles
        ]
        scored.sort(key=lambda pair: (-pair[0], pair[1].id))
        return tuple(article for score, article in scored[:limit] if score > 0)

    async def article(self, article_id: str) -> Article | None:
        """None when there is none by that id."""
        return next((article for article in self._articles if article.id == article_id), None)

    def all_text(self) -> str:
        """The text of all articles and macros."""
        return "\n\n".join(f"{article.title}\n{article.body}" for article in self._articles)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All of them, in their order."""
        return self._articles


class FolderKnowledge(ListedKnowledge):
    """Reads every `*.md` below `path` once; None or an empty folder is a company that wrote nothing down yet.

    A file starts with YAML front matter: id, title, kind (article or macro), category, language, keywords. A file that
    cannot be read that way raises DeskError naming it; so does a folder that is not there.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None and not path.is_dir():
            raise DeskError(f"The knowledge folder {path} is not there. Make it, or correct its path, and start again.")
        files = sorted(path.rglob("*.md")) if path is not None else []
        articles = tuple(_article(file) for file in files)
        _require_unique(articles)
        super().__init__(articles)


def _preferred(article: Article, closeness: float, language: str, category: str) -> float:
    is_asked_for = article.language == language and article.category == category
    score = closeness + (_FLOOR if is_asked_for else 0.0)
    if language and article.language != language:
        score *= _FOREIGN_LANGUAGE
    return score * _SAME_CATEGORY if article.category == category else score


class _Index:
    """Cosine between weighted word counts (TF-IDF), small enough to be read."""

    def __init__(self, articles: Iterable[Article]) -> None:
        counts = {article.id: _counted(article) for article in articles}
        self._documents = len(counts)
        self._spread = Counter(stem for words in counts.values() for stem in words)
        self._vectors = {article_id: self._vector(words) for article_id, words in counts.items()}

    def closeness(self, text: str) -> dict[str, float]:
        """0..1 for every article."""
        wanted = self._vector(Counter(_stems(text)))
        return {
            article_id: sum(weight * vector.get(stem, 0.0) for stem, weight in wanted.items())
            for article_id, vector in self._vectors.items()
        }

    def _vector(self, counts: Mapping[str, int]) -> dict[str, float]:
        weights = {
            stem: (1 + math.log(count)) * math.log((1 + self._documents) / (0.5 + self._spread[stem]))
            for stem, count in counts.items()
            if self._spread[stem]
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {stem: weight / length for stem, weight in weights.items()} if length else {}


def _counted(article: Article) -> Counter[str]:
    counts = Counter(_stems(article.body))
    for stem in _stems(article.title):
        counts[stem] += _TITLE_WEIGHT
    for stem in _stems(" ".join(article.keywords)):
        counts[stem] += _KEYWORD_WEIGHT
    return counts


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in folded_words(text) if len(word) > 1]


def article_in(text: str) -> Article:
    """The article that a file's text holds. Raises BadInput with what is wrong."""
    try:
        front, body = _split(text)
        return _from_front_matter(front, body)
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise BadInput(_cause(error)) from error


def _article(file: Path) -> Article:
    try:
        return article_in(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, BadInput) as error:
        raise DeskError(
            f"The knowledge file {file} cannot be read: {_cause(error)}. Correct it, or move it away, and start again."
        ) from error


def _cause(error: Exception) -> str:
    return f"{error} is missing in its front matter" if isinstance(error, KeyError) else " ".join(str(error).split())


def _split(text: str) -> tuple[Mapping[str, Any], str]:
    parts = ("\n" + text.lstrip("\ufeff")).split("\n---", 2)
    if len(parts) < 3 or parts[0].strip():
        raise ValueError("it does not begin with front matter between two lines of three dashes")
    _, front, body = parts
    fields = yaml.safe_load(front)
    if not isinstance(fields, dict):
        raise ValueError("its front matter is not a list of names and values")  # noqa: TRY004 - a wrong file, not a bug
    return fields, body.strip()


def _from_front_matter(front: Mapping[str, Any], body: str) -> Article:
    kind = str(front.get("kind", "article"))
    if kind not in ("article", "macro"):
        raise ValueError(f"its kind is {kind!r}, neither article nor macro")
    keywords = front.get("keywords") or []
    return Article(
        id=str(front["id"]),
        title=str(front["title"]),
        body=body,
        category=CategoryEntry(str(front["category"]).strip().lower(), "any").key,
        language=str(front["language"]).strip().lower(),
        is_macro=kind == "macro",
        keywords=tuple(str(word) for word in ([keywords] if isinstance(keywords, str) else keywords)),
    )


def _require_unique(articles: Iterable[Article]) -> None:
    twice = [article_id for article_id, count in Counter(article.id for article in articles).items() if count > 1]
    if twice:
        raise DeskError(f"Two knowledge files have the id {twice[0]!r}. Give each file its own id and start again.")
