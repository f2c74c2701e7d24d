"""What the address of a board asks for: which tickets, in which order, from where on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from litestar.datastructures import MultiDict

from tickets.boards import STATUS_OF, Board, BoardFilter, Order
from tickets.errors import BadInput
from tickets.people import Operator
from tickets.tags import tags_in
from tickets.wording import Sentence

MAX_VALUE: Final = 254
MAX_CURSOR: Final = 1000
MAX_WORDS: Final = 200
UNASSIGNED: Final = ""

FACETS: Final = ("category", "priority", "assignee", "mailbox", "language", "age")
_SINGLE: Final = ("q", *FACETS, "sort", "everywhere")
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
_OF_ONE_PERSON: Final = frozenset({Board.MINE, Board.UNASSIGNED})


def age_in(text: str) -> timedelta:
    """`36h`, `3d` or `2w` as a duration. Raises BadInput."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit() and 0 < len(number) <= 4):
        raise BadInput("An age is a number of hours, days or weeks: 36h, 3d or 2w. Correct it.")
    return timedelta(**{_UNITS[unit]: int(number)})


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """A board and the filters in its address. `everywhere` looks for the words on all boards.

    `values` are the filters that are set, by their names in the address, without the tags.
    """

    board: Board
    values: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    cursor: str | None = None
    picks_all: bool = False
    picks_matching: bool = False

    @classmethod
    def read(cls, board: Board, given: MultiDict[str]) -> "BoardQuery":
        """Raises BadInput for what cannot be meant; an empty value is a filter that is not set."""
        values = {name: value for name in _SINGLE if (value := str(given.get(name, "")).strip())}
        if any(len(value) > MAX_VALUE or "\0" in value for value in values.values()):
            raise BadInput(Sentence("A filter may have %(max_value)s characters. Shorten it.", max_value=MAX_VALUE))
        if len(values.get("q", "")) > MAX_WORDS:
            raise BadInput(Sentence("A search may have %(max_words)s characters. Shorten it.", max_words=MAX_WORDS))
        if board in _OF_ONE_PERSON:
            values.pop("assignee", None)
        if "age" in values:
            age_in(values["age"])
        order = values.get("sort")
        if order and (order not in set(Order) or (order == Order.WAKES_FIRST and board is not Board.SNOOZED)):
            raise BadInput("A board cannot be sorted like that. Sort it by waiting, -waiting, updated or -updated.")
        tags = tags_in(",".join(map(str, given.getall("tag", []))))
        cursor = str(given.get("cursor", "")) or None
        if cursor and len(cursor) > MAX_CURSOR:
            raise BadInput("The cursor is none of this list's. Begin again without one.")
        pick = given.get("pick")
        return cls(board, values, tags, cursor, pick in ("all", "matching"), pick == "matching")

    @classmethod
    def of_text(cls, board: Board, query: str) -> "BoardQuery":
        """From the part of an address after the question mark."""
        return cls.read(board, MultiDict(parse_qsl(query, keep_blank_values=False)))

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def q(self) -> str:
        return self.get("q")

    @property
    def is_everywhere(self) -> bool:
        return bool(self.get("everywhere") and self.q)

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.tags or any(self.get(name) for name in FACETS))

    @property
    def has_own_assignee(self) -> bool:
        """Whether the board itself says whose the tickets are."""
        return self.board in _OF_ONE_PERSON

    @property
    def order(self) -> Order | None:
        return Order(self.get("sort")) if self.get("sort") else None

    def wanted(self, operator: Operator, now: datetime) -> BoardFilter:
        """The filter for the store; `mine` and `unassigned` are words of the address, not of the store."""
        assignee = {"mine": operator.email, "unassigned": UNASSIGNED}.get(self.get("assignee"), self.get("assignee"))
        base = BoardFilter() if self.is_everywhere else _base(self.board, operator)
        return replace(
            base,
            assignee=base.assignee if base.assignee is not None else (assignee if self.get("assignee") else None),
            q=self.q or None,
            category=self.get("category") or None,
            priority=self.get("priority") or None,
            mailbox=self.get("mailbox") or None,
            language=self.get("language") or None,
            tags=self.tags,
            before=now - age_in(self.get("age")) if self.get("age") else None,
        )

    # --- addresses ------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The filters as an address bears them, always in one order."""
        return urlencode([*_ordered(self.values), *(("tag", tag) for tag in self.tags)])

    def url(self, **changes: str | None) -> str:
        """The same board with some filters changed; leaving the cursor out goes back to the first page."""
        kept = {name: value for name, value in {**self.values, **changes}.items() if value}
        place = [(name, kept.pop(name)) for name in ("cursor", "pick") if name in kept]
        pairs = [*_ordered(kept), *(("tag", tag) for tag in self.tags), *place]
        return f"/boards/{self.board}" + (f"?{urlencode(pairs)}" if pairs else "")

    def here(self) -> str:
        """This very page of the board."""
        return self.url(cursor=self.cursor)

    def without_tag(self, tag: str) -> str:
        return replace(self, tags=tuple(each for each in self.tags if each != tag)).url()

    def chips(self) -> Iterator[tuple[str, str, str]]:
        """The filters that are set: name, value, and the address of the board without it."""
        for name in FACETS:
            if value := self.get(name):
                yield name, value, self.url(**{name: None})
        for tag in self.tags:
            yield "tag", tag, self.without_tag(tag)


def _ordered(values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, values[name]) for name in _SINGLE if values.get(name)]


def _base(board: Board, operator: Operator) -> BoardFilter:
    match board:
        case Board.MINE:
            return BoardFilter(assignee=operator.email, is_ours=True)
        case Board.UNASSIGNED:
            return BoardFilter(assignee=UNASSIGNED, is_ours=True)
        case Board.SNOOZED:
            return BoardFilter(is_snoozed=True)
        case _:
            return BoardFilter(status=STATUS_OF[board], is_snoozed=False)
