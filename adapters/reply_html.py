"""The approved text as simple HTML: paragraphs, line breaks, emphasis with asterisks, bullets, quotes and links.

Text that is no markup comes out as it is: no raw HTML, no images, no headings, no code, no numbers that count by
themselves; underscores and backslashes are letters. A bare web address becomes a link.
"""

import re
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt

_RULES: Final = ("emphasis", "list", "newline", "escape", "link", "autolink", "blockquote")
_MARKDOWN: Final = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": False}).enable(list(_RULES))

# Parentheses belong to an address when they are in pairs; a mark at its end belongs to the sentence.
_ADDRESS: Final = re.compile(
    r"(?<![<(\[\w/])(https?://(?:[^\s<>()\[\]\"'`]|\([^\s<>()]{0,200}\))*(?:[^\s<>()\[\]\"'`.,;:!?]|\([^\s<>()]{0,200}\)))"
)
_WITHIN_A_WORD: Final = re.compile(r"(?<=\w)\*(?=\w)")  # an asterisk between letters or digits multiplies
_NUMBER: Final = re.compile(r"^([ >]*\d{1,9})([.)])(?=\s)", re.MULTILINE)
_BULLET: Final = re.compile(r" {0,3}[-*+] ")
_QUOTED: Final = re.compile(r" {0,3}>")


def reply_html(text: str) -> str:
    """The inside of a body element."""
    parts = _ADDRESS.split(_separated(text))
    written = [f"<{part}>" if number % 2 else _literal(part) for number, part in enumerate(parts)]
    return str(_MARKDOWN.render("".join(written))).strip()


def _literal(text: str) -> str:
    """With a backslash before every sign that Markdown would read as more than people mean by it."""
    text = text.replace("\\", "\\\\").replace("_", "\\_")
    return _NUMBER.sub(r"\1\\\2", _WITHIN_A_WORD.sub(r"\\*", text))


def _separated(text: str) -> str:
    """An answer right below a quoted line or a bullet is not part of it: Markdown needs an empty line to see that."""
    lines = text.split("\n")
    kept = lines[:1]
    for before, line in pairwise(lines):
        ends_quote = _QUOTED.match(before) and not _QUOTED.match(line)
        ends_list = _BULLET.match(before) and not (_BULLET.match(line) or line.startswith("  "))
        kept += ["", line] if line.strip() and (ends_quote or ends_list) else [line]
    return "\n".join(kept)
