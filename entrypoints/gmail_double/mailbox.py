"""One account's mail: messages, threads, labels and the history that every change leaves behind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from entrypoints.gmail_double.history import Change, History
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


class Mailbox:
    """Mail of one address. Ids are its own: two mailboxes may use the same message id."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[str]] = {}
        self.drafts: dict[str, str] = {}
        self.labels: dict[str, str] = {name: name for name in SYSTEM_LABELS}
        self.history = History()
        self._by_message_id: dict[str, list[str]] = {}
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
        return sorted(self.messages.values(), key=lambda m: (m.internal_ms, m.id), reverse=True)

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
