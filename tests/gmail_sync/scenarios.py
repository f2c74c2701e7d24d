"""What goes wrong while Gmail is read: each scenario plays it, lets the sync get well, and shows that it happened."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from unittest.mock import patch

from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.mailbox import Message
from tests.gmail_sync import refusals
from tests.gmail_sync.desk import Desk
from tests.gmail_sync.refusals import HOUR_S


@dataclass(frozen=True)
class Scenario:
    """A name for the table, and how it is played on an account without mail."""

    name: str
    play: Callable[[Desk], Awaitable[None]]


@contextmanager
def small_pages(size: int = 25) -> Iterator[None]:
    """A listing of many pages without many mails."""
    with patch("adapters.gmail_sync.PAGE", size), patch("adapters.gmail_history.PAGE", size):
        yield


def _a_conversation(desk: Desk) -> list[Message]:
    """A customer asks, a colleague answers in Gmail."""
    asked = desk.arrives()
    return [asked, desk.colleague_answers(asked)]


async def nothing_wrong(desk: Desk) -> None:
    desk.seed(60)
    await desk.pulled()


async def sixty_after_a_weekend(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(60):
        desk.arrives()
    await desk.pulled()


async def two_thousand(desk: Desk) -> None:
    desk.seed(2_000)
    await desk.pulled()


async def ten_thousand(desk: Desk) -> None:
    desk.seed(10_000)
    await desk.pulled()


async def arriving_during_the_listing(desk: Desk) -> None:
    desk.seed(200)
    with small_pages():
        desk.meanwhile("messages.list", desk.arrives, times=8)
        await desk.pulled()
    assert len(desk.account.messages) == 208


async def vanishing_during_the_listing(desk: Desk) -> None:
    desk.seed(200)
    with small_pages():
        desk.meanwhile("messages.list", desk.vanishes, times=8)
        await desk.pulled()
    assert len(desk.account.messages) == 192


async def coming_and_going_during_the_reading(desk: Desk) -> None:
    desk.seed(200)

    def happen() -> None:
        desk.arrives()
        desk.vanishes(desk.account.newest_first()[len(desk.account.messages) // 2].id)

    desk.meanwhile("messages.get", happen, times=60)
    await desk.settled()


async def a_page_is_withheld(desk: Desk) -> None:
    """What a deletion does to pages that are counted from the top: the next page begins too late."""
    desk.seed(120)
    hidden = [message.id for message in desk.account.newest_first()[25:35]]
    listed = desk.account.newest_first

    def without() -> list[Message]:
        return [message for message in listed() if message.id not in hidden]

    desk.account.newest_first = without  # type: ignore[method-assign]
    desk.meanwhile("messages.get", lambda: desk.account.__dict__.pop("newest_first", None))
    await desk.pulled()
    assert "newest_first" not in desk.account.__dict__


async def answers_given_in_gmail(desk: Desk) -> None:
    with desk.gmail.double.lock:
        for _ in range(60):
            _a_conversation(desk)
    with small_pages(7):
        await desk.pulled()
    assert desk.unanswered() == 0


async def answers_in_a_disordered_history(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(40):
        _a_conversation(desk)
    desk.gmail.double.history_fault(desk.address, HistoryFault("shuffle"))
    with small_pages(7):
        await desk.pulled()
    assert desk.unanswered() == 0


async def duplicated_history(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(60):
        desk.arrives()
    desk.gmail.double.history_fault(desk.address, HistoryFault("duplicate"))
    with small_pages():
        await desk.pulled()
        await desk.pulled()


async def late_history(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(30):
        desk.arrives()
    desk.gmail.double.history_fault(desk.address, HistoryFault("delay", records=10, calls=2))
    await desk.pulled()
    assert desk.count().lost == 10
    await desk.pulled()
    await desk.pulled()


async def history_that_never_comes(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(30):
        desk.arrives()
    desk.gmail.double.history_fault(desk.address, HistoryFault("delay", records=10, lossy=True))
    await desk.pulled()
    assert desk.count().lost == 10
    desk.clock.advance(HOUR_S)
    await desk.pulled()


async def a_change_between_two_pages_of_history(desk: Desk) -> None:
    await desk.pulled()
    for _ in range(60):
        desk.arrives()
    desk.meanwhile("history.list", desk.arrives, times=2)
    with small_pages():
        await desk.pulled()
    await desk.pulled()


async def expired_cursor(desk: Desk) -> None:
    desk.seed(30)
    await desk.pulled()
    for _ in range(60):
        desk.arrives()
    desk.gmail.double.history_floor(desk.address)
    await desk.pulled()


async def cursor_expires_during_the_backfill(desk: Desk) -> None:
    desk.seed(120)
    desk.meanwhile("messages.get", lambda: desk.gmail.double.history_floor(desk.address), skip=50)
    desk.meanwhile("messages.get", desk.arrives, skip=60, times=5)
    await desk.pulled()
    assert len(desk.account.messages) == 125


async def page_tokens_expire(desk: Desk) -> None:
    desk.seed(200)
    desk.meanwhile("messages.list", lambda: desk.gmail.double.expire_page_tokens(desk.address), skip=3)
    with small_pages():
        await desk.pulled()


async def rescued_from_spam_and_trash(desk: Desk) -> None:
    await desk.pulled()
    hidden = [desk.arrives(label) for label in ("SPAM", "TRASH") for _ in range(10)]
    await desk.pulled()
    assert len(desk.skipped()) == 20
    for message in hidden:
        desk.account.relabel(message.id, ("INBOX",), tuple(message.labels))
    await desk.pulled()
    assert desk.skipped() == {}


async def drafts_sent_from_gmail(desk: Desk) -> None:
    """Also one whose id stays, which Gmail does not promise, but nobody could see a difference."""
    asked = desk.arrives()
    await desk.pulled()
    draft = desk.colleague_answers(asked)
    desk.account.relabel(draft.id, ("DRAFT",), ("SENT",))
    await desk.pulled()
    desk.account.relabel(draft.id, ("SENT",), ("DRAFT",))
    await desk.pulled()
    assert desk.unanswered() == 0


async def tokens_that_end(desk: Desk) -> None:
    desk.seed(120)
    desk.gmail.double.rotate_refresh_tokens()
    for skip in (10, 40, 70):
        desk.meanwhile("messages.get", lambda: desk.gmail.double.expire_access(desk.address), skip=skip)
    await desk.pulled()
    assert len(desk.kept_tokens) >= 2
    assert len(set(desk.kept_tokens)) == len(desk.kept_tokens), "each is kept once"


SCENARIOS: Final = (
    Scenario("60 mails in the first sync", nothing_wrong),
    Scenario("60 mails in a later sync", sixty_after_a_weekend),
    Scenario("2,000 mails in one sync", two_thousand),
    Scenario("mail arrives during the listing", arriving_during_the_listing),
    Scenario("mail vanishes during the listing", vanishing_during_the_listing),
    Scenario("mail comes and goes during the reading", coming_and_going_during_the_reading),
    Scenario("a listing that leaves ten mails out", a_page_is_withheld),
    Scenario("answers given in Gmail, full sync", answers_given_in_gmail),
    Scenario("answers given in Gmail, disordered history", answers_in_a_disordered_history),
    Scenario("duplicated history", duplicated_history),
    Scenario("late history", late_history),
    Scenario("history records that never come", history_that_never_comes),
    Scenario("changes between two pages of history", a_change_between_two_pages_of_history),
    Scenario("expired cursor (404)", expired_cursor),
    Scenario("cursor expires during the backfill", cursor_expires_during_the_backfill),
    Scenario("page tokens expire", page_tokens_expire),
    Scenario("storm of 429", refusals.storm_429),
    Scenario("storm of 403 rate limits", refusals.storm_403),
    Scenario("storm of 429 with Retry-After", refusals.storm_with_a_wish),
    Scenario("storm of 503", refusals.storm_503),
    Scenario("dropped connections", refusals.dropped_connections),
    Scenario("batches refused with 503", refusals.batch_refused),
    Scenario("one 503 on one get", refusals.one_503),
    Scenario("one mail gives 503 for hours", refusals.one_503_for_hours),
    Scenario("one mail gives 403 for hours", refusals.one_403_for_hours),
    Scenario("one 404 on a mail that is there", refusals.one_404_for_a_moment),
    Scenario("mail rescued from spam and trash", rescued_from_spam_and_trash),
    Scenario("a draft that is sent from Gmail", drafts_sent_from_gmail),
    Scenario("access tokens end, refresh tokens change", tokens_that_end),
)
LONG: Final = (Scenario("10,000 mails in one sync", ten_thousand),)
