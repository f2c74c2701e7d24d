"""In-memory twins of what is outside the process: a mailbox, a clock, a model, a knowledge base.

They ship, they pass the same behaviour tests as the real adapters, and they can be told to fail.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal, TypeVar

from adapters.raw_headers import send_id
from tickets.categories import SHIPPED, Categories
from tickets.errors import AnswerLost, Disconnected, Rejected, Unavailable
from tickets.mail import reply_subject
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.portions import PORTION
from tickets.ports import Changes, Clock, Incoming, Skipped, Unknown
from tickets.ticket import (
    Article,
    Category,
    Conversation,
    Draft,
    Plan,
    PlanStep,
    Priority,
    ProposedReply,
    Sentiment,
    Triage,
)

T = TypeVar("T")


Fault = Literal["unavailable", "rejected", "disconnected", "lost_before_accept", "lost_after_accept"]
Call = Literal["changes", "prepare", "submit", "lookup", "discard"]
Task = Literal["triage", "plan", "draft"]


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self._now += timedelta(seconds=seconds)


class MemoryMailbox:
    """A mailbox in a list. `sent` is its ledger: what really left, in order."""

    def __init__(
        self, address: str, *, clock: Clock | None = None, settle_s: float = 0.0, authserv_id: str | None = None
    ) -> None:
        self.address = address
        self.authserv_id = authserv_id
        self.settle_s = settle_s
        self.sent: list[bytes] = []
        self.drafts: dict[str, bytes] = {}
        self.aliases: set[str] = set()  # address keys it may send as, beside its own
        self._clock = clock or FixedClock()
        self._log: list[Incoming | str] = []  # a string is the id of a mail that was deleted
        self._sent_receipts: dict[str, Receipt] = {}
        self._faults: list[tuple[Call, Fault]] = []
        self._numbers = count(1)

    def receive(
        self,
        raw: bytes,
        *,
        provider_id: str | None = None,
        provider_thread_id: str | None = None,
        received_at: datetime | None = None,
        is_sent: bool = False,
    ) -> str:
        """Let a mail arrive (or, `is_sent`, let a colleague send one by hand); gives its provider id."""
        provider_id = provider_id or f"m{next(self._numbers)}"
        at = received_at or self._clock.now()
        self._log.append(Incoming(provider_id, raw, at, provider_thread_id, is_sent))
        return provider_id

    def delete(self, provider_id: str) -> None:
        """Somebody deletes the mail in the mailbox."""
        # In its place, so that every cursor still means the same; and at the end, for those who have read it.
        self._log = [provider_id if _is(entry, provider_id) else entry for entry in self._log]
        self._log.append(provider_id)

    def will(self, fault: Fault, *, on: Call, times: int = 1) -> None:
        """Fail the next calls in that way; `lost_after_accept` does the work first."""
        self._faults += [(on, fault)] * times

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """What the log holds behind the cursor."""
        self._fail("changes")
        position = int(cursor or 0)
        while position < len(self._log):
            entries = self._log[position : position + PORTION]
            position += len(entries)
            yield await _portion(entries, str(position), unknown)

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Keep the frozen MIME under a draft id; the draft of an earlier attempt is adopted."""
        lost = self._fail("prepare")
        draft = self._draft_of(outgoing) or RemoteDraft(f"d{next(self._numbers)}")
        self.drafts.setdefault(draft.id, outgoing.mime)
        if lost:
            raise Unavailable("The answer to the draft was lost. It is tried again by itself and finds that draft.")
        return draft

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Consume the draft and put the approved text into the ledger, once."""
        fault = self._fail("submit")
        if fault == "lost_before_accept":
            _lose_answer(fault)
        if self.drafts.pop(draft.id, None) is None:
            raise AnswerLost("The draft is gone: the reply may have left. It is looked up among the sent mails next.")
        receipt = self._accept(outgoing)
        _lose_answer(fault)
        return receipt

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """What the ledger and the drafts show."""
        self._fail("lookup")
        if receipt := self._sent_receipts.get(str(outgoing.id)):
            return Sent(receipt)
        draft = self._draft_of(outgoing)
        return Waiting(draft) if draft else Absent()

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete its draft."""
        self._fail("discard")
        if draft := self._draft_of(outgoing):
            del self.drafts[draft.id]

    async def senders(self) -> frozenset[str]:
        """Its address and `aliases`."""
        return frozenset({self.address.casefold(), *self.aliases})

    def _accept(self, outgoing: Outgoing) -> Receipt:
        self.sent.append(outgoing.mime)
        thread = outgoing.provider_thread_id
        provider_id = self.receive(outgoing.mime, provider_thread_id=thread, is_sent=True)
        receipt = Receipt(provider_id, outgoing.message_id, thread)
        self._sent_receipts[str(outgoing.id)] = receipt
        return receipt

    def _draft_of(self, outgoing: Outgoing) -> RemoteDraft | None:
        marker = str(outgoing.id)
        return next((RemoteDraft(id_) for id_, raw in self.drafts.items() if send_id(raw) == marker), None)

    def _fail(self, call: Call) -> Fault | None:
        planned = next((plan for plan in self._faults if plan[0] == call), None)
        if planned is None:
            return None
        self._faults.remove(planned)
        match planned[1]:
            case "unavailable":
                raise Unavailable(f"The mailbox {self.address} does not answer. It is tried again by itself.")
            case "rejected":
                raise Rejected(f"The mailbox {self.address} refused the request. Read the reason, then decide.")
            case "disconnected":
                raise Disconnected(f"The mailbox {self.address} is disconnected. Reconnect it.")
            case lost:
                return lost


