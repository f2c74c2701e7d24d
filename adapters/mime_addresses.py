"""Address fields (RFC 5322 section 3.4 and what senders make of it), read in one linear pass.

Encoded words are decoded after the field was taken apart and never parsed again: a name that decodes to
`Boss <boss@example.org>` stays a name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from adapters.mime_headers import raw_fields, text_of, unfolded
from adapters.mime_limits import MAX_ADDRESSES
from tickets.errors import Unreadable
from tickets.mail import Address

# A domain literal may hold colons (RFC 5322 section 3.4.1).
_PLAIN: Final = re.compile(r'(?:@\[[^\[\]\s]{1,64}\]|[^"(<,;:=])+|=')
_QUOTED_LOCAL: Final = re.compile(r'\s*("(?:[^"\\\r\n]|\\.){1,64}"@[^\s"(<>),;:@\\]{1,255})\s*')
_WORD: Final = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=")
_ROUTE: Final = re.compile(r"^(?:\s*@[^,:]*,?)+:")
_SPACED: Final = re.compile(r"[^\s@.]+(?:\s?\.\s?[^\s@.]+)*\s{0,9}@\s{0,9}[^\s@.]+(?:\s{0,9}\.\s{0,9}[^\s@.]+)*")
_INNER_COMMENT: Final = re.compile(r"\([^()]*\)")
_AROUND: Final = re.compile(r" {0,20}([.@]) {0,20}")
_UNUSABLE: Final = re.compile(r"[\s\x00-\x20\x7f<>\",;]|@.*@")
_ATOMS: Final = re.compile(r"[^\s\x00-\x20\x7f<>()\[\]\",;:@\\.]+(?:\.[^\s\x00-\x20\x7f<>()\[\]\",;:@\\.]+)*")


def addresses(raw_values: Iterable[str]) -> tuple[Address, ...]:
    """The addresses of all the fields of one name, in order; groups are opened, names without address left out.

    Raises Unreadable for more than MAX_ADDRESSES.
    """
    found: list[Address] = []
    for raw in raw_values:
        for address in _parsed(unfolded(raw)):
            if address.address:
                found.append(address)
            if len(found) > MAX_ADDRESSES:
                raise Unreadable(
                    f"The message names more than {MAX_ADDRESSES} addresses in one field. Look at the raw mail."
                )
    return tuple(found)


def first_address(raw: str) -> Address | None:
    """The first entry, also one that has only a name (its address is then empty); None for an empty field."""
    entries = list(_first(_parsed(unfolded(raw)), 20))
    return next((entry for entry in entries if "@" in entry.address), entries[0] if entries else None)


def has_several_senders(message: Message) -> bool:
    """Whether From fields differ, or one names several addresses: programs disagree about which of them they show."""
    named = {unfolded(raw) for raw in raw_fields(message, "from")}
    if len(named) > 1:
        return True
    entries = [entry for raw in named for entry in _first(_parsed(raw), 20)]
    return len({entry.key for entry in entries if "@" in entry.address}) > 1


def _first(entries: Iterator[Address], count: int) -> Iterator[Address]:
    for _, entry in zip(range(count), entries, strict=False):
        yield entry


@dataclass(slots=True)
class _Entry:
    """The pieces of one mailbox while it is read."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    words_before: int = 0  # the angle
    is_quoted: bool = False

    def take_angle(self, value: str) -> "_Entry | None":
        """The entry that begins with a second address: some senders forget the comma between two."""
        if self.angle is None or "@" not in self.angle:
            self.angle = value if self.angle is None or "@" in value else self.angle
            self.words_before = len(self.words)
            return None
        if "@" not in value:
            return None
        after = _Entry(self.words[self.words_before :], angle=value)
        after.words_before = len(after.words)
        del self.words[self.words_before :]
        return after

    @property
    def phrase(self) -> str:
        return "".join(self.words).strip()

    def finished(self) -> Address | None:
        comment = text_of(" ".join(self.comments))
        if self.angle is not None:
            return Address(text_of(self.phrase) or comment, _address(self.angle))
        words = self.phrase.split()
        at = next((word for word in words if "@" in word and not word.startswith("=?")), None)
        if at is not None:
            if len(words) > 1 and self._is_spaced_address():
                return Address(comment, _address(self.phrase))
            return Address(text_of(" ".join(word for word in words if word is not at)) or comment, _address(at))
        if len(words) == 1 and not self.is_quoted and not words[0].startswith("=?"):
            return Address(comment, _address(words[0]))
        return Address(text_of(self.phrase), "") if words else None

    def _is_spaced_address(self) -> bool:
        """`jdoe @ example . com`: the obsolete form allows space around the dots and the at sign."""
        return _SPACED.fullmatch(self.phrase[:300]) is not None


