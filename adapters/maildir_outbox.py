"""Sending from a Maildir: a draft file that becomes a sent file by one atomic rename.

The file's unique name is derived from the send id alone, so every attempt, in any process, means the same file.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from tickets.errors import AnswerLost, Unavailable
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting

DRAFTS: Final = ".Drafts"
SENT: Final = ".Sent"


class MaildirOutbox:
    """The `.Drafts` and `.Sent` folders of one Maildir. Its calls block."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Write the draft durably; what an earlier attempt left is adopted."""
        draft = RemoteDraft(_unique_name(outgoing))
        try:
            self._make_folders()
            if self._find(DRAFTS, outgoing) is None and self._find(SENT, outgoing) is None:
                self._deliver_draft(draft.id, outgoing.mime)
        except OSError as error:
            raise self._unavailable("The draft could not be written", error) from error
        return draft

    def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Move the draft to the sent mails. Raises AnswerLost when it is in neither folder."""
        try:
            self._make_folders()
            if not self._move_to_sent(outgoing) and self._find(SENT, outgoing) is None:
                raise AnswerLost(
                    f"The reply is neither in {DRAFTS} nor in {SENT}: somebody may have moved it. "
                    "Look for it in the mailbox, then tell the ticket whether it left."
                )
        except OSError as error:
            raise self._unavailable("The reply could not be moved to the sent mails", error) from error
        return Receipt(draft.id, outgoing.message_id)

    def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Which of the two folders holds the reply."""
        unique_name = _unique_name(outgoing)
        try:
            if self._find(SENT, outgoing):
                return Sent(Receipt(unique_name, outgoing.message_id))
            return Waiting(RemoteDraft(unique_name)) if self._find(DRAFTS, outgoing) else Absent()
        except OSError as error:
            raise self._unavailable("The mailbox could not be searched", error) from error

    def discard(self, outgoing: Outgoing) -> None:
        """Delete the draft's file, if there is one."""
        try:
            if draft_file := self._find(DRAFTS, outgoing):
                draft_file.unlink(missing_ok=True)
        except OSError as error:
            raise self._unavailable("The draft could not be deleted", error) from error

    def _move_to_sent(self, outgoing: Outgoing) -> bool:
        """Whether this call moved the draft: of any number of callers, exactly one does."""
        draft_file = self._find(DRAFTS, outgoing)
        if draft_file is None:
            return False
        sent_file = self._root / SENT / "cur" / f"{_unique_name(outgoing)}:2,S"
        try:
            _restore(draft_file, outgoing.mime)
            draft_file.rename(sent_file)
        except FileNotFoundError:
            return False
        _sync_folder(sent_file.parent)
        _sync_folder(draft_file.parent)
        return True

    def _deliver_draft(self, unique_name: str, mime: bytes) -> None:
        # Two writers of the same draft stay apart until their renames, which leave one file.
        part = self._root / DRAFTS / "tmp" / f"{unique_name}.{secrets.token_hex(8)}"
        with part.open("wb") as file:
            file.write(mime)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._root / DRAFTS / "cur" / f"{unique_name}:2,D")
        _sync_folder(self._root / DRAFTS / "cur")

    def _find(self, folder: str, outgoing: Outgoing) -> Path | None:
        """The reply's file, whatever flags a mail program has given it meanwhile."""
        marker = str(outgoing.id)
        places = (self._root / folder / part for part in ("cur", "new"))
        files = (file for place in places if place.is_dir() for file in place.iterdir())
        return next((file for file in files if marker in file.name), None)

    def _make_folders(self) -> None:
        if not self._root.is_dir():
            raise FileNotFoundError(None, "No such folder", str(self._root))
        for folder in (DRAFTS, SENT):
            for part in ("tmp", "new", "cur"):
                (self._root / folder / part).mkdir(parents=True, exist_ok=True)

    def _unavailable(self, what: str, error: OSError) -> Unavailable:
        return Unavailable(
            f"{what} in {self._root} ({error.strerror}). Repair the folder; it is tried again by itself."
        )


def _unique_name(outgoing: Outgoing) -> str:
    return f"{int(outgoing.due_at.timestamp())}.CA{outgoing.id}"


def _restore(draft_file: Path, mime: bytes) -> None:
    """Put the approved text back if somebody edited the draft.

    Writes over the file without emptying it first: a racing caller that has already moved it loses nothing.
    """
    with draft_file.open("r+b") as file:
        if file.read() == mime:
            return
        file.seek(0)
        file.write(mime)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
