"""The one secret everything is sealed with: from the settings, or made once on a loopback desk."""

import base64
import binascii
import os
import secrets
import tempfile
from pathlib import Path

from entrypoints.settings import Settings
from tickets.errors import BadInput


def secret_of(settings: Settings) -> bytes:
    """32 bytes; raises BadInput when a desk that others can reach has none of its own."""
    if settings.secret_key is not None:
        return _decoded(settings.secret_key.get_secret_value())
    path = settings.data_dir / "secret-key"
    if path.exists():
        return _decoded(path.read_text(encoding="ascii").strip())
    if not settings.is_loopback:
        raise BadInput("CA_SECRET_KEY is not set. Set it to 32 random bytes in base64url, or listen on 127.0.0.1.")
    return _made(path)


def _made(path: Path) -> bytes:
    """Two starting processes agree: whoever creates the file first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(32))
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by this user alone
    draft = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _decoded(path.read_text(encoding="ascii").strip())


def _decoded(text: str) -> bytes:
    try:
        secret = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != 32:
        raise BadInput("CA_SECRET_KEY must be 32 random bytes in base64url (43 characters). Make a new one.")
    return secret
