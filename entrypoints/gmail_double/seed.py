"""A mailbox with a past: made-up mails by number, or the .eml files of a folder."""

from pathlib import Path

from entrypoints.gmail_double.made_up import Seeded
from entrypoints.gmail_double.mailbox import Mailbox
from entrypoints.gmail_double.source import Stored

ARRIVED = ("INBOX", "UNREAD")


def fill(mailbox: Mailbox, count: int, now_ms: int, every_s: int, replies_every: int = 0) -> None:
    """Add `count` mails, one every `every_s` seconds, ending now.

    With `replies_every=3` each third mail is the customer writing again, in the thread of the mail before it.
    """
    start = mailbox.mint()
    for number in range(count):
        at_ms = now_ms - (count - 1 - number) * every_s * 1000
        is_reply = replies_every > 1 and number % replies_every == replies_every - 1
        parent = start + number - 1 if is_reply else None
        source = Seeded(start + number, mailbox.address, at_ms, parent)
        mailbox.add(source, ARRIVED, at_ms, mailbox.thread_for(source))


def load(mailbox: Mailbox, folder: Path, now_ms: int, every_s: int) -> int:
    """Add every .eml file below the folder, threaded as Gmail would; how many there were."""
    files = sorted(folder.rglob("*.eml"))
    for number, file in enumerate(files):
        source = Stored(file.read_bytes())
        # Arrival is counted back from now, so that old samples lie inside a sync's look-back window.
        at_ms = now_ms - (len(files) - 1 - number) * every_s * 1000
        mailbox.add(source, ARRIVED, at_ms, mailbox.thread_for(source))
    return len(files)