class MemoryModel:
    """A scripted model: boring answers, unless `will` says otherwise. `calls` is what it was asked, in order."""

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.calls: list[Task] = []
        self.feedback: list[str] = []
        self._script: list[tuple[Task, object]] = []

    def will(self, task: Task, outcome: object, times: int = 1) -> None:
        """Answer the next calls of that task with this value, or raise it when it is an exception."""
        self._script += [(task, outcome)] * times

    async def triage(self, conversation: Conversation, categories: Categories = SHIPPED) -> Triage:
        """The scripted triage, or: technical, normal, English, needs a reply."""
        return self._answer(
            "triage",
            Triage,
            lambda: Triage(
                category=Category.TECHNICAL,
                priority=Priority.NORMAL,
                sentiment=Sentiment.NEUTRAL,
                language="en",
                needs_reply=True,
                summary=conversation.ticket.subject,
                confidence=0.9,
                reasons=("scripted",),
                written_by=self.name,
            ),
        )

    async def plan(self, conversation: Conversation, triage: Triage, articles: Sequence[Article]) -> Plan:
        """The scripted plan, or one step."""
        return self._answer("plan", Plan, lambda: Plan((PlanStep("answer", conversation.ticket.subject),), self.name))

    async def draft(
        self,
        conversation: Conversation,
        triage: Triage,
        plan: Plan,
        articles: Sequence[Article],
        feedback: str | None = None,
        previous: Draft | None = None,
    ) -> ProposedReply:
        """The scripted reply, or a short one that shows the feedback it was given."""
        self.feedback += [feedback] if feedback else []
        body = "Hello,\n\nthank you for your message. We look into it.\n" + (f"\n{feedback}\n" if feedback else "")
        subject = reply_subject(conversation.ticket.subject)
        sources = tuple(article.id for article in articles[:1])
        return self._answer("draft", ProposedReply, lambda: ProposedReply(subject, body, sources, self.name))

    def _answer(self, task: Task, kind: type[T], boring: Callable[[], T]) -> T:
        self.calls.append(task)
        planned = next((entry for entry in self._script if entry[0] == task), None)
        if planned is None:
            return boring()
        self._script.remove(planned)
        if isinstance(planned[1], Exception):
            raise planned[1]
        if not isinstance(planned[1], kind):
            raise TypeError(f"scripted {task} must be a {kind.__name__}")
        return planned[1]


class MemoryKnowledge:
    """Articles in a tuple, ranked by the words they share with the text."""

    def __init__(self, articles: Sequence[Article] = ()) -> None:
        self._articles = tuple(articles)

    async def search(self, text: str, *, language: str, category: str, limit: int) -> tuple[Article, ...]:
        """The same language first, then the same category, then the most shared words."""
        wanted = _words(text)

        def fit(article: Article) -> tuple[bool, bool, int]:
            shared = len(wanted & _words(f"{article.title} {article.body}"))
            return article.language == language, article.category == category, shared

        return tuple(sorted(self._articles, key=fit, reverse=True)[:limit])

    async def article(self, article_id: str) -> Article | None:
        return next((article for article in self._articles if article.id == article_id), None)

    def all_text(self) -> str:
        """The text of all articles."""
        return "\n\n".join(f"{article.title}\n{article.body}" for article in self._articles)


def _is(entry: Incoming | str, provider_id: str) -> bool:
    return isinstance(entry, Incoming) and entry.provider_id == provider_id


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{3,}", text.casefold()))


def _lose_answer(fault: Fault | None) -> None:
    if fault is not None:
        raise AnswerLost("The connection broke before the answer came. The reply is looked up next.")


async def _portion(entries: Sequence[Incoming | str], cursor: str, unknown: Unknown) -> Changes:
    mails = {entry.provider_id: entry for entry in entries if isinstance(entry, Incoming)}
    new_ids = await unknown(list(mails))
    new = [mail for mail in mails.values() if mail.provider_id in new_ids]
    own = tuple(Skipped(mail.provider_id, "our own reply") for mail in new if mail.is_sent and send_id(mail.raw))
    skipped_ids = {skipped.provider_id for skipped in own}
    incoming = tuple(mail for mail in new if mail.provider_id not in skipped_ids)
    return Changes(incoming, cursor, own, tuple(entry for entry in entries if isinstance(entry, str)))
