"""Notes between colleagues: whom they call, who may change them, and that nothing of them ever leaves."""

import json
from typing import Any

import pytest

from persistence.accounts import SqlAccounts
from tests.agent.arriving import an_operator
from tests.agent.hands import (
    a_drafted_ticket,
    draft_of,
    events_of,
    graph_of,
    outgoing_of,
    question,
    rebuilt,
    thread_of,
)
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.errors import BadInput, Conflict, NotAllowed
from tickets.merging import Merging
from tickets.notes import MentionKind, StaleNote
from tickets.noting import MAX_NOTE, Noting
from tickets.people import Actor, Operator, Scope

SECRET = "XYLOPHON-4711"
BEA = "bea@helios-staff.example"
CARL = Actor("operator:carl@helios.example", frozenset({Scope.READ, Scope.DRAFT}))


def noting(world: World) -> Noting:
    return Noting(world.store, world.clock)


async def bea(world: World) -> Operator:
    await an_operator(world, BEA)
    (found,) = [one for one in await SqlAccounts(world.database).operators() if one.email == BEA]
    return found


async def test_nothing_of_a_note_is_in_a_prompt_a_draft_a_question_or_a_mail(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    await noting(world).add(ticket.id, f"The margin is {SECRET}.", by=ANNA)
    listening = _Listening(world.model)
    world = rebuilt(world, model=listening, studio_may_approve=True)

    await world.desk.redraft(ticket.id, "Shorter", by=ANNA)
    await world.work()
    asked = await question(world, ticket)
    await world.customer_answers(ticket)
    await world.work()
    draft = await draft_of(world, ticket)
    await world.approve(ticket.id)
    await world.work()
    world.clock.advance(60)
    await world.work()

    states = [state.values async for state in graph_of(world).aget_state_history(thread_of(ticket.id))]
    told = [*listening.heard, repr(draft), json.dumps(asked), repr(states), repr(await events_of(world, ticket))]
    assert len(listening.heard) >= 4
    assert len(world.mailbox.sent) == 1
    assert [text for text in told if SECRET in text] == []
    assert SECRET.encode() not in (await outgoing_of(world, ticket)).mime
    assert all(SECRET.encode() not in raw for raw in world.mailbox.sent)


async def test_the_listening_model_would_hear_what_it_is_told(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    listening = _Listening(world.model)
    world = rebuilt(world, model=listening)

    await world.desk.redraft(ticket.id, f"Mention {SECRET}", by=ANNA)
    await world.work()

    assert any(SECRET in text for text in listening.heard)


async def test_a_note_moves_neither_its_ticket_nor_the_draft(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    before, draft = await world.store.ticket(ticket.id), await draft_of(world, ticket)
    world.clock.advance(3600)

    await noting(world).add(ticket.id, "Ask the workshop.", by=ANNA)
    await world.work()

    assert await world.store.ticket(ticket.id) == before
    assert await draft_of(world, ticket) == draft


async def test_whom_a_note_names_is_called_and_its_author_is_not(world: World) -> None:
    ticket, who = await a_drafted_ticket(world), await bea(world)
    author = Actor(f"operator:{BEA}", ANNA.scopes)

    note = await noting(world).add(ticket.id, "@bea, please call them.", by=ANNA)
    await noting(world).add(ticket.id, "I am @bea.", by=author)

    lines = (await world.store.mentions(who.id, limit=9)).lines
    assert [(line.kind, line.by, line.note_id, line.text) for line in lines] == [
        (MentionKind.NOTE, ANNA.name, note.id, "@bea, please call them.")
    ]


async def test_who_answers_with_a_note_has_read_the_call(world: World) -> None:
    ticket, who = await a_drafted_ticket(world), await bea(world)
    await noting(world).add(ticket.id, "@bea?", by=ANNA)

    await noting(world).add(ticket.id, "Done.", by=Actor(f"operator:{BEA}", ANNA.scopes))

    assert await world.store.unread_mentions(who.id) == 0


async def test_an_edit_calls_whom_it_adds_and_takes_back_whom_it_leaves_out(world: World) -> None:
    ticket, who = await a_drafted_ticket(world), await bea(world)
    note = await noting(world).add(ticket.id, "Somebody?", by=ANNA)

    note = await noting(world).edit(ticket.id, note.id, "@bea?", by=ANNA, revision=1)
    called = await world.store.unread_mentions(who.id)
    await noting(world).edit(ticket.id, note.id, "Nobody, it is done.", by=ANNA)

    assert called == 1
    assert await world.store.unread_mentions(who.id) == 0
    assert len(await events_of(world, ticket, EventKind.NOTE_EDITED)) == 2


async def test_only_its_author_or_an_administrator_changes_a_note(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    note = await noting(world).add(ticket.id, "Mine.", by=CARL)
    dora = Actor("operator:dora@helios.example", CARL.scopes)

    with pytest.raises(NotAllowed):
        await noting(world).edit(ticket.id, note.id, "Hers.", by=dora)
    with pytest.raises(NotAllowed):
        await noting(world).delete(ticket.id, note.id, by=dora)
    await noting(world).edit(ticket.id, note.id, "Still mine.", by=CARL)
    await noting(world).delete(ticket.id, note.id, by=ANNA)

    assert await world.store.notes(ticket.id) == ()
    (deleted,) = await events_of(world, ticket, EventKind.NOTE_DELETED)
    assert deleted.actor == ANNA.name


async def test_an_edit_of_words_that_were_changed_meanwhile_is_refused(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    note = await noting(world).add(ticket.id, "First.", by=ANNA)
    await noting(world).edit(ticket.id, note.id, "Second.", by=ANNA, revision=1)

    with pytest.raises(StaleNote):
        await noting(world).edit(ticket.id, note.id, "Third.", by=ANNA, revision=1)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (MAX_NOTE + 1)])
async def test_a_note_says_something_and_not_too_much(world: World, text: str) -> None:
    ticket = await a_drafted_ticket(world)

    with pytest.raises(BadInput):
        await noting(world).add(ticket.id, text, by=ANNA)


async def test_who_only_reads_leaves_no_notes_and_a_merged_ticket_takes_none(world: World) -> None:
    first, second = await a_drafted_ticket(world), await a_drafted_ticket(world)
    await Merging(world.store, world.clock).merge(second.id, first.id, by=ANNA, confirmed=True)

    with pytest.raises(NotAllowed):
        await noting(world).add(first.id, "Hello", by=Actor("operator:viewer", frozenset({Scope.READ})))
    with pytest.raises(Conflict, match="merged"):
        await noting(world).add(second.id, "Hello", by=ANNA)


async def test_an_assignment_calls_the_assignee_once_and_nobody_for_their_own_doing(world: World) -> None:
    ticket, who = await a_drafted_ticket(world), await bea(world)

    await world.desk.assign(ticket.id, BEA, by=ANNA)
    await world.desk.assign(ticket.id, BEA, by=ANNA)
    await world.desk.assign(ticket.id, None, by=ANNA)
    await world.desk.assign(ticket.id, BEA, by=Actor(f"operator:{BEA}", ANNA.scopes))

    (line,) = (await world.store.mentions(who.id, limit=9)).lines
    assert (line.kind, line.by) == (MentionKind.ASSIGNED, ANNA.name)
    assert len(await events_of(world, ticket, EventKind.ASSIGNED)) == 3


class _Listening:
    """The world's model, and everything that it was told."""

    def __init__(self, model: Any) -> None:
        self.name = model.name
        self.heard: list[str] = []
        self._model = model

    async def triage(self, *told: Any) -> Any:
        self.heard.append(repr(told))
        return await self._model.triage(*told)

    async def plan(self, *told: Any) -> Any:
        self.heard.append(repr(told))
        return await self._model.plan(*told)

    async def draft(self, *told: Any) -> Any:
        self.heard.append(repr(told))
        return await self._model.draft(*told)
