"""What each folder of an IMAP account has to tell, found without reading a mail."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from adapters.imap_cursor import Cursor, FolderCursor, Look
from adapters.imap_folders import Folder, folders_to_read, look_at
from adapters.imap_settings import ImapSettings

if TYPE_CHECKING:
    from imapclient import IMAPClient


@dataclass(frozen=True, slots=True)
class News:
    """What a folder shows: UIDs to ask about, UIDs that are gone, and its cursor once they are dealt with."""

    folder: Folder
    after: FolderCursor
    uids: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    is_listing: bool = False

    def id(self, uid: int) -> str:
        return provider_id(self.folder.name, self.after.look.validity, uid)


def provider_id(folder: str, validity: int, uid: int) -> str:
    """The desk's name for a mail of this account."""
    return f"{folder}:{validity}:{uid}"


def survey(client: "IMAPClient", *, settings: ImapSettings, known: Cursor, since: date) -> tuple[list[News], list[str]]:
    """What each folder has to tell, without reading a mail; then the configured folders that are not there."""
    folders, missing = folders_to_read(client, settings)
    return [_folder_news(client, folder, known.folders.get(folder.name), since) for folder in folders], missing


def _folder_news(client: "IMAPClient", folder: Folder, known: FolderCursor | None, since: date) -> News:
    look = look_at(client, folder.name)
    if known and known.is_of(look):
        return News(folder, known)
    exists = client.select_folder(folder.name, readonly=True)[b"EXISTS"]
    try:
        if known is None or known.look.validity != look.validity:
            return _listing(client, folder, look, since)
        return _since_last(client, folder, look, known, exists)
    finally:
        client.close_folder()  # it was opened for reading only: nothing is expunged


def _listing(client: "IMAPClient", folder: Folder, look: Look, since: date) -> News:
    present = frozenset(client.search("ALL"))
    recent = frozenset(client.search(["SINCE", since])) & present
    after = FolderCursor(look, max(present, default=0), len(present), recent)
    return News(folder, after, tuple(sorted(recent)), is_listing=True)


def _since_last(client: "IMAPClient", folder: Folder, look: Look, known: FolderCursor, exists: int) -> News:
    # `n:*` names the last mail even where its UID is below n.
    new = {uid for uid in client.search(["UID", f"{known.last + 1}:*"]) if uid > known.last}
    gone: frozenset[int] = frozenset()
    count = exists
    if exists != known.count + len(new):
        # Only when the numbers do not add up was anything expunged, and only then is the whole folder listed.
        everything = frozenset(client.search("ALL"))
        new = {uid for uid in everything if uid > known.last}
        gone, count = known.present - everything, len(everything)
    present = (known.present - gone) | new
    after = FolderCursor(look, max(new, default=known.last), count, present)
    return News(folder, after, tuple(sorted(new | (known.pending - gone))), tuple(sorted(gone)))
