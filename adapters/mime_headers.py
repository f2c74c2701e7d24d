"""Header fields to text, ids, parameters, addresses and dates, from whatever senders put there. Linear, never raises
anything but Unreadable (too many addresses)."""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_tz
from itertools import groupby
from typing import Final
from urllib.parse import unquote_to_bytes

from adapters.mime_charset import decode, escaped_bytes, tidy

MAX_TEXT: Final = 4_000
MAX_REFERENCES: Final = 200

# Also with question marks inside, which some programs forget to encode, and cut off at the end of the field.
_ENCODED_WORD: Final = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*(?=\?=|\??\Z)|(?:[^?]|\?(?!=)){0,100}(?=\?=))(?:\?=|\??\Z)"
)
_FOLD: Final = re.compile(r"\r\n(?=[ \t])|[\r\n]")
_ID: Final = re.compile(r"<([^<>]{1,998})>")
_SPACE: Final = re.compile(r"\s+")
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_PARAMETER_NAME: Final = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


def raw_field(message: Message, name: str) -> str:
    """The topmost value as the parser left it: folded, with 8-bit bytes as surrogate escapes; "" when absent."""
    wanted = name.lower()
    return next((str(value) for key, value in message.raw_items() if key.lower() == wanted), "")


def raw_fields(message: Message, name: str) -> list[str]:
    """All values, topmost first."""
    wanted = name.lower()
    return [str(value) for key, value in message.raw_items() if key.lower() == wanted]


def unfolded(raw: str) -> str:
    """One line, 8-bit bytes decoded, encoded words left as they are."""
    text = raw if raw.isascii() else decode(escaped_bytes(raw))
    return _FOLD.sub("", text).strip()


def text_of(raw: str) -> str:
    """What a person reads: unfolded, encoded words decoded, no control characters; at most MAX_TEXT characters."""
    return _CONTROL.sub("", decode_words(unfolded(raw)).replace("\t", " ")).strip()[:MAX_TEXT]


def decode_words(text: str) -> str:
    """RFC 2047. Neighbours in one charset are joined before decoding: senders split characters between them."""
    if "=?" not in text:
        return text
    out: list[str] = []
    for charset, run in groupby(_pieces(text), key=lambda piece: piece[0]):
        contents = b"".join(content for _, content in run)
        out.append(contents.decode("utf-8", "replace") if charset is None else decode(contents, charset))
    return "".join(out)


def _pieces(text: str) -> Iterator[tuple[str | None, bytes]]:
    """(charset, bytes) of each encoded word, (None, UTF-8) of what lies between; space between words is dropped."""
    end = 0
    for found in _ENCODED_WORD.finditer(text):
        between = text[end : found.start()]
        if between and (end == 0 or not between.isspace()):
            yield None, between.encode("utf-8", "replace")
        charset, encoding, content = found.groups()
        yield charset.lower(), _word(encoding, content)
        end = found.end()
    if text[end:]:
        yield None, text[end:].encode("utf-8", "replace")


def _word(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    return base64_bytes(raw) if encoding in "bB" else binascii.a2b_qp(raw, header=True)


def base64_bytes(raw: bytes) -> bytes:
    """Tolerant: foreign characters are skipped, padding may be missing or in the middle."""
    out = []
    for chunk in re.sub(rb"[^A-Za-z0-9+/=]", b"", raw.translate(bytes.maketrans(b"-_", b"+/"))).split(b"="):
        whole = chunk[: len(chunk) - 1] if len(chunk) % 4 == 1 else chunk
        out.append(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    return b"".join(out)


def message_ids(raw: str) -> tuple[str, ...]:
    """The ids in order, each once, with their angle brackets; a bare word counts when it is all there is."""
    text = unfolded(raw)
    found = [f"<{_SPACE.sub('', inner)}>" for inner in _ID.findall(text) if inner.strip()]
    if not found:
        found = [f"<{word[:998]}>" for word in re.split(r"[\s,<>]+", text) if "@" in word or word == text]
    unique = [known for known in dict.fromkeys(found) if known != "<>"]
    if len(unique) <= MAX_REFERENCES:
        return tuple(unique)
    return (unique[0], *unique[1 - MAX_REFERENCES :])


def date_of(raw: str) -> datetime | None:
    """Aware UTC; None for what is no date."""
    text = text_of(raw)[:200]
    try:
        parsed = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        parsed = None
    try:
        if parsed is None:
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        offset_s = parsed[9] or 0
        local = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
        return datetime.fromtimestamp(local.timestamp() - offset_s, tz=UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """The value and the parameters of a Content-Type or Content-Disposition, with RFC 2231 and 2047 decoded."""
    head, *rest = _split(unfolded(raw), ";")
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for item in rest:
        name, has_value, value = item.partition("=")
        matched = _PARAMETER_NAME.match(name.strip().lower())
        if has_value and matched:
            order = int(matched.group(2) or 0)
            sections.setdefault(matched.group(1), {}).setdefault(order, (_unquoted(value), bool(matched.group(3))))
    return head.strip().lower(), {name: _joined(parts) for name, parts in sections.items()}


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    ordered = [parts[order] for order in sorted(parts)]
    if not any(is_encoded for _, is_encoded in ordered):
        return tidy(decode_words("".join(value for value, _ in ordered)))
    charset, _, first = ordered[0][0].partition("'")
    _, has_language, rest = first.partition("'")
    values = [(rest if has_language else ordered[0][0], ordered[0][1]), *ordered[1:]]
    contents = b"".join(
        unquote_to_bytes(value) if coded else value.encode("utf-8", "replace") for value, coded in values
    )
    return decode(contents, charset if has_language else None)


def _split(text: str, separator: str) -> list[str]:
    """At the separators outside double quotes."""
    out, begin, is_quoted, position = [], 0, False, 0
    while position < len(text):
        character = text[position]
        if character == "\\" and is_quoted:
            position += 1
        elif character == '"':
            is_quoted = not is_quoted
        elif character == separator and not is_quoted:
            out.append(text[begin:position])
            begin = position + 1
        position += 1
    return [*out, text[begin:]]


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
    return value
