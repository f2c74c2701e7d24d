"""What a board says around its lines: what is due when, what can be filtered by, how long a ticket can be put off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.language import _, reader
from api.services import Services
from tickets.boards import BoardLine
from tickets.categories import Categories
from tickets.desk_settings import BusinessHours, ServiceLevels
from tickets.people import Operator
from tickets.service_level import Calendar, Due, next_due
from tickets.snoozing import SnoozeFor
from tickets.ticket import Priority
from tickets.wording import N_

LANGUAGES = ("da", "de", "en", "es", "et", "fi", "fr", "it", "nl", "no", "pl", "pt", "sv")
AGES = ("1h", "4h", "1d", "3d", "1w", "4w")
MOST_TAGS = 100

_AGE_WORDS = {
    "1h": N_("more than 1 hour"),
    "4h": N_("more than 4 hours"),
    "1d": N_("more than 1 day"),
    "3d": N_("more than 3 days"),
    "1w": N_("more than 1 week"),
    "4w": N_("more than 4 weeks"),
}
PRIORITY_WORDS = {
    Priority.URGENT.value: N_("urgent"),
    Priority.HIGH.value: N_("high"),
    Priority.NORMAL.value: N_("normal"),
    Priority.LOW.value: N_("low"),
}
_LENGTH_WORDS = {
    SnoozeFor.TOMORROW: N_("Tomorrow morning"),
    SnoozeFor.MONDAY: N_("Monday"),
    SnoozeFor.WEEK: N_("In a week"),
}


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What each filter offers: values with their titles."""

    known: Categories
    operators: Sequence[Operator]
    mailboxes: Sequence[str]
    tags: Sequence[str]

    @property
    def categories(self) -> Mapping[str, str]:
        """Those that a ticket can get, by their keys."""
        return {entry.key: entry.title for entry in self.known.active}

    def title(self, facet: str, value: str) -> str:
        """How a filter's value is called on its chip."""
        match facet:
            case "category":
                return self.known.title(value)
            case "priority":
                return _(PRIORITY_WORDS[value]) if value in PRIORITY_WORDS else value
            case "assignee":
                return self._person(value)
            case "age":
                return age_word(value)
            case _:
                return value

    def _person(self, value: str) -> str:
        if value == "mine":
            return _("me")
        if value == "unassigned":
            return _("nobody")
        return next((one.name or one.email for one in self.operators if one.email == value), value)


async def filter_choices(services: Services, mailboxes: Sequence[str]) -> FilterChoices:
    """Read what the desk has to offer."""
    known = await services.desk_settings.read(Categories)
    return FilterChoices(
        known=known,
        operators=await services.accounts.operators(),
        mailboxes=mailboxes,
        tags=await services.store.tags(MOST_TAGS),
    )


async def due_of(services: Services, lines: Sequence[BoardLine]) -> Mapping[UUID, Due]:
    """What is due on these tickets; one whose reply is leaving, or that is put off, owes nothing now."""
    calendar = Calendar(await services.desk_settings.read(BusinessHours))
    levels = await services.desk_settings.read(ServiceLevels)
    owing = [line for line in lines if not line.is_leaving and line.snoozed_until is None]
    return {line.id: due for line in owing if (due := next_due(calendar, levels, line))}


def age_word(value: str) -> str:
    """An age as a sentence part; one of the usual ones, or as it was typed."""
    return _(_AGE_WORDS[value]) if value in _AGE_WORDS else _("more than %(age)s", age=value)


def snooze_choices(now: datetime) -> Sequence[tuple[str, str, datetime]]:
    """The usual lengths for a form: value, title, and when each is over."""
    return [(length.value, _(title), length.until(now, reader().zone)) for length, title in _LENGTH_WORDS.items()]


def board_words() -> Mapping[str, object]:
    """What templates of the boards may call."""
    return {
        "snooze_choices": snooze_choices,
        "priority_words": PRIORITY_WORDS,
        "filter_languages": LANGUAGES,
        "filter_ages": AGES,
        "age_word": age_word,
    }
