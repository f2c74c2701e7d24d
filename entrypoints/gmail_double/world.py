"""What a snapshot of the double keeps."""

from dataclasses import dataclass, field

from entrypoints.gmail_double.delivery import Due
from entrypoints.gmail_double.grants import Grants
from entrypoints.gmail_double.mailbox import Mailbox
from entrypoints.gmail_double.quota import Quota


@dataclass
class World:
    """Mail, mail on its way, tokens, spent quota and the clock's offset."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    quota: Quota = field(default_factory=Quota)
    due: list[Due] = field(default_factory=list)
    clock_offset_ms: int = 0
