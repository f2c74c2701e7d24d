"""Is the desk ready for more: from decisions, on a page and over REST."""

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from tests.web.site import Site
from tickets.examples import Example, Outcome
from tickets.ticket import TicketId
from tickets.trust import Advice, trust_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def example(number: int = 1, settled: str = "billing", confidence: float = 0.9, **changes: object) -> Example:
    fresh = {"outcome": Outcome.APPROVED, "proposed": "billing", "confidence": confidence, **changes}
    return Example(TicketId(UUID(int=number)), 1, settled, "en", "A question", "operator:ada@x", AT, **fresh)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "wrong", "advice"),
    [
        (99, 0, Advice.DECIDE_MORE),
        (60, 60, Advice.KEEP_CHECKING),
        (100, 0, Advice.READY),
        (97, 3, Advice.PARTLY),
    ],
)
def test_advice_follows_from_decisions_alone(right: int, wrong: int, advice: Advice) -> None:
    kept = [example(n) for n in range(right)] + [example(n, "sales") for n in range(wrong)]

    everything, billing = trust_of(kept)

    assert (everything.advice, billing.advice, billing.category) == (advice, advice, "billing")


def test_edits_and_rejections_count_for_the_replies_and_not_for_the_category() -> None:
    undecided = [example(3, outcome=Outcome.REJECTED), example(4, outcome=Outcome.OPEN)]
    kept = [example(1), example(2, is_edited=True), *undecided]

    (_, billing) = trust_of(kept)

    assert (billing.decisions, billing.answered, billing.approved, billing.unchanged) == (2, 3, 2, 1)


async def test_the_page_and_scripts_are_told_the_same(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    kept = example(outcome=Outcome.OPEN, is_resorted=True, settled="sales")
    async with site.services.store.begin() as tx:
        await tx.keep_example(Example(**{**_fields(kept), "ticket_id": ticket.id}))

    told = (await script.get("/readiness")).json()
    async with await site.browser() as browser:
        page = (await browser.get("/boards/reports/readiness")).text

    everything, billing = told["items"]
    assert (told["target"], everything["decisions"]) == (0.97, 1)
    assert (billing["category"], billing["accuracy"]) == ("billing", 0.0)
    assert billing["advice"] == "decide_more"
    assert "Too few decisions to tell" in page


async def test_a_desk_that_decided_nothing_is_told_how_to_begin(site: Site) -> None:
    async with await site.browser() as browser:
        page = (await browser.get("/boards/reports/readiness")).text

    assert "Nothing was decided yet" in page


def _fields(kept: Example) -> dict[str, object]:
    return {name: getattr(kept, name) for name in Example.__dataclass_fields__}
