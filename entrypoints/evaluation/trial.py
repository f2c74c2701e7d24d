"""One case, worked on as the agent would have: triage, rules, articles, plan, draft, flags. Nothing is kept or sent."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from entrypoints.evaluation.bench import Bench
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.metering import Usage
from tickets.agent import ARTICLES
from tickets.flags import flags_of
from tickets.routing import Around, facts_of, routed
from tickets.slots import slot_flags
from tickets.ticket import Article, Flag, Plan, Priority, ProposedReply, Triage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case; `outputs` is what evaluators are given. Seconds are those of the whole case."""

    key: str
    outputs: dict[str, Any]
    usage: Usage
    seconds: float

    @property
    def is_models_own(self) -> bool:
        """Whether the model that was asked for did all of it, without the rules stepping in."""
        return not self.outputs["fallback"]

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "outputs": self.outputs, "usage": asdict(self.usage), "seconds": self.seconds}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Outcome":
        """Raises KeyError or TypeError for what is no outcome."""
        return cls(str(kept["key"]), dict(kept["outputs"]), Usage(**kept["usage"]), float(kept["seconds"]))


async def tried(bench: Bench, case: Case, key: str) -> Outcome:
    """Never raises for what a model does: the fallback steps in, and the outcome says so."""
    began = time.perf_counter()
    with bench.knowledge.as_of(case.knows):
        triage, assignee = await _triaged(bench, case)
        plan: Plan | None = None
        reply: ProposedReply | None = None
        flags: tuple[Flag, ...] = ()
        if triage.needs_reply:
            articles = await _articles(bench, case, triage)
            plan = await bench.model.plan(case.conversation, triage, articles)
            reply = await bench.model.draft(case.conversation, triage, plan, articles)
            flags = _flags(bench, case, reply)
    seconds = time.perf_counter() - began
    usage = bench.meter.by_case.pop(case.ticket_id, Usage())
    writers = {each.written_by for each in (triage, plan, reply) if each}
    outputs = {
        **_judgement(triage, assignee),
        **_reply(reply, flags),
        "steps": len(plan.steps) if plan else 0,
        "fallback": sorted(writers - {*bench.signatures}),
        "prompts": {name: made.prompt for name, made in _made(triage, plan, reply) if made and made.prompt},
    }
    return Outcome(key, outputs, usage, seconds)


_SHOWN: Final = ("category", "sentiment", "language", "needs_reply", "summary", "confidence", "needs_human")


async def _triaged(bench: Bench, case: Case) -> tuple[Triage, str | None]:
    judged = await bench.model.triage(case.conversation, bench.categories)
    route = routed(bench.rules, facts_of(case.conversation, judged), Around(bench.categories))
    return replace(judged, category=route.category, priority=Priority(route.priority)), route.assignee


async def _articles(bench: Bench, case: Case, triage: Triage) -> tuple[Article, ...]:
    last = case.conversation.last_from_customer
    text = f"{case.conversation.ticket.subject}\n{last.mail.visible_text if last else ''}"
    return await bench.knowledge.search(text, language=triage.language, category=triage.category, limit=ARTICLES)


def _flags(bench: Bench, case: Case, reply: ProposedReply) -> tuple[Flag, ...]:
    customer = [message.mail.text for message in case.conversation.messages]
    sources = [bench.knowledge.all_text()]
    stated = flags_of(reply.body, sources=sources, customer=customer, allowed=bench.allowed)
    return (*stated, *slot_flags(reply.body))


def _judgement(triage: Triage, assignee: str | None) -> dict[str, Any]:
    shown = {name: getattr(triage, name) for name in _SHOWN}
    return {**shown, "priority": triage.priority.value, "assignee": assignee, "reasons": list(triage.reasons)}


def _reply(reply: ProposedReply | None, flags: tuple[Flag, ...]) -> dict[str, Any]:
    if reply is None:
        return {"draft": None, "subject": None, "sources": [], "flags": [], "draft_needs_human": False}
    return {
        "draft": reply.body,
        "subject": reply.subject,
        "sources": list(reply.source_ids),
        "flags": [{"kind": flag.kind, "text": flag.text} for flag in flags],
        "draft_needs_human": reply.needs_human,
    }


def _made(
    triage: Triage, plan: Plan | None, reply: ProposedReply | None
) -> tuple[tuple[str, Triage | Plan | ProposedReply | None], ...]:
    return ("triage", triage), ("plan", plan), ("draft", reply)
