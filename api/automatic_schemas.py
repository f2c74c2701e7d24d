"""What scripts get of automatic mail (the wire shapes of /mails). Names here are promises."""

from datetime import datetime
from typing import Self
from uuid import UUID

from msgspec import Struct
from msgspec import field as named

from tickets.automatic_mail import AutomaticLine, AutomaticPage
from tickets.mail import Address


class AutomaticOut(Struct):
    """A mail taken for a machine's, on no ticket. `kind` is automatic or bounce; `text` its first 200 characters.

    `why` are the words for what made it automatic. `is_gone`: it was deleted in the mailbox since.
    """

    id: UUID
    mailbox: str
    kind: str
    at: datetime
    sender: Address = named(name="from")
    subject: str
    why: list[str]
    text: str
    is_gone: bool

    @classmethod
    def of(cls, line: AutomaticLine) -> Self:
        own = {name: getattr(line, name) for name in cls.__struct_fields__}
        return cls(**own | {"why": list(line.why)})


class AutomaticList(Struct):
    items: list[AutomaticOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: AutomaticPage) -> Self:
        return cls([AutomaticOut.of(line) for line in page.lines], page.next_cursor)
