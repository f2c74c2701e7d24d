"""The Message-IDs of our own replies: each proves, without any table, on which ticket it was written.

A mail that answers such an id comes from somebody who holds our mail. That is more than any other reference says: an
id that is only quoted can be made up. The ids hold after the database was restored from an older backup.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

from tickets.compose import new_message_id
from tickets.ticket import TicketId

PURPOSE: Final = b"communication-agent/message ids"
_MARK: Final = "ca."
# Short, because mail programs break ids that do not fit into one line: with a domain of 22 letters it has 76.
_TICKET_BYTES: Final = 16
_SEND_BYTES: Final = 4  # tells a ticket's replies apart
_SIGNATURE_BYTES: Final = 10
_LETTERS: Final = 48  # of base32 for those 30 bytes, which leave no bit over


@dataclass(frozen=True, slots=True)
class OwnIds:
    """Makes and reads them. `retired` are earlier keys whose ids still count, for a change of keys."""

    key: bytes = field(repr=False)
    retired: tuple[bytes, ...] = field(default=(), repr=False)

    @classmethod
    def of_secret(cls, secret: bytes, retired: Sequence[bytes] = ()) -> Self:
        """With keys of their own, derived from the desk's secret."""
        return cls(_derived(secret), tuple(_derived(each) for each in retired))

    def message_id(self, ticket_id: TicketId, send_id: UUID, domain: str) -> str:
        """`<token@domain>`. Raises BadInput for a domain that no Message-ID may have."""
        named = ticket_id.bytes + send_id.bytes[-_SEND_BYTES:]
        letters = b32encode(named + _signature(self.key, named)).decode()
        return new_message_id(domain, _MARK + letters.lower())  # some servers change the case of what they quote

    def ticket_of(self, message_id: str) -> TicketId | None:
        """The ticket that the id was made for; None for an id that is not, to the letter, one of ours."""
        signed = _decoded(message_id)
        if signed is None:
            return None
        named, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
        # Every key is tried, so that the time it takes says nothing.
        known = [hmac.compare_digest(signature, _signature(key, named)) for key in (self.key, *self.retired)]
        return TicketId(UUID(bytes=named[:_TICKET_BYTES])) if any(known) else None


def _derived(secret: bytes) -> bytes:
    return hmac.digest(secret, PURPOSE, sha256)


def _signature(key: bytes, named: bytes) -> bytes:
    return hmac.digest(key, named, sha256)[:_SIGNATURE_BYTES]


def _decoded(message_id: str) -> bytes | None:
    token = message_id.strip().strip("<>").partition("@")[0].lower()
    letters = token.removeprefix(_MARK)
    if letters == token or len(letters) != _LETTERS or not letters.isascii():
        return None
    try:
        return b32decode(letters.upper())
    except NotBase32:
        return None
