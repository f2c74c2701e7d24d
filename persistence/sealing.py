"""Secrets at rest: AES-256-GCM under keys derived from the desk's own secret, one key for each purpose.

A sealed value is `CA1`, four bytes that name the key, a nonce of twelve, the ciphertext. Anything else is an error:
nothing is ever taken for plaintext.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tickets.errors import DeskError

_MARK: Final = b"CA1"
_KEY_ID_LENGTH: Final = 4
_NONCE_LENGTH: Final = 12
_HEAD_LENGTH: Final = len(_MARK) + _KEY_ID_LENGTH + _NONCE_LENGTH


class SealBroken(DeskError):
    """A sealed value cannot be opened: another key, another row, or changed bytes."""


class Sealer:
    """Seals and opens bytes for one purpose.

    `secret` is 32 bytes; `retired` are earlier secrets that still open what they sealed, for a change of keys.
    """

    def __init__(self, secret: bytes, purpose: str, *, retired: Sequence[bytes] = ()) -> None:
        if any(len(each) != 32 for each in (secret, *retired)):
            raise SealBroken("The secret key must be 32 bytes, base64url. Set CA_SECRET_KEY or CA_SECRET_KEY_FILE.")
        keys = [_derive(each, purpose) for each in (secret, *retired)]
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._key_id = _key_id(keys[0])
        self._cipher = self._ciphers[self._key_id]

    def seal(self, plain: bytes, about: bytes = b"") -> bytes:
        """`about` is what the value belongs to; it must be the same at opening."""
        nonce = os.urandom(_NONCE_LENGTH)
        return b"".join((_MARK, self._key_id, nonce, self._cipher.encrypt(nonce, plain, about)))

    def open(self, sealed: bytes, about: bytes = b"") -> bytes:
        """Raises SealBroken."""
        key_id, nonce = sealed[3:7], sealed[7:_HEAD_LENGTH]
        if not sealed.startswith(_MARK) or len(sealed) < _HEAD_LENGTH:
            raise SealBroken("A stored secret is in an unknown format. Restore the database, or enter it again.")
        if (cipher := self._ciphers.get(key_id)) is None:
            raise SealBroken("A stored secret was sealed with another key. Set the earlier CA_SECRET_KEY.")
        try:
            return cipher.decrypt(nonce, sealed[_HEAD_LENGTH:], about)
        except InvalidTag as error:
            raise SealBroken(
                "A stored secret was changed or moved. Restore the database, or enter it again."
            ) from error


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"communication-agent/{purpose}".encode()).derive(secret)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:_KEY_ID_LENGTH]
