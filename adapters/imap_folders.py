"""Which folders of an IMAP account are read, and where drafts and sent mails lie."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.imap_cursor import Look
from adapters.imap_settings import ImapSettings

if TYPE_CHECKING:
    from imapclient import IMAPClient

INBOX: Final = "INBOX"
_SENT: Final = b"\\Sent"
_DRAFTS: Final = b"\\Drafts"
_NEVER_READ: Final = frozenset({b"\\Junk", b"\\Trash", b"\\Drafts", b"\\Noselect", b"\\NonExistent"})
_LOOKED_AT: Final = ("UIDVALIDITY", "UIDNEXT", "MESSAGES")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to read. What lies in the sent one left from here."""

    name: str
    is_sent: bool = False


def folders_to_read(client: "IMAPClient", settings: ImapSettings) -> tuple[list[Folder], list[str]]:
    """INBOX, the configured ones, the sent mails; then the names of configured ones that are not there.

    Junk, trash and drafts are never read: what somebody takes out of them comes by itself.
    """
    flags = {name: set(marks) for marks, _, name in client.list_folders()}
    sent = settings.sent_folder or client.find_special_folder(_SENT)
    wanted = [name for name in dict.fromkeys((INBOX, *settings.folders)) if name != sent]
    missing = [name for name in wanted if name != INBOX and name not in flags]
    read = [Folder(name) for name in wanted if name not in missing and not flags.get(name, set()) & _NEVER_READ]
    return read + ([Folder(sent, is_sent=True)] if sent in flags else []), missing


def look_at(client: "IMAPClient", name: str) -> Look:
    """One STATUS."""
    has_modseq = client.has_capability("CONDSTORE")
    status = client.folder_status(name, (*_LOOKED_AT, *(("HIGHESTMODSEQ",) if has_modseq else ())))
    modseq = status.get(b"HIGHESTMODSEQ") or 0
    return Look(status[b"UIDVALIDITY"], status[b"UIDNEXT"], status[b"MESSAGES"], modseq)


def drafts_folder(client: "IMAPClient", settings: ImapSettings) -> str:
    """Where drafts lie; made when there is none."""
    return settings.drafts_folder or client.find_special_folder(_DRAFTS) or _made(client, "Drafts")


def sent_folder(client: "IMAPClient", settings: ImapSettings) -> str:
    """Where copies of what left lie; made when there is none."""
    return settings.sent_folder or client.find_special_folder(_SENT) or _made(client, "Sent")


def _made(client: "IMAPClient", name: str) -> str:
    """A folder among the account's own; some servers keep those below INBOX."""
    prefix = client.namespace().personal[0][0] if client.has_capability("NAMESPACE") else ""
    if not client.folder_exists(prefix + name):
        client.create_folder(prefix + name)
        client.subscribe_folder(prefix + name)
    return prefix + name
