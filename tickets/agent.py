"""What the agent does on a ticket: triage, plan, draft. Each result is on record once, whatever is run again.

A model is asked only when the record lacks the answer, and outside any transaction. What it says is written only if
the ticket still stands where it stood: a customer's new mail makes the answer worthless, and the work starts again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.categories import SHIPPED, Categories
from tickets.desk_checks import default_subject, recipients
from tickets.desk_settings import DeskSettings
from tickets.flags import flags_of
from tickets.letter import Letterhead, letterhead, quote_for
from tickets.people import AGENT
from tickets.ports import Clock, Knowledge, Model
from tickets.routing import Around, Routed, RoutingRules, Rule, facts_of, routed
from tickets.second_person import void_first_approval
from tickets.slots import slot_flags
from tickets.status import Event, after
from tickets.storage import TicketStore, Transaction
from tickets.storms import still_told
from tickets.tags import MAX_TAGS
from tickets.ticket import (
    Article,
    Conversation,
    Decision,
    DecisionId,
    DecisionKind,
    DecisionState,
    Draft,
    DraftState,
    Plan,
    Priority,
    ProposedReply,
    Source,
    Ticket,
    TicketId,
    Triage,
)

ARTICLES: Final = 4


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent's use cases. Every method gives None when the customer wrote meanwhile."""

    store: TicketStore
    model: Model
    knowledge: Knowledge
    clock: Clock
    allowed: tuple[str, ...] = ()  # what any draft may state without a source: the desk's own address, site, phone
    desk_name: str = "Support"
    quotes_original: bool = False
    settings: DeskSettings | None = None

    async def triage(self, ticket_id: TicketId, work_seq: int) -> Triage | None:
        """What the customer's mails up to `work_seq` are about."""
        if kept := await self.store.triage(ticket_id, work_seq):
            return kept
        categories = await self.settings.read(Categories) if self.settings else SHIPPED
        rules = (await self.settings.read(RoutingRules)).rules if self.settings else ()
        conversation = await self.store.conversation(ticket_id)
        judged = await self.model.triage(conversation, categories)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if ticket.work_seq != work_seq:
                return None
            around = Around(categories, ticket.assignee, await _gone(tx, rules))
            route = routed(rules, facts_of(conversation, judged), around)
            triage = _judged_and_routed(judged, route)
            await tx.keep_triage(ticket_id, work_seq, triage)
            triaged = replace(_with_triage(ticket, triage), updated_at=now)
            if not triage.needs_reply and ticket.settled_seq < work_seq:
                moved = after(ticket.status, Event.NO_REPLY_NEEDED)
                triaged = replace(triaged, status=moved, settled_seq=work_seq)
            if route.assignee:
                triaged = replace(triaged, assignee=route.assignee)
                assigned: Fields = {"assignee": route.assignee, "rule": route.numbers[-1]}
                await tx.record(AuditEvent(EventKind.ASSIGNED, AGENT.name, now, ticket_id, assigned))
            if tags := [tag for tag in route.tags if tag not in ticket.tags][: MAX_TAGS - len(ticket.tags)]:
                triaged = replace(triaged, tags=(*ticket.tags, *tags))
                await tx.set_tags(ticket_id, triaged.tags)
                tagged: Fields = {"added": tags, "removed": [], "rules": [str(number) for number in route.numbers]}
                await tx.record(AuditEvent(EventKind.TAGGED, AGENT.name, now, ticket_id, tagged))
            await tx.save(triaged)
            fields: Fields = {
                "category": triage.category,
                "priority": triage.priority.value,
                "needs_reply": triage.needs_reply,
                "confidence": triage.confidence,
                "written_by": triage.written_by,
                **_under(triage.prompt),
                **({"rules": [str(number) for number in route.numbers]} if route.numbers else {}),
            }
            await tx.record(AuditEvent(EventKind.TRIAGED, AGENT.name, now, ticket_id, fields))
        return triage

    async def plan(self, ticket_id: TicketId, work_seq: int) -> Plan | None:
        """The steps of the answer."""
        if kept := await self.store.plan(ticket_id, work_seq):
            return kept
        conversation, triage = await self._read(ticket_id, work_seq)
        if triage is None:
            return None
        plan = await self.model.plan(conversation, triage, await self._articles(conversation, triage))
        now = self.clock.now()
        async with self.store.begin() as tx:
            if (await tx.ticket(ticket_id)).work_seq != work_seq:
                return None
            await tx.keep_plan(ticket_id, work_seq, plan)
            fields: Fields = {"steps": len(plan.steps), "written_by": plan.written_by, **_under(plan.prompt)}
            await tx.record(AuditEvent(EventKind.PLANNED, AGENT.name, now, ticket_id, fields))
        return plan

    async def draft(self, ticket_id: TicketId, work_seq: int, decision_id: DecisionId | None) -> Draft | None:
        """Write a draft and offer it: the first one for the customer's mails, or one that an operator asked for."""
        made_for = f"decision:{decision_id}" if decision_id else f"mail:{work_seq}"
        if kept := await self.store.draft_made_for(ticket_id, made_for):
            return kept
        conversation, triage = await self._read(ticket_id, work_seq)
        plan = await self.store.plan(ticket_id, work_seq)
        if triage is None or plan is None:
            return None
        decision = await self.store.decision(decision_id) if decision_id else None
        articles = await self._articles(conversation, triage)
        feedback = decision.feedback if decision else None
        previous = await self.store.current_draft(ticket_id) if decision else None
        proposed = await self.model.draft(conversation, triage, plan, articles, feedback, previous)
        head = await letterhead(self.store, conversation.ticket.mailbox_id, self.desk_name)
        draft = self._as_draft(conversation, work_seq, proposed, articles, made_for, feedback)
        draft = self._on_paper(draft, conversation, head, previous)
        return await self._offer(draft, decision)

    async def _read(self, ticket_id: TicketId, work_seq: int) -> tuple[Conversation, Triage | None]:
        conversation = await self.store.conversation(ticket_id)
        return conversation, await self.store.triage(ticket_id, work_seq)

    async def _articles(self, conversation: Conversation, triage: Triage) -> tuple[Article, ...]:
        last = conversation.last_from_customer
        text = f"{conversation.ticket.subject}\n{last.mail.visible_text if last else ''}"
        return await self.knowledge.search(text, language=triage.language, category=triage.category, limit=ARTICLES)

    def _as_draft(
        self,
        conversation: Conversation,
        work_seq: int,
        proposed: ProposedReply,
        articles: Sequence[Article],
        made_for: str,
        feedback: str | None,
    ) -> Draft:
        titles = {article.id: article.title for article in articles}
        return Draft(
            ticket_id=conversation.ticket.id,
            revision=0,  # given at the offer, under the ticket's lock
            work_seq=work_seq,
            subject=_one_line(proposed.subject) or default_subject(conversation),
            body=proposed.body.strip(),
            to=recipients(conversation),
            cc=(),
            made_for=made_for,
            written_by=proposed.written_by,
            created_at=self.clock.now(),
            sources=tuple(Source(known, titles.get(known, known)) for known in proposed.source_ids),
            flags=(
                *flags_of(
                    proposed.body,
                    sources=[self.knowledge.all_text()],
                    customer=[message.mail.text for message in conversation.messages],
                    allowed=(*self.allowed, feedback or ""),
                ),
                *slot_flags(proposed.body),
            ),
            needs_human=proposed.needs_human,
            note=proposed.note,
            prompt=proposed.prompt,
        )

    def _on_paper(self, draft: Draft, conversation: Conversation, head: Letterhead, previous: Draft | None) -> Draft:
        """With sender, signature and quote. A redraft keeps what an operator chose around the words."""
        if previous and previous.work_seq == draft.work_seq:
            names = ("to", "cc", "bcc", "signature", "quote", "attachments", "sender")
            return replace(draft, **{name: getattr(previous, name) for name in names})
        quote = quote_for(conversation) if self.quotes_original else ""
        return replace(draft, sender=head.sender, signature=head.signature, quote=quote)

    async def _offer(self, draft: Draft, decision: Decision | None) -> Draft | None:
        """Compare-and-set on work_seq; the older draft gives way, the decision that asked for this one is done."""
        async with self.store.begin() as tx:
            ticket = await tx.ticket(draft.ticket_id)
            if ticket.work_seq != draft.work_seq or not await _still_wanted(tx, ticket, decision):
                return None
            current = await tx.current_draft(ticket.id)
            if current and current.state is DraftState.OPEN:
                await tx.set_draft_state(ticket.id, current.revision, DraftState.SUPERSEDED)
            await void_first_approval(tx, ticket.id, "another draft was offered", AGENT, draft.created_at)
            offered = replace(draft, revision=current.revision + 1 if current else 1)
            await tx.add_draft(offered)
            if decision:
                await tx.finish_decision(decision.id, DecisionState.DONE, None)
            moved = replace(
                ticket,
                status=after(ticket.status, Event.DRAFT_OFFERED),
                settled_seq=draft.work_seq,
                updated_at=draft.created_at,
                notice=_notice(ticket, draft, decision),
            )
            await tx.save(moved)
            fields: Fields = {
                "revision": offered.revision,
                "content_hash": offered.content_hash,
                "written_by": offered.written_by,
                "flags": len(offered.flags),
                **_under(offered.prompt),
            }
            await tx.record(AuditEvent(EventKind.DRAFT_OFFERED, AGENT.name, draft.created_at, ticket.id, fields))
        return offered


