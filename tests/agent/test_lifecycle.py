"""Any sequence of events, faults included: no mail is lost, none leaves twice, and everything comes to rest."""

import asyncio
import shutil
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.agent.world import ANNA, World, a_world
from tickets.errors import DeskError
from tickets.outbox import ENDED, OutboxState
from tickets.status import Status
from tickets.ticket import Ticket

which = st.integers(min_value=0, max_value=2)


class Lifecycle(RuleBasedStateMachine):
    """Three tickets at most, everybody does anything at any time."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ca-lifecycle-"))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.received = 0
        self.world: World

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    @initialize()
    def open(self) -> None:
        shutil.copy(self.template, self.folder / "desk.db")
        self.world = self.run(self.stack.enter_async_context(a_world(self.folder / "desk.db")))

    def one(self, index: int) -> Ticket | None:
        tickets = self.run(self.world.tickets())
        return tickets[index % len(tickets)] if tickets else None

    def attempt(self, coroutine: Any) -> None:
        """An operator may be refused; nothing else may happen."""
        with suppress(DeskError):
            self.run(coroutine)

    @rule(then_works=st.booleans())
    def a_customer_writes(self, then_works: bool) -> None:
        if self.received and len(self.run(self.world.tickets())) >= 3:
            return
        self.received += 1
        self.run(self.world.customer_writes())
        if then_works:
            self.run(self.world.work())

    @rule(index=which)
    def a_customer_answers(self, index: int) -> None:
        if ticket := self.one(index):
            self.received += 1
            self.run(self.world.customer_answers(ticket))

    @rule()
    def the_agent_works(self) -> None:
        self.run(self.world.work())

    @rule(index=which)
    def an_operator_approves(self, index: int) -> None:
        ticket = self.one(index)
        if ticket and self.run(self.world.store.current_draft(ticket.id)):
            self.attempt(self.world.approve(ticket.id))

    @rule(
        index=which,
        fault=st.sampled_from([None, None, "lost_after_accept", "lost_before_accept", "unavailable", "rejected"]),
        on=st.sampled_from(["submit", "submit", "prepare", "lookup"]),
        crash=st.sampled_from([None, None, "draft_created", "before_submit", "submitted", "stored_sending"]),
    )
    def a_reply_is_approved_and_becomes_due(self, index: int, fault: Any, on: Any, crash: str | None) -> None:
        ticket = self.one(index)
        draft = ticket and self.run(self.world.store.current_draft(ticket.id))
        if ticket is None or draft is None or draft.state != "open":
            return
        self.attempt(self.world.approve(ticket.id))
        self.world.clock.advance(11)
        if fault:
            self.world.mailbox.will(fault, on=on)
        self.world.crash_at = crash
        self.run(self.world.work())
        event(f"sent {len(self.world.mailbox.sent)}, {fault} on {on}, {crash}")

    @rule(index=which)
    def an_operator_takes_it_back(self, index: int) -> None:
        if ticket := self.one(index):
            self.attempt(self.world.desk.undo(ticket.id, by=ANNA))

    @rule(index=which)
    def an_operator_edits(self, index: int) -> None:
        if ticket := self.one(index):
            draft = self.run(self.world.store.current_draft(ticket.id))
            revision = draft.revision if draft else None
            self.attempt(self.world.desk.edit(ticket.id, revision, "Re: x", "Another text.", by=ANNA))

    @rule(index=which)
    def an_operator_wants_another_draft(self, index: int) -> None:
        if ticket := self.one(index):
            self.attempt(self.world.desk.redraft(ticket.id, "warmer", by=ANNA))

    @rule(index=which)
    def an_operator_closes(self, index: int) -> None:
        if ticket := self.one(index):
            self.attempt(self.world.desk.close(ticket.id, by=ANNA))

    @rule(index=which)
    def an_operator_reopens(self, index: int) -> None:
        if ticket := self.one(index):
            self.attempt(self.world.desk.reopen(ticket.id, by=ANNA))

    @rule(seconds=st.sampled_from([1, 11, 70, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @rule(task=st.sampled_from(["triage", "plan", "draft"]))
    def the_model_will_fail(self, task: Any) -> None:
        self.world.model.will(task, RuntimeError("the model broke"))

    @rule(index=which)
    def a_checkpoint_is_lost(self, index: int) -> None:
        if ticket := self.one(index):
            self.run(self.world.lose_thread(ticket.id))
            self.run(self.world.sweep.run())

    @invariant()
    def nothing_left_twice_or_without_an_approval(self) -> None:
        sent = self.world.sent_ids()
        assert len(set(sent)) == len(sent), "a reply left twice"
        approved = {
            str((recorded.fields or {}).get("send_id"))
            for ticket in self.run(self.world.tickets())
            for recorded in self.run(self.world.store.events(ticket.id))
            if recorded.kind == "approved"
        }
        assert set(sent) <= approved, "a mail left that nobody approved"

    @invariant()
    def the_counters_are_the_tickets(self) -> None:
        tickets, counts = self.run(self.world.tickets()), self.run(self.world.boards.counts())
        waiting_for_us = [t for t in tickets if t.status is Status.NEEDS_ACTION and not t.is_leaving]
        by_status = Counter(ticket.status for ticket in tickets)
        assert counts.needs_action == len(waiting_for_us)
        assert counts.new == by_status[Status.NEW]
        assert counts.done == by_status[Status.DONE]
        assert counts.leaving == sum(ticket.is_leaving for ticket in tickets)

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.run(self.come_to_rest())
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def come_to_rest(self) -> None:
        """Faults end, time passes: every ticket is where the tables say it is, and every mail is accounted for."""
        for _ in range(12):
            self.world.clock.advance(700)
            await self.world.sync.run()
            await self.world.sweep.run()
            for ticket in await self.world.tickets():
                if ticket.stopped:
                    await self.world.desk.retry(ticket.id, by=ANNA)
            await self.world.work()
        tickets = await self.world.tickets()
        mails = [m for t in tickets for m in (await self.world.store.conversation(t.id)).messages if m.is_from_customer]
        assert len(mails) == self.received, "a customer's mail was lost"
        for ticket in tickets:
            assert await self.world.is_at_rest(ticket.id)
            assert ticket.settled_seq == ticket.work_seq, "a customer's mail was never worked on"
            outgoing = await self.world.store.latest_outgoing(ticket.id)
            assert outgoing is None or outgoing.state in ENDED | {OutboxState.NEEDS_HUMAN}, "a delivery is stuck"
            assert not ticket.is_leaving


def test_any_sequence_of_events_keeps_the_promises(sqlite_template: Path) -> None:
    Lifecycle.template = sqlite_template

    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
