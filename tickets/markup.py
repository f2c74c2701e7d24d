"""How much work a piece of HTML makes, bounded in one linear pass without building its tree.

Parsers and cleaners take time by the square of the depth, of the attributes of one tag, and of formatting that is left
open, so both the mail parser and the display ask here first and fall back to plain text. The reading follows the
tokens of the HTML standard; whatever may leave an element open that seems closed counts as a doubt, so that the true
depth never exceeds depth and doubts together by more than the few flat elements between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_CHARACTERS: Final = 1_000_000
MAX_DEPTH: Final = 150
MAX_TAGS: Final = 30_000
MAX_ATTRIBUTES: Final = 100  # of one tag
MAX_DOUBTS: Final = 150
MAX_WORK: Final = 600_000  # open elements, added up over all tags; open formatting weighs more

_SPACE: Final = r"[ \t\n\f\r]"
_ATTRIBUTE: Final = (
    rf"[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    rf"(?:{_SPACE}*+={_SPACE}*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>\"'][^ \t\n\f\r>]*+)?+)?+"
)
# The end of the text ends a comment or tag, too: a second try from every further "<" would take the square of the time.
_TOKEN: Final = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+>?|<(?P<end>/?)(?P<name>[a-zA-Z][^ \t\n\f\r/>]*+)"
    rf"(?P<attributes>(?:{_ATTRIBUTE})*+)[ \t\n\f\r/]*+>?|</[^>]*+>?",
    re.DOTALL,
)
_ONE_ATTRIBUTE: Final = re.compile(_ATTRIBUTE)
_TAG_START: Final = re.compile(r"<[a-zA-Z]")
_CDATA: Final = "<![cdata["

_VOID: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        "wbr",
    }
)
_CELLS: Final = frozenset({"tr", "td", "th", "thead", "tbody", "tfoot"})
# Closed by the next of their kind: counting these would call a long flat list deep.
_FLAT: Final = _CELLS | {"p", "li", "dt", "dd", "option"}
# Their end closes whatever is open in them, except a table's cells.
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dir", "div", "dl", "fieldset", "footer"),
        *("form", "header", "html", "main", "nav", "ol", "pre", "section", "table", "ul"),
    }
)
# Left open, they are opened anew in every paragraph that follows.
_FORMATTING: Final = frozenset(
    {
        *("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"),
    }
)
_RAW: Final = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
    for name in ("style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}


def is_moderate(html: str) -> bool:
    """Whether a real HTML parser may be given this."""
    if len(html) > MAX_CHARACTERS:
        return False
    open_elements = _Open()
    for tags, token in enumerate(_tokens(html, open_elements)):
        if tags > MAX_TAGS or _has_many_attributes(token["attributes"] or ""):
            return False
        _count(token, open_elements)
        if open_elements.is_too_much():
            return False
    return not open_elements.is_too_much()


@dataclass(slots=True)
class _Open:
    """The elements that are open, outermost first, each with the flat elements that are open directly in it."""

    names: list[str] = field(default_factory=list)
    flat: list[set[str]] = field(default_factory=lambda: [set()])  # one more than names: the first is the document's
    formatting: int = 0
    doubts: int = 0
    work: int = 0

    def is_too_much(self) -> bool:
        return len(self.names) > MAX_DEPTH or self.doubts > MAX_DOUBTS or self.work > MAX_WORK

    def begin(self, name: str) -> None:
        self.names.append(name)
        self.flat.append(set())
        self.formatting += name in _FORMATTING

    def end(self, name: str) -> None:
        if name not in self.names:
            return
        place = len(self.names) - 1 - self.names[::-1].index(name)
        self.doubts += not self._surely_ends(name, place)
        del self.names[place]
        # What its end may have left open lies in its parent from now on.
        self.flat[place] |= self.flat.pop(place + 1) if name not in _BLOCKS else set()
        self.formatting -= name in _FORMATTING

    def _surely_ends(self, name: str, place: int) -> bool:
        if place < len(self.names) - 1:
            return False
        within = self.flat[-1]
        return not within or name == "table" or (name in _BLOCKS and not within & _CELLS)


def _tokens(html: str, open_elements: _Open) -> Iterator[re.Match[str]]:
    """The tags; comments are passed over, and so is what stands in styles and the like."""
    position = 0
    while token := _TOKEN.search(html, position):
        position = token.end()
        if token["name"] is None:
            # A section of characters in drawings, a comment elsewhere: what it closes depends on where it stands.
            open_elements.doubts += MAX_DOUBTS + 1 if html[token.start() : token.start() + 9].lower() == _CDATA else 0
            continue
        yield token
        raw = _RAW.get(token["name"].lower()) if not token["end"] else None
        if raw is not None:
            closing = raw.search(html, position)
            end = closing.start() if closing else len(html)
            # Within a drawing these would be elements after all.
            open_elements.doubts += sum(1 for _ in _TAG_START.finditer(html, position, end))
            position = end


def _count(token: re.Match[str], open_elements: _Open) -> None:
    name = token["name"].lower()
    if name in _FLAT:
        within = open_elements.flat[-1]
        within.discard(name) if token["end"] else within.add(name)
    elif token["end"]:
        open_elements.end(name)
    elif name not in _VOID:
        open_elements.begin(name)
    open_elements.work += len(open_elements.names) + open_elements.doubts + 10 * open_elements.formatting


def _has_many_attributes(attributes: str) -> bool:
    if len(attributes) <= 2 * MAX_ATTRIBUTES:
        return False
    return any(count >= MAX_ATTRIBUTES for count, _ in enumerate(_ONE_ATTRIBUTE.finditer(attributes)))