async def _still_wanted(tx: Transaction, ticket: Ticket, decision: Decision | None) -> bool:
    """Not when an operator wrote, closed or answered while the model was thinking."""
    if decision is None:
        return ticket.settled_seq < ticket.work_seq
    now = await tx.decision(decision.id)
    return now is not None and now.state is DecisionState.PENDING and now.kind is DecisionKind.REDRAFT


async def _gone(tx: Transaction, rules: Sequence[Rule]) -> frozenset[str]:
    """Whom rules assign to though they have no account at work here any more."""
    named = {rule.set_assignee for rule in rules if rule.set_assignee}
    return frozenset([each for each in named if not await tx.is_operator(each)])


def _judged_and_routed(judged: Triage, route: Routed) -> Triage:
    return replace(
        judged,
        category=route.category,
        priority=Priority(route.priority),
        reasons=(*route.reasons, *judged.reasons),
        proposed=judged.category,
    )


def _with_triage(ticket: Ticket, triage: Triage) -> Ticket:
    return replace(
        ticket,
        category=triage.category,
        priority=triage.priority,
        sentiment=triage.sentiment,
        language=triage.language,
        summary=triage.summary,
        confidence=triage.confidence,
        notice=still_told(ticket.notice, triage.note) if triage.needs_human else ticket.notice,
    )


def _notice(ticket: Ticket, draft: Draft, decision: Decision | None) -> str | None:
    """An operator who asks for a draft has read what was told; nobody has when the agent offers one by itself."""
    own = draft.note if draft.needs_human else None
    return own if decision else still_told(ticket.notice, own)


def _under(prompt: str | None) -> Fields:
    """Which instructions the model had; nothing for what rules made."""
    return {"prompt": prompt} if prompt else {}


def _one_line(subject: str) -> str:
    return " ".join(subject.split())