def _parsed(text: str) -> Iterator[Address]:
    entry = _Entry()
    for kind, value in _tokens(text):
        if kind == "angle":
            following = entry.take_angle(value)
            if following is not None:
                yield from _given(entry)
                entry = following
        elif kind == "comment":
            entry.comments.append(value)
        elif kind in ("word", "quoted"):
            entry.words.append(value)
            entry.is_quoted = entry.is_quoted or kind == "quoted"
        elif kind == ":":
            entry = _Entry()  # the name of a group
        elif kind == "," and _is_unquoted_name(entry):
            entry.words.append(", ")
        else:
            yield from _given(entry)
            entry = _Entry()
    yield from _given(entry)


def _given(entry: _Entry) -> Iterator[Address]:
    address = entry.finished()
    if address is not None:
        name = " ".join(address.name.split()).strip(" ,'")
        yield Address(name if "<" in name else name.rstrip(" >"), address.address)


def _is_unquoted_name(entry: _Entry) -> bool:
    """`Doe, Jane <jane@example.org>`: the part before the comma is no address yet."""
    return entry.angle is None and bool(entry.phrase) and "@" not in entry.phrase and len(entry.words) < 8


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    # After one unclosed quote or comment the later ones are plain characters: their ends are not searched for again.
    is_lenient = False
    while position < len(text):
        token = _token(text, position, is_lenient)
        if token is None:
            is_lenient = True
            continue
        kind, position, value = token
        yield kind, value


def _token(text: str, start: int, is_lenient: bool) -> tuple[str, int, str] | None:
    """(kind, where it ends, value); None for a quote or comment without an end."""
    character = text[start]
    if character in ",;:":
        return character, start + 1, character
    local = _QUOTED_LOCAL.match(text, start) if character == '"' else None
    if local:
        return "angle", local.end(), local.group(1)
    if character == "<":
        return _angle(text, start)
    if character in '"(':
        if is_lenient:
            return "word", start + 1, ""
        return _quoted(text, start) if character == '"' else _comment(text, start)
    found = (_WORD.match(text, start) if text.startswith("=?", start) else None) or _PLAIN.match(text, start)
    end = found.end() if found else start + 1
    return "word", end, text[start:end]


def _quoted(text: str, start: int) -> tuple[str, int, str] | None:
    out: list[str] = []
    position = start + 1
    while position < len(text) and text[position] != '"':
        position += text[position] == "\\"
        out.append(text[position : position + 1])
        position += 1
    if position >= len(text):
        return None
    return "quoted", position + 1, "".join(out)


def _comment(text: str, start: int) -> tuple[str, int, str] | None:
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        depth += (character == "(") - (character == ")")
        position += 2 if character == "\\" else 1
        if depth == 0:
            return "comment", position, text[start + 1 : position - 1]
    return None


def _angle(text: str, start: int) -> tuple[str, int, str]:
    local = _QUOTED_LOCAL.match(text, start + 1)
    if local and text.startswith(">", local.end()):
        return "angle", local.end() + 1, local.group(1)
    end = text.find(">", start)
    if end < 0:
        end = min((found for found in (text.find(",", start), len(text)) if found > 0), default=len(text))
        return "angle", end, text[start + 1 : end]
    inner = text.rfind("<", start, end)  # `<<jane@example.org>>` and `<Jane <jane@example.org>`
    return "angle", end + 1, text[inner + 1 : end]


def _address(text: str) -> str:
    """Empty when space or quotes remain inside: mending them could make it somebody else's address."""
    quoted = _QUOTED_LOCAL.fullmatch(text)
    if quoted:
        return _shortest(quoted.group(1))
    text = _ROUTE.sub("", text) if text.lstrip().startswith("@") else text
    text = _AROUND.sub(r"\1", _INNER_COMMENT.sub("", text_of(text))).strip(" '").removeprefix("mailto:")
    text = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return "" if len(text) > 998 or _UNUSABLE.search(text) else text.removesuffix(".")


def _shortest(address: str) -> str:
    """Without quotes that say nothing: `"jane"@example.org` is `jane@example.org` (RFC 5321 section 4.1.2)."""
    local, _, domain = text_of(address).rpartition("@")
    plain = re.sub(r"\\(.)", r"\1", local[1:-1])
    return f"{plain}@{domain}" if _ATOMS.fullmatch(plain) else f"{local}@{domain}"
