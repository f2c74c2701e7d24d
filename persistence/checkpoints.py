"""LangGraph's checkpoints: where the threads stand, encrypted, in a file of their own or on PostgreSQL."""

import asyncio
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.base import CipherProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from persistence.engine import BUSY_MS, DatabaseFault, parse_url, sqlite_path
from persistence.sealing import SealBroken, Sealer

if TYPE_CHECKING:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

PURPOSE: Final = "checkpoints"

_CIPHER: Final = "ca1"
_WORTH_COMPRESSING: Final = 200  # bytes
_PLAIN: Final = b"\0"
_DEFLATED: Final = b"\1"
_CONNECTIONS: Final = 8
_SETUP_LOCK: Final = 0x636F6D6D5F636B70  # the advisory lock of the savers' own migrations

Saver = BaseCheckpointSaver[Any]


class CheckpointCipher(CipherProtocol):
    """Compresses, then seals."""

    def __init__(self, secret: bytes) -> None:
        self._sealer = Sealer(secret, PURPOSE)

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        if len(plaintext) < _WORTH_COMPRESSING:
            return _CIPHER, self._sealer.seal(_PLAIN + plaintext)
        return _CIPHER, self._sealer.seal(_DEFLATED + zlib.compress(plaintext, 1))

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        """Raises SealBroken."""
        if ciphername != _CIPHER:
            raise SealBroken(f"A checkpoint is encrypted with '{ciphername}', which this desk does not use.")
        opened = self._sealer.open(ciphertext)
        return zlib.decompress(opened[1:]) if opened[:1] == _DEFLATED else opened[1:]


class SealedSerializer(JsonPlusSerializer):
    """LangGraph's serializer, sealed; it reads nothing but what was sealed here.

    Not an EncryptedSerializer: that one also reads rows in clear, and compiling a graph rebuilds it from its parts,
    so that a stricter child of it would be dropped without a word.
    """

    def __init__(self, cipher: CipherProtocol) -> None:
        super().__init__()
        self._cipher = cipher

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        kind, plain = super().dumps_typed(obj)
        name, sealed = self._cipher.encrypt(plain)
        return f"{kind}+{name}", sealed

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Raises SealBroken, also for a row in clear: somebody else put it there."""
        kind, _, name = data[0].partition("+")
        if not name:
            raise SealBroken("A checkpoint is not encrypted. Delete it: the desk rebuilds the thread from its tables.")
        return super().loads_typed((kind, self._cipher.decrypt(name, data[1])))


def open_saver(url: str, secret: bytes) -> AbstractAsyncContextManager[Saver]:
    """A saver on that database, with its tables made. `secret` is the desk's, 32 bytes.

    For SQLite, name another file than the desk's own: both are written all the time. Raises DatabaseFault.
    """
    parsed = parse_url(url)
    serializer = SealedSerializer(CheckpointCipher(secret))
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_saver(str(sqlite_path(parsed)), serializer)
    return _postgres_saver(parsed.set(drivername="postgresql").render_as_string(hide_password=False), serializer)


async def prune(saver: Saver, thread_id: str) -> None:
    """Keep only the thread's latest checkpoint and what was written for it."""
    if not isinstance(saver, AsyncSqliteSaver):
        await cast("AsyncPostgresSaver", saver).aprune([thread_id])
        return
    latest = (
        "(SELECT max(c.checkpoint_id) FROM checkpoints c"
        " WHERE c.thread_id = {0}.thread_id AND c.checkpoint_ns = {0}.checkpoint_ns)"
    )
    await saver.setup()
    async with saver.lock:
        # The writes first: the latest checkpoint decides which of them stay.
        for table in ("writes", "checkpoints"):
            await saver.conn.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < {latest.format(table)}",  # noqa: S608
                (thread_id,),
            )
        await saver.conn.commit()


@asynccontextmanager
async def _sqlite_saver(path: str, serializer: SealedSerializer) -> AsyncIterator[Saver]:
    await asyncio.to_thread(Path(path).touch, 0o600)
    async with aiosqlite.connect(path, timeout=BUSY_MS / 1000) as connection:
        saver = AsyncSqliteSaver(connection, serde=serializer)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16000", "temp_store=MEMORY"):
                await connection.execute(f"PRAGMA {pragma}")
            await saver.setup()
        except sqlite3.DatabaseError as error:
            raise DatabaseFault(
                f"The checkpoints in {path} cannot be used ({error}). Move that file away: the desk rebuilds every "
                "thread from its tables."
            ) from error
        yield saver


@asynccontextmanager
async def _postgres_saver(conninfo: str, serializer: SealedSerializer) -> AsyncIterator[Saver]:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    async with AsyncConnectionPool(conninfo, min_size=1, max_size=_CONNECTIONS, kwargs=options, open=False) as pool:
        saver = AsyncPostgresSaver(cast("Any", pool), serde=serializer)
        # The saver's lock guards a single connection. Each statement here takes one from the pool, so as many may
        # run at once as there are connections.
        saver.lock = cast("asyncio.Lock", asyncio.Semaphore(_CONNECTIONS))
        await _set_up(pool, saver)
        yield saver


async def _set_up(pool: Any, saver: "AsyncPostgresSaver") -> None:
    """Make the saver's tables, one process at a time.

    Asking again and again instead of waiting inside PostgreSQL: a waiting statement is one that the saver's
    CREATE INDEX CONCURRENTLY would itself wait for.
    """
    async with pool.connection() as connection:
        while True:
            got = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS got", (_SETUP_LOCK,))).fetchone()
            if got["got"]:
                break
            await asyncio.sleep(0.05)
        try:
            await saver.setup()
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))
