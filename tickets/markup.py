"""How deep and how long a piece of HTML is, found in one linear pass without parsing it.

A hundred thousand nested elements bring down HTML parsers and cleaners, so both the mail parser and the display ask
here first and fall back to plain text.
"""

import re
from typing import Final

MAX_CHARACTERS: Final = 1_000_000
MAX_DEPTH: Final = 150
MAX_TAGS: Final = 50_000

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
# Never closed, or closed by the next of their kind: counting these would call a long flat list deep.
_FLAT: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        *("wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"),
    }
)


def is_moderate(html: str) -> bool:
    """Whether a real HTML parser may be given this."""
    if len(html) > MAX_CHARACTERS:
        return False
    depth = 0
    for tags, found in enumerate(_TAG.finditer(html)):
        is_closing, name = found.group(1), found.group(2).lower()
        if name not in _FLAT:
            depth = max(depth - 1, 0) if is_closing else depth + 1
        if depth > MAX_DEPTH or tags > MAX_TAGS:
            return False
    return True
