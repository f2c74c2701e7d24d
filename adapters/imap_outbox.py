"""Drafts, notes and sent copies of one approved reply in an IMAP account.

SMTP knows no draft that is used up by sending, so the account itself keeps the order. Before the first byte of a reply
is transmitted, a small note goes into the drafts: "the desk began to send this". Whoever finds a note that is not their
own does not send. A draft without a note did not leave; a draft with one may have left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from adapters.imap_folders import drafts_folder, sent_folder
from adapters.imap_settings import ImapSettings
from adapters.imap_survey import provider_id
from adapters.raw_headers import header
from tickets.errors import AnswerLost
from tickets.mail import SEND_ID_HEADER
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting

if TYPE_CHECKING:
    from imapclient import IMAPClient

NOTE_HEADER: Final = "X-CA-Submitting"
CLOCKS_DIFFER: Final = timedelta(days=2)  # and zones; a search over years of sent mails would take too long
RECENT: Final = 50  # newest mails of a folder whose headers are read, where the server's search lags behind
_APPENDED: Final = re.compile(rb"\[APPENDUID (\d+) (\d+)\]")
_DELETED: Final = b"\\Deleted"
_DRAFT: Final = b"\\Draft"


@dataclass(frozen=True, slots=True)
class Note:
    """This attempt's word in the drafts that it is going to send."""

    attempt: str


