"""Routing rules: what administrators have done to tickets after triage, from top to bottom, each effect explained.

Every condition of a rule that is filled in must hold. Every rule that fits acts, in order, so a later one sees and may
override what an earlier one set; one that is marked `is_last` ends the list for the tickets that it fits.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Final

from tickets.categories import Categories
from tickets.desk_settings import Section
from tickets.errors import BadInput, NotFound
from tickets.tags import MAX_TAGS, tags_in
from tickets.ticket import Conversation, Priority, Triage
from tickets.wording import Sentence

MAX_RULES: Final = 100
MAX_WORDS: Final = 300
_LANGUAGE: Final = re.compile(r"[a-z]{2}", re.IGNORECASE)
_BODY_READ: Final = 20_000  # characters of a mail that rules look into


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Empty conditions do not count, empty actions do nothing.

    `sender` lists addresses and domains (`ada@firm.example`, `firm.example`, which includes what is below it);
    `subject_has` and `body_has` list words or phrases; lists are divided by commas, and one of them is enough. All of
    `add_tags` are put on the ticket.
    """

    name: str = ""
    sender: str = ""
    mailbox: str = ""
    subject_has: str = ""
    body_has: str = ""
    language: str = ""
    category: str = ""
    priority: str = ""
    set_category: str = ""
    set_priority: str = ""
    set_assignee: str = ""
    add_tags: str = ""
    is_last: bool = False
    is_off: bool = False

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and (len(value) > MAX_WORDS or not value.isprintable()):
                raise BadInput(
                    Sentence(
                        "Each field of a rule is one line of at most %(max_words)s characters. Shorten it.",
                        max_words=MAX_WORDS,
                    )
                )
        for priority in (self.priority, self.set_priority):
            if priority and priority not in set(Priority):
                raise BadInput("The priorities are urgent, high, normal and low. Choose one of them.")
        if not any(getattr(self, name) for name in CONDITIONS):
            raise BadInput("A rule without a condition would fit every mail. Say when it applies.")
        if not (self.set_category or self.set_priority or self.set_assignee or self.tags or self.is_last):
            raise BadInput("A rule that changes nothing is no rule. Say what it does.")
        if len(self.tags) > MAX_TAGS:
            raise BadInput(Sentence("A ticket bears %(max_tags)s tags at most. Take some off.", max_tags=MAX_TAGS))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of `add_tags`. Raises BadInput for what is none."""
        return tags_in(self.add_tags)


CONDITIONS: Final = ("sender", "mailbox", "subject_has", "body_has", "language", "category", "priority")


@dataclass(frozen=True, slots=True)
class RoutingRules(Section):
    """The rules in their order; every change is a new value. Rules are named by their place, from 1."""

    section: ClassVar[str] = "routing_rules"
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rules) > MAX_RULES:
            raise BadInput(
                Sentence("More than %(max_rules)s rules cannot be overseen. Take out some.", max_rules=MAX_RULES)
            )

    def added(self, rule: Rule) -> "RoutingRules":
        return RoutingRules((*self.rules, rule))

    def changed(self, number: int, rule: Rule) -> "RoutingRules":
        """Raises NotFound."""
        self._require(number)
        return RoutingRules(tuple(rule if at == number else each for at, each in enumerate(self.rules, 1)))

    def removed(self, number: int) -> "RoutingRules":
        """Raises NotFound."""
        self._require(number)
        return RoutingRules(tuple(each for at, each in enumerate(self.rules, 1) if at != number))

    def moved(self, number: int, by: int) -> "RoutingRules":
        """One place up (-1) or down (1); at the end of the list it stays. Raises NotFound."""
        self._require(number)
        order = list(self.rules)
        rule = order.pop(number - 1)
        order.insert(min(max(number - 1 + by, 0), len(order)), rule)
        return RoutingRules(tuple(order))

    def _require(self, number: int) -> None:
        if not 1 <= number <= len(self.rules):
            raise NotFound("There is no such rule any more. Reload the list of rules.")


def require_usable(after: RoutingRules, before: RoutingRules, operators: Collection[str]) -> None:
    """Raises BadInput for a new or changed rule that could never act: what was saved once may be moved and removed."""
    keys = {address.casefold() for address in operators}
    for number, rule in enumerate(after.rules, 1):
        if rule in before.rules:
            continue
        if rule.set_assignee and rule.set_assignee.strip().casefold() not in keys:
            raise BadInput(
                Sentence(
                    "Rule %(number)s assigns to somebody who is no active operator of this desk. Choose one who is.",
                    number=number,
                )
            )
        if rule.language and not _LANGUAGE.fullmatch(rule.language.strip()):
            raise BadInput("The language is a code of two letters. Write it like en.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at, of one ticket."""

    sender: str
    mailbox: str
    subject: str
    body: str
    language: str
    category: str
    priority: str


