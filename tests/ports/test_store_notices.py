"""Which waits are told, once, and whose the mail of a notice is."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from persistence.notices import SqlNotices
from persistence.sealing import Sealer
from persistence.webhooks import SqlWebhooks
from tests.ports.store_builders import NOW, SECRET, Desk
from tickets.audit import AuditEvent, EventKind
from tickets.errors import Conflict, NotFound
from tickets.notices import CLAIMED_FOR, MailState, Notice, NoticeKind
from tickets.status import Status
from tickets.ticket import Priority, Ticket
from tickets.waiting import Notifications, WaitingTicket
from tickets.webhooks import Webhook, WebhookEvent

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
SITE = "https://desk.example"


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def store(desk: Desk) -> SqlNotices:
    return SqlNotices(desk.database)


def a_notice(**changes: Any) -> Notice:
    mail = {"recipients": ("lead@helios.example",), "sender": "support@helios.example"}
    notice = Notice(uuid4(), NoticeKind.WAITING, LATER, 0, 60, state=MailState.PENDING, next_at=LATER, **mail)
    return replace(notice, **changes)


async def untold(store: SqlNotices, before: datetime = LATER, **wanted: Any) -> list[int]:
    return [each.number for each in await store.untold(Notifications(60, **wanted), before, 100)]


def waits(*tickets: Ticket) -> list[WaitingTicket]:
    return [WaitingTicket(each.id, each.number, each.subject, each.waiting_since) for each in tickets]


async def test_only_what_waits_for_us_counts_and_the_longest_wait_comes_first(desk, store):
    late = await desk.opened(waiting_since=NOW + timedelta(minutes=5))
    first = await desk.opened(status=Status.NEEDS_ACTION)
    await desk.opened(status=Status.WAITING_OTHERS)
    await desk.opened(status=Status.DONE)
    await desk.opened(snoozed_until=NOW + 10 * HOUR)
    await desk.opened(is_leaving=True)
    await desk.opened(waiting_since=LATER + HOUR)

    assert await untold(store) == [first.number, late.number]


async def test_the_settings_choose_statuses_priorities_categories_and_mailboxes(desk, store):
    new = await desk.opened()
    urgent = await desk.opened(status=Status.NEEDS_ACTION, priority=Priority.URGENT, category="billing")

    assert await untold(store, statuses=(Status.NEW,)) == [new.number]
    assert await untold(store, priorities=("urgent",)) == [urgent.number]
    assert await untold(store, priorities=("normal",)) == [new.number]
    assert await untold(store, categories=("billing",)) == [urgent.number]
    assert await untold(store, mailboxes=("other@helios.example",)) == []


async def test_a_wait_is_told_once_and_the_next_wait_of_the_ticket_again(desk, store):
    ticket = await desk.opened()

    told = await store.tell(a_notice(), waits(ticket), SITE)
    again = await store.tell(a_notice(), waits(ticket), SITE)

    assert (told.tickets, again) == (1, None)
    assert await untold(store) == []
    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(ticket.id), waiting_since=NOW + timedelta(minutes=1)))
    assert await untold(store) == [ticket.number]


async def test_two_processes_that_look_at_once_tell_every_wait_once(desk, store):
    tickets = [await desk.opened() for _ in range(8)]

    made = await asyncio.gather(*[store.tell(a_notice(), waits(*tickets), SITE) for _ in range(4)])

    assert sum(notice.tickets for notice in made if notice) == 8
    assert len(await store.log(10)) == sum(notice is not None for notice in made)


async def test_webhooks_hear_of_it_in_the_same_transaction(desk, store):
    hooks = SqlWebhooks(desk.database, Sealer(SECRET, "webhooks"))
    events = (WebhookEvent.WAITING,)
    hook = Webhook(uuid4(), "https://x.example/", events, True, NOW)
    await hooks.add(hook, "secret", AuditEvent(EventKind.WEBHOOK_ADDED, "console", NOW))
    ticket = await desk.opened()

    told = await store.tell(a_notice(recipients=(), state=MailState.NONE), waits(ticket), SITE)

    (delivery,) = await hooks.deliveries(hook.id, 10)
    assert (told.webhooks, told.state) == (1, MailState.NONE)
    assert delivery.payload["data"]["count"] == 1
    assert delivery.payload["data"]["tickets"][0]["number"] == ticket.number


async def test_with_nobody_to_tell_the_wait_stays_untold(desk, store):
    ticket = await desk.opened()

    assert await store.tell(a_notice(recipients=(), state=MailState.NONE), waits(ticket), SITE) is None

    assert await untold(store) == [ticket.number]
    assert await store.log(10) == ()


async def test_a_mail_belongs_to_one_run_until_its_claim_is_over(desk, store):
    await store.tell(a_notice(), waits(await desk.opened()), SITE)

    (first,) = await store.claim_due(LATER, 10)
    assert await store.claim_due(LATER, 10) == ()
    (second,) = await store.claim_due(LATER + CLAIMED_FOR, 10)

    assert not await store.sending(first, "draft")
    assert not await store.settle(replace(first, state=MailState.SENT))
    assert await store.sending(second, "draft")
    assert await store.settle(replace(second, state=MailState.SENT, next_at=None))
    assert (await store.log(1))[0].state is MailState.SENT


async def test_only_a_mail_that_was_given_up_is_tried_again(desk, store):
    await store.tell(a_notice(), waits(await desk.opened()), SITE)
    event = AuditEvent(EventKind.NOTICE_RETRIED, "console", LATER)
    (claimed,) = await store.claim_due(LATER, 10)

    with pytest.raises(Conflict):
        await store.again(claimed.id, event)
    await store.settle(replace(claimed, state=MailState.FAILED, attempts=11, next_at=None, error="no"))
    again = await store.again(claimed.id, event)

    assert (again.state, again.attempts, again.next_at, again.error) == (MailState.PENDING, 0, LATER, None)
    with pytest.raises(NotFound):
        await store.again(uuid4(), event)


async def test_a_notice_lists_those_who_still_wait(desk, store):
    answered, waiting = await desk.opened(), await desk.opened()
    notice = await store.tell(a_notice(), waits(answered, waiting), SITE)

    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(answered.id), status=Status.DONE))

    assert [each.number for each in await store.told_of(notice.id)] == [waiting.number]


async def test_old_notices_are_forgotten_but_no_wait_that_goes_on(desk, store):
    goes_on, over = await desk.opened(), await desk.opened()
    await store.tell(a_notice(state=MailState.SENT, next_at=None), waits(goes_on, over), SITE)
    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(over.id), waiting_since=NOW + timedelta(minutes=1)))

    assert await store.forget(LATER + HOUR) == 1

    assert await store.log(10) == ()
    assert await untold(store) == [over.number]
