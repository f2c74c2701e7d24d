"""One account's mail: messages, threads, labels and the history that every change leaves behind."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from entrypoints.gmail_double.history import Change, History
from entrypoints.gmail_double.page_tokens import PageTokens
from entrypoints.gmail_double.source import Source
from entrypoints.gmail_double.wire import Refusal, not_found

SYSTEM_LABELS = (
    *("INBOX", "SENT", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "CHAT"),
    *("CATEGORY_PERSONAL", "CATEGORY_UPDATES", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "CATEGORY_FORUMS"),
)
_FIRST_MESSAGE_ID = 0x1900_0000_0000_0000


@dataclass(frozen=True)
class Message:
    """A mail in a mailbox. `internal_ms` is Gmail's internalDate in milliseconds."""

    id: str
    thread_id: str
    labels: frozenset[str]
    internal_ms: int
    history_id: int
    source: Source

    def __deepcopy__(self, memo: object) -> "Message":
        # Nothing in it can change, so a snapshot of 10,000 mails needs no copies of them.
        return self


@dataclass(frozen=True)
class SendAs:
    """An address the account may write as, once its owner has confirmed it."""

    address: str
    name: str = ""
    is_verified: bool = True
    is_default: bool = False
    signature: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class Watch:
    """A standing wish to be told of changes, of all mails or of those with one of the labels."""

    topic: str
    labels: frozenset[str]
    expires_ms: int
    told_id: int


class Mailbox:
    """Mail of one address. Ids are its own: two mailboxes may use the same message id."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[str]] = {}
        self.drafts: dict[str, str] = {}
        self.send_as = {address.casefold(): SendAs(address, is_default=True)}
        self.page_tokens = PageTokens()
        self.watch: Watch | None = None
        self.labels: dict[str, str] = {name: name for name in SYSTEM_LABELS}
        self.history = History()
        self._by_message_id: dict[str, list[str]] = {}
        self._in_order: list[tuple[int, str]] = []
        self._minted = 0

    def mint(self) -> int:
        """The next number from which an id is made."""
        self._minted += 1
        return self._minted

    def add(self, source: Source, labels: Iterable[str], at_ms: int, thread_id: str | None = None) -> Message:
        """Store a mail in the thread (None: a new one) and record it in the history."""
        self.require_labels(labels)
        new_id = f"{_FIRST_MESSAGE_ID + self.mint():016x}"
        message = Message(new_id, thread_id or new_id, frozenset(labels), at_ms, self.history.next_id(), source)
        self.messages[new_id] = message
        insort(self._in_order, (at_ms, new_id))
        self.threads.setdefault(message.thread_id, []).append(new_id)
        self._by_message_id.setdefault(source.message_id, []).append(new_id)
        self._record("messagesAdded", message)
        return message

    def get(self, message_id: str) -> Message:
        message = self.messages.get(message_id)
        if message is None:
            raise not_found()
        return message

    def relabel(self, message_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Message:
        """Change labels; only what really changes is recorded. Refusal 400 for an unknown label."""
        added, removed = tuple(add), tuple(remove)
        self.require_labels((*added, *removed))
        message = self.get(message_id)
        new = tuple(sorted(set(added) - message.labels))
        gone = tuple(sorted((set(removed) - set(added)) & message.labels))
        if new:
            message = self._changed(message, "labelsAdded", message.labels | set(new), new)
        if gone:
            message = self._changed(message, "labelsRemoved", message.labels - set(gone), gone)
        return message

    def delete(self, message_id: str) -> None:
        """Remove a mail for good."""
        message = self.get(message_id)
        del self.messages[message_id]
        del self._in_order[bisect_left(self._in_order, (message.internal_ms, message_id))]
        self.threads[message.thread_id].remove(message_id)
        if not self.threads[message.thread_id]:
            del self.threads[message.thread_id]
        self._by_message_id[message.source.message_id].remove(message_id)
        self.drafts = {draft: held for draft, held in self.drafts.items() if held != message_id}
        self.history.next_id()
        self._record("messagesDeleted", replace(message, history_id=self.history.last_id))

    def thread(self, thread_id: str) -> list[Message]:
        """The mails of a thread, oldest first; Refusal 404 when there are none."""
        ids = self.threads.get(thread_id)
        if not ids:
            raise not_found()
        return sorted((self.messages[each] for each in ids), key=lambda m: (m.internal_ms, m.id))

    def newest_first(self) -> list[Message]:
        return [self.messages[message_id] for _, message_id in reversed(self._in_order)]

    def writes_as(self, address: str) -> bool:
        """Whether mail may leave with this From: the account's own address or a confirmed alias."""
        alias = self.send_as.get(address.casefold())
        return alias is not None and alias.is_verified

    def add_send_as(self, alias: SendAs) -> None:
        """Add or replace an alias; a default one takes over from the present default."""
        if alias.is_default:
            self.send_as = {key: replace(known, is_default=False) for key, known in self.send_as.items()}
        self.send_as[alias.address.casefold()] = alias

    def thread_for(self, source: Source, wanted: str | None = None) -> str | None:
        """The thread this mail joins, or None for a new one.

        A mail joins when it names a mail of that thread in References or In-Reply-To and its subject
        is the same apart from "Re:". With `wanted` only that thread is considered.
        """
        for parent in reversed(source.parents):
            for message_id in self._by_message_id.get(parent, ()):
                known = self.messages[message_id]
                if wanted not in (None, known.thread_id):
                    continue
                if bare_subject(known.source.subject) == bare_subject(source.subject):
                    return known.thread_id
        return None

    def news(self, now_ms: int) -> int | None:
        """The history id to tell those who watch; None when nothing they wish to know has happened since."""
        watch = self.watch
        if watch is None or now_ms >= watch.expires_ms or self.history.last_id <= watch.told_id:
            return None
        labels = [change.labels_now for change in self.history.since(watch.told_id)]
        self.watch = replace(watch, told_id=self.history.last_id)
        is_news = not watch.labels or any(watch.labels.intersection(each) for each in labels)
        return self.history.last_id if is_news else None

    def require_labels(self, labels: Iterable[str]) -> None:
        for label in labels:
            if label not in self.labels:
                raise Refusal(400, f"Invalid label: {label}")

    def _changed(self, message: Message, kind: str, labels: frozenset[str], differing: tuple[str, ...]) -> Message:
        changed = replace(message, labels=labels, history_id=self.history.next_id())
        self.messages[message.id] = changed
        self._record(kind, changed, differing)
        return changed

    def _record(self, kind: str, message: Message, labels: tuple[str, ...] = ()) -> None:
        self.history.add(
            Change(
                message.history_id,
                kind,
                message.id,
                message.thread_id,
                tuple(sorted(message.labels)),
                labels,
            )
        )


def bare_subject(subject: str) -> str:
    """The subject without leading "Re:" marks, white space and letter case, for comparing."""
    bare = re.sub(r"^(?:\s*re\s*:)+", "", subject, flags=re.IGNORECASE)
    return " ".join(bare.split()).casefold()
