"""Drafts, decisions and the outbox: one of each, however many ask at once."""

import asyncio
from dataclasses import replace

import pytest

from persistence.boards import SqlBoards
from tests.ports.store_builders import NOW, SECOND, Desk, a_decision, a_draft, a_flag
from tickets.boards import BoardFilter, BoardLine
from tickets.errors import Conflict
from tickets.mail import Address
from tickets.outbox import OutboxState
from tickets.ticket import DecisionKind, DecisionState, DraftState, Source


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def only_line(desk: Desk) -> BoardLine:
    (line,) = (await SqlBoards(desk.database).page(BoardFilter(), limit=2, cursor=None)).lines
    return line


async def test_a_draft_is_read_back_with_the_same_content_hash(desk):
    ticket = await desk.opened()
    draft = await desk.drafted(
        ticket,
        cc=(Address("C", "c@example.org"),),
        sources=(Source("a1", "Error codes"),),
        flags=(a_flag(),),
        needs_human=True,
        note="written without a model",
        prompt="draft@1 aeb093e9, common@1 3ba8a8ba",
    )

    assert await desk.store.current_draft(ticket.id) == draft
    assert (await desk.store.current_draft(ticket.id)).content_hash == draft.content_hash
    assert await desk.store.draft_made_for(ticket.id, draft.made_for) == draft
    assert await desk.store.draft_made_for(ticket.id, "mail:9") is None


async def test_the_current_draft_is_the_newest_revision_whatever_its_state(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket, 1)
    await desk.drafted(ticket, 2, state=DraftState.REJECTED)

    async with desk.store.begin() as tx:
        assert (await tx.current_draft(ticket.id)).revision == 2


@pytest.mark.parametrize("clash", [{"revision": 1}, {"made_for": "mail:1"}])
async def test_a_revision_or_a_reason_is_used_once(desk, clash):
    ticket = await desk.opened()
    await desk.drafted(ticket, 1)

    async with desk.store.begin() as tx:
        with pytest.raises(Conflict):
            await tx.add_draft(replace(a_draft(ticket, 2), **clash))
        await tx.add_draft(a_draft(ticket, 2))

    assert (await desk.store.current_draft(ticket.id)).revision == 2


async def test_the_board_shows_the_newest_draft_and_its_open_flags(desk):
    ticket = await desk.opened()
    assert not (await only_line(desk)).has_draft

    await desk.drafted(ticket, 1, flags=(a_flag("f1"), a_flag("f2")))
    line = await only_line(desk)
    assert (line.has_draft, line.open_flags) == (True, 2)

    await desk.drafted(ticket, 2, flags=(a_flag("f1"),))
    async with desk.store.begin() as tx:
        await tx.set_draft_state(ticket.id, 1, DraftState.SUPERSEDED)
    line = await only_line(desk)
    assert (line.has_draft, line.open_flags) == (True, 1)

    async with desk.store.begin() as tx:
        await tx.set_draft_state(ticket.id, 2, DraftState.SENT)
    line = await only_line(desk)
    assert (line.has_draft, line.open_flags) == (False, 0)


async def test_decisions_are_pending_until_they_are_finished(desk):
    ticket = await desk.opened()
    decision = a_decision(ticket, feedback="shorter, please")
    async with desk.store.begin() as tx:
        await tx.add_decision(decision)
    assert await desk.store.pending_decision(ticket.id) == decision

    async with desk.store.begin() as tx:
        await tx.finish_decision(decision.id, DecisionState.CANCELLED, "the customer wrote again")

    assert await desk.store.pending_decision(ticket.id) is None
    finished = replace(decision, state=DecisionState.CANCELLED, reason="the customer wrote again")
    assert await desk.store.decision(decision.id) == finished


async def test_an_outgoing_mail_is_read_back_to_the_byte(desk):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket, mime=bytes(range(256)), provider_thread_id="t1")

    async with desk.store.begin() as tx:
        assert await tx.outgoing(outgoing.decision_id) == outgoing
    assert await desk.store.latest_outgoing(ticket.id) == outgoing


async def test_sixty_four_approvals_at_once_make_one_outgoing_mail(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket)

    answers = await asyncio.gather(*(desk.approved(ticket) for _ in range(64)), return_exceptions=True)

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 63
    winner = next(answer for answer in answers if not isinstance(answer, BaseException))
    assert await desk.store.latest_outgoing(ticket.id) == winner
    assert (await desk.store.pending_decision(ticket.id)).id == winner.decision_id


@pytest.mark.parametrize("ended", [OutboxState.CANCELLED, OutboxState.FAILED])
async def test_a_revision_can_be_approved_again_after_it_was_cancelled_or_failed(desk, ended):
    ticket = await desk.opened()
    first = await desk.approved(ticket)
    async with desk.store.begin() as tx:
        await tx.move_outgoing(first, replace(first, state=ended))

    second = await desk.approved(ticket)

    assert await desk.store.latest_outgoing(ticket.id) == second


async def test_sixty_four_runs_that_claim_one_mail_get_it_once(desk):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket)

    async def claim(number: int) -> bool:
        claimed = replace(outgoing, state=OutboxState.DRAFTING, claim=f"run {number}", claim_until=NOW + SECOND)
        async with desk.store.begin() as tx:
            return await tx.move_outgoing(outgoing, claimed)

    assert (await asyncio.gather(*(claim(number) for number in range(64)))).count(True) == 1


async def test_a_claim_is_taken_over_only_from_the_run_that_was_seen(desk):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket, state=OutboxState.DRAFTING, claim="dead")
    mine, theirs = replace(outgoing, claim="mine"), replace(outgoing, claim="theirs")

    async with desk.store.begin() as tx:
        assert await tx.move_outgoing(outgoing, mine)
        assert not await tx.move_outgoing(outgoing, theirs)
        assert await tx.move_outgoing(mine, replace(mine, state=OutboxState.SENT, claim=None, sent_at=NOW))

    assert (await desk.store.latest_outgoing(ticket.id)).sent_at == NOW


async def test_undo_and_claim_at_once_have_one_winner(desk):
    for _ in range(10):
        ticket = await desk.opened()
        outgoing = await desk.approved(ticket)
        wanted = [replace(outgoing, state=OutboxState.CANCELLED), replace(outgoing, state=OutboxState.DRAFTING)]

        async def move(after, before=outgoing) -> bool:
            async with desk.store.begin() as tx:
                return await tx.move_outgoing(before, after)

        won = await asyncio.gather(*(move(after) for after in wanted))

        assert sorted(won) == [False, True]
        assert (await desk.store.latest_outgoing(ticket.id)).state is wanted[won.index(True)].state


async def test_an_approval_carries_its_kind(desk):
    ticket = await desk.opened()
    await desk.approved(ticket)

    assert (await desk.store.pending_decision(ticket.id)).kind is DecisionKind.SEND
