"""The categories that a desk sorts its tickets into: keys that stay, titles and hints that administrators change.

A category is never deleted: a retired one is offered and chosen no more, and stays readable on the tickets that have
it. `other` is always there; what no rule and no model can place goes there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from tickets.desk_settings import Section
from tickets.errors import BadInput, Conflict, NotFound
from tickets.ticket import Category
from tickets.wording import Sentence

OTHER: Final = Category.OTHER.value
MAX_CATEGORIES: Final = 60
MAX_TITLE: Final = 60
MAX_DESCRIPTION: Final = 300
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _require_line(name: str, text: str, limit: int, *, may_be_empty: bool) -> None:
    if not text.strip() and not may_be_empty:
        raise BadInput(Sentence("A category needs a %(name)s. Write one.", name=name))
    if len(text) > limit or not text.isprintable():
        raise BadInput(
            Sentence("The %(name)s is one line of at most %(limit)s characters. Shorten it.", name=name, limit=limit)
        )


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """One category. `description` says what belongs here, in a few words or phrases: models are told it."""

    key: str
    title: str
    description: str = ""
    is_retired: bool = False

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise BadInput("A category's key has up to 40 small letters, digits and hyphens. Write it like solar-roof.")
        _require_line("title", self.title, MAX_TITLE, may_be_empty=False)
        _require_line("description", self.description, MAX_DESCRIPTION, may_be_empty=True)


_SHIPPED: Final = (
    CategoryEntry("technical", "Technical", "something does not work"),
    CategoryEntry("sales", "Sales", "quotes, prices, new systems"),
    CategoryEntry("billing", "Billing", "invoices, payments"),
    CategoryEntry("scheduling", "Scheduling", "dates and visits"),
    CategoryEntry("complaint", "Complaint", "anger about our service or damage we did"),
    CategoryEntry("warranty", "Warranty", "guarantee claims"),
    CategoryEntry("account", "Account", "address, ownership, contract, login, data protection"),
    CategoryEntry(OTHER, "Other", "everything else"),
)


def _twice(words: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            return word
        seen.add(word)
    return None


@dataclass(frozen=True, slots=True)
class Categories(Section):
    """All categories of the desk, in the order in which they are offered; every change is a new value."""

    section: ClassVar[str] = "categories"
    entries: tuple[CategoryEntry, ...] = _SHIPPED

    def __post_init__(self) -> None:
        if len(self.entries) > MAX_CATEGORIES:
            raise BadInput(
                Sentence(
                    "More than %(max_categories)s categories cannot be told apart. Use tags besides.",
                    max_categories=MAX_CATEGORIES,
                )
            )
        if twice := _twice(entry.key for entry in self.entries):
            raise Conflict(
                Sentence("There is a category with the key '%(twice)s' already. Choose another one.", twice=twice)
            )
        if twice := _twice(entry.title.casefold() for entry in self.entries if not entry.is_retired):
            raise Conflict(Sentence("There is a category '%(twice)s' already. Choose another title.", twice=twice))
        if OTHER not in self.keys:
            raise BadInput("The category 'other' cannot be taken away: what fits nowhere goes there.")

    @property
    def active(self) -> tuple[CategoryEntry, ...]:
        """Those that a ticket can get."""
        return tuple(entry for entry in self.entries if not entry.is_retired)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of those that a ticket can get."""
        return tuple(entry.key for entry in self.active)

    def entry(self, key: str) -> CategoryEntry:
        """Also a retired one. Raises NotFound."""
        for entry in self.entries:
            if entry.key == key:
                return entry
        raise NotFound("There is no such category. Reload the list of categories.")

    def title(self, key: str | None) -> str:
        """What people read; a key from a time before it was kept is its own title."""
        return next((entry.title for entry in self.entries if entry.key == key), key or "")

    def settled(self, key: str) -> str:
        """The key if a ticket can get it, else `other`."""
        return key if key in self.keys else OTHER

    def added(self, title: str, description: str = "", key: str = "") -> "Categories":
        """With one more, before `other` if that comes last; its key is made of the title if none is given."""
        entry = CategoryEntry(key or _key_of(title), title.strip(), description.strip())
        place = len(self.entries) - (self.entries[-1].key == OTHER)
        return Categories((*self.entries[:place], entry, *self.entries[place:]))

    def changed(self, key: str, title: str, description: str) -> "Categories":
        """Raises NotFound."""
        return self._with(replace(self.entry(key), title=title.strip(), description=description.strip()))

    def retired(self, key: str, is_retired: bool = True) -> "Categories":
        """Out of use, or back in use. Raises NotFound; BadInput for `other`."""
        return self._with(replace(self.entry(key), is_retired=is_retired))

    def _with(self, changed: CategoryEntry) -> "Categories":
        return Categories(tuple(changed if entry.key == changed.key else entry for entry in self.entries))


SHIPPED: Final = Categories()


def _key_of(title: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:40].strip("-")
    if not key:
        raise BadInput("No key can be made of this title. Give one of small letters and digits.")
    return key