@dataclass(frozen=True, slots=True)
class Routed:
    """What the rules make of a ticket: where it goes, and in words which rule did what."""

    category: str
    priority: str
    assignee: str | None = None
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


def facts_of(conversation: Conversation, triage: Triage) -> Facts:
    """Of the customer's last mail, and what triage found."""
    last = conversation.last_from_customer
    return Facts(
        sender=(last.mail.sender if last else conversation.ticket.requester).key,
        mailbox=conversation.ticket.mailbox.casefold(),
        subject=(last.mail.subject if last else conversation.ticket.subject).casefold(),
        body=last.mail.visible_text[:_BODY_READ].casefold() if last else "",
        language=triage.language,
        category=triage.category,
        priority=triage.priority.value,
    )


@dataclass(frozen=True, slots=True)
class Around:
    """What decides whether a rule can act: `gone` are assignees who are no operators any more."""

    categories: Categories
    owner: str | None = None
    gone: frozenset[str] = frozenset()


def routed(rules: Sequence[Rule], facts: Facts, around: Around) -> Routed:
    """Apply the rules. A category that is no longer in use and an owner are left as they were."""
    result = Routed(facts.category, facts.priority)
    for number, rule in enumerate(rules, 1):
        seen = replace(facts, category=result.category, priority=result.priority)
        if rule.is_off or not fits(rule, seen):
            continue
        result = _with(result, rule, number, around)
        if rule.is_last:
            break
    return result


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether every condition that is filled in holds."""
    return (
        _is_from(rule.sender, facts.sender)
        and (not rule.mailbox or rule.mailbox.strip().casefold() == facts.mailbox)
        and _has(rule.subject_has, facts.subject)
        and _has(rule.body_has, facts.body)
        and all(
            not wanted or wanted.strip().casefold() == found
            for wanted, found in (
                (rule.language, facts.language),
                (rule.category, facts.category),
                (rule.priority, facts.priority),
            )
        )
    )


def _with(result: Routed, rule: Rule, number: int, around: Around) -> Routed:
    changes: dict[str, str] = {}
    hindered: list[str] = []
    if rule.set_category and rule.set_category in around.categories.keys:
        changes["category"] = rule.set_category
    if rule.set_priority:
        changes["priority"] = rule.set_priority
    if rule.set_assignee in around.gone:
        hindered.append(f"not assigned, {rule.set_assignee} is no active operator")
    elif rule.set_assignee and around.owner:
        hindered.append(f"not assigned, {around.owner} has it already")
    elif rule.set_assignee:
        changes["assignee"] = rule.set_assignee
    shown = changes | ({"category": around.categories.title(changes["category"])} if "category" in changes else {})
    effects = [f"{name} {value}" for name, value in shown.items()] + hindered + [f"tag {tag}" for tag in rule.tags]
    said = ", ".join(effects) or "no further rules"
    title = f" '{rule.name}'" if rule.name else ""
    return Routed(
        category=changes.get("category", result.category),
        priority=changes.get("priority", result.priority),
        assignee=changes.get("assignee", result.assignee),
        tags=tuple(dict.fromkeys((*result.tags, *rule.tags))),
        reasons=(*result.reasons, f"rule {number}{title}: {said}"),
        numbers=(*result.numbers, number),
    )


def _is_from(wanted: str, sender: str) -> bool:
    domain = sender.rpartition("@")[2]
    names = [name.lstrip("@").strip() for name in _listed(wanted)]
    return not names or any(
        sender == name if "@" in name else domain == name or domain.endswith(f".{name}") for name in names
    )


def _has(wanted: str, text: str) -> bool:
    """One of the phrases stands in the text, with whole words at both ends."""
    phrases = list(_listed(wanted))
    return not phrases or any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) for phrase in phrases)


def _listed(words: str) -> Iterable[str]:
    return (word.strip().casefold() for word in words.split(",") if word.strip(" @"))