@dataclass(slots=True)
class ImapOutbox:
    """Its calls block and run on the line that is given with each.

    `address` is the account's. `_void` are attempts of this process that certainly sent nothing, whose notes may still
    lie there because the connection broke.
    """

    address: str
    settings: ImapSettings
    _void: set[str] = field(default_factory=set)

    def prepare(self, client: "IMAPClient", outgoing: Outgoing) -> RemoteDraft:
        """Adopt the draft that bears the marker, else lay one down."""
        folder = drafts_folder(client, self.settings)
        if found := self._marked(client, folder, outgoing):
            return RemoteDraft(found[0].id)
        answer = client.append(folder, outgoing.mime, (_DRAFT, b"\\Seen"))
        if appended := _APPENDED.search(answer or b""):
            return RemoteDraft(provider_id(folder, int(appended[1]), int(appended[2])))
        found = self._marked(client, folder, outgoing)
        return RemoteDraft(found[0].id if found else str(outgoing.id))

    def begin(self, client: "IMAPClient", outgoing: Outgoing) -> Note | Receipt:
        """Put up this attempt's note; the receipt instead when the reply has left already.

        Raises AnswerLost when the draft is gone or another attempt's note was there first.
        """
        if sent := self._sent(client, outgoing):
            return sent
        folder = drafts_folder(client, self.settings)
        if not self._marked(client, folder, outgoing):
            raise AnswerLost("The draft is gone from the mailbox: the reply may have left. It is looked up next.")
        note = Note(uuid4().hex)
        # Until it is certain that this attempt goes on, its note means nothing.
        self._void.add(note.attempt)
        client.append(folder, self._note(outgoing, note), (_DRAFT, b"\\Seen"))
        first = self._first_note(client, folder, outgoing, but=note)
        if first != note.attempt:
            self._remove(client, folder, outgoing, note)
            raise AnswerLost("Another attempt to send this reply is under way or was cut off. It is looked up next.")
        self._void.discard(note.attempt)
        return note

    def void(self, note: Note) -> None:
        """Nothing left in this attempt."""
        self._void.add(note.attempt)

    def take_back(self, client: "IMAPClient", outgoing: Outgoing, note: Note) -> None:
        """Remove the note of an attempt in which nothing left."""
        self._remove(client, drafts_folder(client, self.settings), outgoing, note)

    def file_as_sent(self, client: "IMAPClient", outgoing: Outgoing) -> Receipt | None:
        """The copy among the sent mails: found there, or laid there unless the server does so by itself."""
        if (found := self._sent(client, outgoing)) or self.settings.saves_sent:
            return found
        client.append(sent_folder(client, self.settings), outgoing.mime, (b"\\Seen",))
        return self._sent(client, outgoing)

    def lookup(self, client: "IMAPClient", outgoing: Outgoing) -> Sent | Waiting | Absent:
        """A draft beside a note is Absent: nobody can tell from here whether it left."""
        if sent := self._sent(client, outgoing):
            return Sent(sent)
        folder = drafts_folder(client, self.settings)
        if self._first_note(client, folder, outgoing) is not None:
            return Absent()
        drafts = self._marked(client, folder, outgoing)
        return Waiting(RemoteDraft(drafts[0].id)) if drafts else Absent()

    def discard(self, client: "IMAPClient", outgoing: Outgoing) -> None:
        """Delete the draft and every note about it."""
        folder = drafts_folder(client, self.settings)
        marked = self._marked(client, folder, outgoing)
        notes = self._marked(client, folder, outgoing, NOTE_HEADER)
        _delete(client, folder, [mail.uid for mail in (*marked, *notes)])

    def _sent(self, client: "IMAPClient", outgoing: Outgoing) -> Receipt | None:
        # Whatever is still a draft did not leave, even if somebody has moved it there; a deleted copy did.
        found = self._marked(client, sent_folder(client, self.settings), outgoing, left_out=frozenset({_DRAFT}))
        return Receipt(found[0].id, header(found[0].head, "Message-ID") or outgoing.message_id) if found else None

    def _first_note(self, client: "IMAPClient", folder: str, outgoing: Outgoing, but: Note | None = None) -> str | None:
        """The attempt whose note the server took first: UIDs are given in the order of arrival, whoever asks."""
        own = but.attempt if but else None
        for mail in self._marked(client, folder, outgoing, NOTE_HEADER):
            attempt = (header(mail.head, NOTE_HEADER) or "").split()[-1]
            if attempt == own or attempt not in self._void:
                return attempt
        return None

    def _remove(self, client: "IMAPClient", folder: str, outgoing: Outgoing, note: Note) -> None:
        notes = self._marked(client, folder, outgoing, NOTE_HEADER)
        _delete(client, folder, [mail.uid for mail in notes if note.attempt.encode() in mail.head])

    def _marked(
        self,
        client: "IMAPClient",
        folder: str,
        outgoing: Outgoing,
        name: str = SEND_ID_HEADER,
        left_out: frozenset[bytes] = frozenset({_DELETED}),
    ) -> "list[_Marked]":
        """The mails whose header names the reply. What the search has not indexed yet is found among the newest."""
        opened = client.select_folder(folder)
        since = outgoing.due_at.date() - CLOCKS_DIFFER
        newest = client.search(["UID", f"{max(opened.get(b'UIDNEXT', 0) - RECENT, 1)}:*"])
        uids = sorted({*client.search(["SINCE", since, "HEADER", name, str(outgoing.id)]), *newest})
        fields = f"BODY.PEEK[HEADER.FIELDS ({name} MESSAGE-ID)]"
        found: list[_Marked] = []
        for uid, item in (client.fetch(uids, [fields, "FLAGS"]) if uids else {}).items():
            head = _head(item)
            if str(outgoing.id) in (header(head, name) or "") and not left_out.intersection(item.get(b"FLAGS", ())):
                found.append(_Marked(provider_id(folder, opened[b"UIDVALIDITY"], uid), uid, head))
        return sorted(found, key=lambda mail: mail.uid)

    def _note(self, outgoing: Outgoing, note: Note) -> bytes:
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self.address
        message["Subject"] = "The desk is sending a reply"
        message[NOTE_HEADER] = f"{outgoing.id} {note.attempt}"
        message.set_content(
            "The desk put this note here just before it sent a reply, and takes it away afterwards.\n"
            "If it stays, the sending was cut off and the reply may have left or not. The ticket asks you which:\n"
            "look into the sent mails and, if you can, ask the recipient. Then this note and the draft go away.\n"
        )
        return message.as_bytes()


@dataclass(frozen=True, slots=True)
class _Marked:
    id: str
    uid: int
    head: bytes


def _head(item: dict[bytes, object]) -> bytes:
    return next((value for key, value in item.items() if key.startswith(b"BODY[") and isinstance(value, bytes)), b"")


def _delete(client: "IMAPClient", folder: str, uids: Iterable[int]) -> None:
    """Without UIDPLUS they stay, marked as deleted: a plain EXPUNGE would also remove what a person marked."""
    if doomed := list(uids):
        client.select_folder(folder)
        client.delete_messages(doomed, silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(doomed)
