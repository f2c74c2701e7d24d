"""The Model port over an OpenAI-compatible endpoint: answers are checked, and the local model does what fails.

Neither a recipient nor a confidence is ever read from an answer. The subject comes from the customer's mail, because a
changed one would break the customer's thread.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from adapters import chat_prompts as requests
from adapters.chat_answers import A, DraftAnswer, PlanAnswer, TriageAnswer, shortened
from adapters.chat_call import Meter, Question
from adapters.chat_chain import Chain, Heard
from adapters.chat_probe import probe
from adapters.chat_settings import ChatSettings
from adapters.chat_silence import Monotonic, mail_of
from adapters.local_language import LANGUAGES, is_certain, language_of
from adapters.prompt_versions import Prompts, Step, current
from tickets.categories import SHIPPED, Categories
from tickets.errors import ModelUnavailable
from tickets.mail import plain_subject, reply_subject
from tickets.ports import Model
from tickets.ticket import Article, Conversation, Draft, Plan, PlanStep, ProposedReply, Ticket, Triage

_log = structlog.get_logger()
_TOOL_IGNORED: Final = "the model asked for a tool; that was ignored"


class ChatModel:
    """Asks the configured models in turn, checks the answer, and hands over to `local` when none is usable.

    Its work says so: `needs_human` is set and `note` gives the reason. What a second model wrote has a note as well.
    """

    def __init__(
        self,
        settings: ChatSettings,
        local: Model,
        desk_name: str = "",
        canary: str | None = None,
        monotonic: Monotonic = time.monotonic,
        meter: Meter | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        self.name = settings.name
        self._settings, self._meter = settings, meter
        self._chain = Chain(settings, meter, monotonic)
        self._local = local
        self._desk_name = desk_name
        self._canary = canary or secrets.token_hex(8)
        self._prompts = prompts or current()

    async def tried(self) -> float:
        """Ask one tiny question; the seconds until its answer. Raises ModelUnavailable."""
        return await probe(self._settings, self._meter)

    async def triage(self, conversation: Conversation, categories: Categories = SHIPPED) -> Triage:
        """The model's judgement, beside that of the rules: where the two agree, confidence is high."""
        second = await self._local.triage(conversation, categories)
        request = requests.triage_request(conversation)
        try:
            heard = await self._ask(conversation.ticket, TriageAnswer, "triage", request, categories=categories)
        except ModelUnavailable as error:
            return replace(second, needs_human=True, note=_without_a_model(error))
        return self._judged(heard, second, categories)

    async def plan(self, conversation: Conversation, triage: Triage, articles: Sequence[Article]) -> Plan:
        """The steps of the reply."""
        request = requests.plan_request(conversation, triage, articles)
        try:
            heard = await self._ask(conversation.ticket, PlanAnswer, "plan", request)
        except ModelUnavailable as error:
            plan = await self._local.plan(conversation, triage, articles)
            return replace(plan, note=_without_a_model(error))
        steps = tuple(PlanStep(step.action, step.detail, tuple(step.missing)) for step in heard.reply.answer.steps)
        return Plan(steps, heard.by, _note(heard), self._prompts.stamp("plan"))

    async def draft(
        self,
        conversation: Conversation,
        triage: Triage,
        plan: Plan,
        articles: Sequence[Article],
        feedback: str | None = None,
        previous: Draft | None = None,
    ) -> ProposedReply:
        """The reply as the model wrote it, with what the checks found in the note."""
        request = requests.draft_request(conversation, triage, plan, articles, feedback, previous)
        if feedback is not None:  # an operator asks, maybe hours later: that is worth a new try
            self._chain.forgive(mail_of(conversation.ticket))
        try:
            heard = await self._ask(conversation.ticket, DraftAnswer, "draft", request, triage.language)
        except ModelUnavailable as error:
            local = await self._local.draft(conversation, triage, plan, articles, feedback, previous)
            return replace(local, needs_human=True, note=_without_a_model(error, local.note))
        return self._written(heard, conversation, triage, articles, is_redraft=feedback is not None)

    async def _ask(
        self,
        ticket: Ticket,
        shape: type[A],
        step: Step,
        request: str,
        language: str = "",
        categories: Categories = SHIPPED,
    ) -> Heard[A]:
        slots = {
            "desk_name": self._desk_name or "the company",
            "canary": self._canary,
            "language": language,
            "categories": requests.named(categories),
        }
        system = self._prompts.system(step, slots)
        choices = {"category": categories.keys} if shape is TriageAnswer else {}
        question = Question(shape, system, request, self._canary, choices, ticket.id)
        heard = await self._chain.ask(mail_of(ticket), question)
        if heard.reply.wanted_tool:
            _log.warning("model_tool_call_ignored", step=shape.__name__)
        return heard

    def _judged(self, heard: Heard[TriageAnswer], second: Triage, categories: Categories) -> Triage:
        answer = heard.reply.answer
        category = categories.settled(answer.category)
        unknown = () if category == answer.category else (f"the model said '{answer.category}', which is no category",)
        warnings = tuple(reason for reason in second.reasons if second.needs_human)[:1]
        stray = (_TOOL_IGNORED,) if heard.reply.wanted_tool else ()
        return Triage(
            category=category,
            priority=answer.priority,
            sentiment=answer.sentiment,
            language=answer.language or second.language,
            needs_reply=answer.needs_reply,
            summary=answer.summary,
            confidence=_agreement(answer, second),
            reasons=(*warnings, *unknown, *answer.reasons, *_disagreement(answer, second), *stray),
            written_by=heard.by,
            needs_human=second.needs_human,
            note=_note(heard),
            prompt=self._prompts.stamp("triage"),
        )

    def _written(
        self,
        heard: Heard[DraftAnswer],
        conversation: Conversation,
        triage: Triage,
        articles: Sequence[Article],
        *,
        is_redraft: bool,
    ) -> ProposedReply:
        known, answer = {article.id for article in articles}, heard.reply.answer
        named = tuple(dict.fromkeys(answer.used_source_ids))
        notes = [_TOOL_IGNORED] if heard.reply.wanted_tool else []
        if any(source not in known for source in named):
            notes.append("it names a source that was not given")
        # An operator's feedback may ask for another language; the first draft follows the customer.
        if not is_redraft and (wrong := _other_language(answer.body, triage.language)):
            notes.append(f"it seems to be written in '{wrong}', the customer wrote in '{triage.language}'")
        return ProposedReply(
            subject=_subject(conversation, answer.subject),
            body=answer.body,
            source_ids=tuple(source for source in named if source in known),
            written_by=heard.by,
            needs_human=bool(notes) or triage.needs_human,
            note=_joined(heard.note, *(["please check", *notes] if notes else [])),
            prompt=self._prompts.stamp("draft"),
        )


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None


