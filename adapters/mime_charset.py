"""Bytes to text: the declared charset, then UTF-8, then a guess, then cp1252. Never raises, never leaves a NUL."""

import codecs
import re
from typing import Final

import chardet

# What senders write, and the superset that really decodes it.
_ALIASES: Final = {
    "ansi_x3.110-1983": "cp1252",
    "big5": "big5hkscs",
    "cp-850": "cp850",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "iso8859_1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "macintosh": "mac_roman",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
}
_ASCII: Final = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "646"})
# Codecs of the standard library that are no charsets of mail; two of them take quadratic time.
_REFUSED: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_GUESS_BYTES: Final = 16_384
_UNWANTED: Final = re.compile("[\x00\ud800-\udfff]")


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text; characters that no charset explains become U+FFFD."""
    text = _as_declared(raw, declared)
    return tidy(_guess(raw) if text is None else text)


def tidy(text: str) -> str:
    """Without NUL (no database keeps it) and with lone surrogates replaced (nothing can encode them)."""
    return _UNWANTED.sub(lambda found: "" if found.group() == "\x00" else "�", text)


def escaped_bytes(text: str) -> bytes:
    """The original bytes of what the standard library read as ASCII with surrogate escapes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return text.encode("utf-8", "replace")


def _codec(declared: str | None) -> str | None:
    """The name Python knows it by; None for what is no charset."""
    name = (declared or "").strip().strip("\"'").lower()[:60]
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
        b"".decode(found)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found in _REFUSED else _ALIASES.get(found, found)


def _as_declared(raw: bytes, declared: str | None) -> str | None:
    codec = _codec(declared)
    if codec is None or codec in _ASCII:
        return raw.decode("ascii") if raw.isascii() else None
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return _mostly(raw, codec)


def _mostly(raw: bytes, codec: str) -> str | None:
    """A few broken bytes do not disprove the declared charset."""
    try:
        text = raw.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return None
    broken = text.count("�")
    foreign = sum(1 for character in text if character > "\x7f")
    return text if broken <= max(1, foreign // 10) and foreign > broken else None


def _guess(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    mended = _mostly(raw, "utf-8")
    if mended is not None:
        return mended
    guessed = _detected(raw[:_GUESS_BYTES])
    for codec in (guessed, "cp1252"):
        try:
            return raw.decode(codec)
        except (UnicodeError, LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _detected(sample: bytes) -> str:
    found = chardet.detect(sample)
    confident = (found.get("confidence") or 0) >= 0.5
    return (_codec(found.get("encoding")) if confident else None) or "cp1252"
