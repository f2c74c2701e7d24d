"""The approved text as simple HTML: paragraphs, line breaks, emphasis, lists and links, and nothing else.

Text that is no markup comes out as it is: no raw HTML, no images, no headings from a line of dashes, no code from an
indented line. A bare web address becomes a link.
"""

import re
from typing import Final

from markdown_it import MarkdownIt

_RULES: Final = ("emphasis", "list", "newline", "escape", "link", "autolink", "blockquote")
_ADDRESS: Final = re.compile(r"(?<![<(\[\w/])https?://[^\s<>()\[\]\"'`]*[^\s<>()\[\]\"'`.,;:!?]")
_WITHIN_A_WORD: Final = re.compile(r"(?<=\w)\*(?=\w)")
_MARKDOWN: Final = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": False}).enable(list(_RULES))


def reply_html(text: str) -> str:
    """The inside of a body element."""
    # An asterisk between letters or digits multiplies; only one at the edge of a word stresses it.
    linked = _ADDRESS.sub(r"<\g<0>>", _WITHIN_A_WORD.sub(r"\*", text))
    return str(_MARKDOWN.render(linked)).strip()