def _note(heard: Heard[A]) -> str | None:
    return _joined(heard.note, _TOOL_IGNORED if heard.reply.wanted_tool else None)


def _without_a_model(error: ModelUnavailable, local_note: str | None = None) -> str:
    extra = (local_note or "").removeprefix("written without a model")
    return f"{error}; written without a model{extra}"


def _agreement(answer: TriageAnswer, second: Triage) -> float:
    """0.5 for a valid answer alone, up to 0.95 when the rules come to the same result; halved for a suspicious mail."""
    confidence = 0.5 + 0.1 * (answer.language == second.language) + 0.1 * (answer.needs_reply == second.needs_reply)
    if answer.category == second.category:
        confidence += 0.1 + 0.15 * second.confidence
    return round(confidence * (0.5 if second.needs_human else 1.0), 2)


def _disagreement(answer: TriageAnswer, second: Triage) -> tuple[str, ...]:
    if answer.category == second.category:
        return ()
    return (f"the rules would say '{second.category}'",)


def _other_language(body: str, wanted: str) -> str | None:
    """The language of the body when it is surely not the wanted one."""
    found = language_of(body)
    return found if wanted in LANGUAGES and found != wanted and is_certain(body) else None


def _subject(conversation: Conversation, suggested: str) -> str:
    last = conversation.last_from_customer
    given = last.mail.subject if last else conversation.ticket.subject
    return reply_subject(given) if plain_subject(given) else reply_subject(shortened(suggested, 120))
