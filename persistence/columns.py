"""Column types that behave the same on SQLite and PostgreSQL."""

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, Dialect, LargeBinary, Text, case, literal
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LARGE: Final = 2**16  # from here on speed counts more than size: compressing holds up everything else


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC: timestamptz on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _EPOCH + timedelta(microseconds=value) if dialect.name == "sqlite" else value.astimezone(UTC)


_UTC: Final = UtcDateTime()


def later_of(column: Column[datetime], at: datetime) -> ColumnElement[datetime]:
    """The column, or `at` if that is later or the column is empty."""
    return case((column > at, column), else_=literal(at, _UTC))


def sooner_of(column: Column[datetime], at: datetime) -> ColumnElement[datetime]:
    """The column, or `at` if that is sooner or the column is empty."""
    return case((column < at, column), else_=literal(at, _UTC))


def storable(text: str) -> str:
    """The text without what a database refuses: NUL characters and lone surrogates become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


class SafeText(TypeDecorator[str]):
    """Text from outside: whatever a mail contains can be stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """JSON kept as text: read and written whole, never queried inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        return None if value is None else json.loads(value)


def beginning_of(packed: bytes, most: int) -> bytes:
    """At most so many bytes of what a column keeps compressed, from its first bytes; what cannot be read is empty."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


class Compressed(TypeDecorator[bytes]):
    """Bytes kept zlib-compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value, 6 if len(value) < _LARGE else 1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.decompress(value)
