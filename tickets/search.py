"""What an operator looks for: words, phrases and operators, as a value that both databases can answer.

Reading a query never fails. What it does not understand is looked for as words or left out, and `remarks` say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from tickets.boards import BoardLine
from tickets.folding import words_of
from tickets.mail import Mail

LONGEST_QUERY: Final = 500
LONGEST_BODY: Final = 40_000  # characters of a mail that are searched: a log file pasted below says nothing more
MOST_RECIPIENTS: Final = 200


class Place(StrEnum):
    """Where words are looked for."""

    ANYWHERE = "anywhere"
    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENTS = "recipients"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand side by side, folded; with `is_prefix` the last one may go on."""

    words: tuple[str, ...]
    place: Place = Place.ANYWHERE
    is_prefix: bool = False
    is_excluded: bool = False


class Facet(StrEnum):
    """What tickets are told apart by, apart from words."""

    STANDING = "is"
    HAS = "has"
    CATEGORY = "category"
    PRIORITY = "priority"
    LANGUAGE = "language"
    MAILBOX = "mailbox"
    TAG = "tag"
    ASSIGNEE = "assignee"


class Standing(StrEnum):
    """The words after `is:`."""

    NEW = "new"
    NEEDS_ACTION = "needs-action"
    WAITING = "waiting"
    DONE = "done"
    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    SNOOZED = "snoozed"
    LEAVING = "leaving"
    STOPPED = "stopped"
    MERGED = "merged"


class Having(StrEnum):
    """The words after `has:`."""

    ATTACHMENT = "attachment"
    NOTE = "note"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Condition:
    """One facet and the value asked for, in lower case; `mine` is resolved to an address before it comes here."""

    facet: Facet
    value: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What of a query was not understood and what was done instead; `said` has %(named)s places."""

    said: str
    named: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said % self.named


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was understood. `after` is the first instant that counts, `before` the first that does not."""

    text: str = ""
    phrases: tuple[Phrase, ...] = ()
    conditions: tuple[Condition, ...] = ()
    number: int | None = None
    after: datetime | None = None
    before: datetime | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.wanted or self.conditions or self.after or self.before) and self.number is None

    @property
    def wanted(self) -> tuple[Phrase, ...]:
        """The phrases to look for, without those to leave out."""
        return tuple(phrase for phrase in self.phrases if not phrase.is_excluded)

    @property
    def possible_number(self) -> int | None:
        """The ticket that a query which is nothing but digits may mean, besides the word."""
        if len(self.phrases) != 1 or self.conditions or self.number is not None:
            return None
        (phrase,) = self.phrases
        digits = phrase.words[0] if len(phrase.words) == 1 and phrase.place is Place.ANYWHERE else ""
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


@dataclass(frozen=True, slots=True)
class Indexed:
    """The words of a mail or a note by their place, each a string of folded words with spaces between."""

    subject: str = ""
    sender: str = ""
    recipients: str = ""
    body: str = ""


def words_of_mail(mail: Mail) -> Indexed:
    """What a search finds a mail by: its own words, not those it quotes."""
    people = (*mail.to, *mail.cc)[:MOST_RECIPIENTS]
    return Indexed(
        subject=_joined([mail.subject]),
        sender=_joined([mail.sender.name, mail.sender.address]),
        recipients=_joined(part for person in people for part in (person.name, person.address)),
        body=_joined([own_words(mail), *(file.filename for file in mail.attachments)]),
    )


def words_of_note(text: str, author: str) -> Indexed:
    """What a search finds an internal note by."""
    return Indexed(sender=_joined([author]), body=_joined([text[:LONGEST_BODY]]))


def own_words(mail: Mail) -> str:
    """The text in which hits are shown."""
    return (mail.visible_text or mail.text)[:LONGEST_BODY]


def _joined(texts: Iterable[str]) -> str:
    return " ".join(word for text in texts for word in words_of(text))


# --- what a search finds ---------------------------------------------------------------------------------------------


class HitKind(StrEnum):
    """What holds the words."""

    MAIL = "mail"
    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Hit:
    """The newest mail or note of a ticket that has the words."""

    id: UUID
    kind: HitKind
    author: str
    at: datetime
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that fits; `hit` is None when it was found by its number or by operators alone."""

    line: BoardLine
    hit: Hit | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some tickets, newest hit first, and the cursor of what comes after them.

    `total` counts tickets; with `is_more` there are more than that. `looked_back_to` is set when the search stopped
    before the page was full: nothing older than that was looked at yet.
    """

    found: tuple[Found, ...]
    next_cursor: str | None
    total: int | None = None
    is_more: bool = False
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the mail on record the search knows already, while its index is being filled."""

    indexed: int
    total: int

    @property
    def is_whole(self) -> bool:
        return self.indexed >= self.total


class Search(Protocol):
    """Reads of the search."""

    async def find(self, query: Query, *, limit: int, cursor: str | None) -> SearchPage:
        """Raises BadInput for a cursor that is none of ours."""
        ...

    async def coverage(self) -> Coverage: ...
