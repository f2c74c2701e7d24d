"""HTML to text. Moderate HTML keeps its layout (inscriptis); the rest goes through a plain linear reader.

Before the conversion the places where a mail program put history and signature are marked with private characters, so
that the text can be taken apart there afterwards.
"""

import html as entities
import re
from collections.abc import Iterator
from typing import Final

import lxml.html  # type: ignore[import-untyped]
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

from adapters.mime_charset import tidy
from tickets.markup import is_moderate
from tickets.quoting import Part, Reply, assemble
from tickets.quoting_marks import is_forward, looked_at

_MARKS: Final = {Part.QUOTED: "\ue000", Part.SIGNATURE: "\ue001"}
_END: Final = "\ue002"
_ANY_MARK: Final = re.compile("[\ue000-\ue002]")
_PARTS: Final = {mark: part for part, mark in _MARKS.items()}

# What mail programs call the element that holds the history. Gmail puts its own prefix before foreign ids, Outlook
# `x_` and Hotmail `ecx` before foreign classes.
_QUOTE_CLASSES: Final = frozenset(
    {
        *("gmail_attr", "gmail_extra_quote", "nylas-quote", "yahoo_quoted", "iosymail", "protonmail_quote"),
        *("moz-cite-prefix", "zmail_extra", "tutanota_quote", "skiff_quote", "front-blockquote", "missive_quote"),
        *("clean_bq", "airmail_ext_on", "sh-quoted-content", "outlookmessageheader", "mail-quote-collapse"),
        *("freshdesk_quote", "history_container", "ntes-mailmaster-quote", "mimestream_quote", "cite2"),
    }
)
_QUOTE_IDS: Final = frozenset(
    {
        *("mail-editor-reference-message-container", "isreplycontent", "orimsghtmlseperator", "reply139content"),
        *("origbody", "reply-intro", "fastmail-quoted", "yahoo_quoted"),
    }
)
# From here on everything is history: these programs do not wrap it.
_REST_IDS: Final = frozenset(
    {"appendonsend", "divrplyfwdmsg", "stopspelling", "ms-outlook-mobile-body-separator-line", "zwchr", "replysplit"}
)
_SIGNATURE_CLASSES: Final = frozenset(
    {
        *("gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block", "sh-signature"),
        *("io-ox-signature", "applemailsignature", "front-signature", "ydp-signature", "bluemail_signature"),
    }
)
_SIGNATURE_IDS: Final = frozenset(
    {
        *("signature", "ms-outlook-mobile-signature", "applemailsignature", "composer_signature", "zmail_signature"),
        *("mail-editor-signature", "messagesignaturesection"),
    }
)
_QUOTE_NAMES: Final = frozenset({"quote", "messagereplysection", "quoted-content"})
_HISTORY_MARKERS: Final = frozenset({"__quoted_text__", "__headers__"})
_PREFIX: Final = re.compile(r"^(?:x_|ecx|ydp[0-9a-f]{1,40}|m_-?\d{1,30}|3d\"?)+")
_BORDER_TOP: Final = re.compile(r"border:\s?none;\s{0,3}border-top:\s?solid #(?:e1e1e1|b5c4df|b5c4e0) ", re.IGNORECASE)
_MAX_FORWARD_LOOK: Final = 5  # pieces of text
_MAX_GROWTH: Final = 3

_BLOCK_TAGS: Final = frozenset(
    {
        *("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"),
        *("pre", "hr", "section", "article", "header", "footer"),
    }
)
_SKIPPED_TAGS: Final = frozenset({"script", "style", "head", "title", "noscript", "template"})
_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_TAG_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_DECLARATION: Final = re.compile(r"\A\s{0,100}<\?xml[^>]{0,300}\?>")


def html_reply(html: str, *, is_forwarded: bool = False) -> Reply:
    """The text of an HTML body, taken apart where its mail program marked it, then by the rules for plain text.

    `is_forwarded` when the subject says so: then what looks like history is what the mail is about.
    """
    marked = _ANY_MARK.sub("", _DECLARATION.sub("", html))
    return assemble(_segments(_converted(marked, is_forwarded=is_forwarded)), is_forwarded=is_forwarded)


def html_text(html: str) -> str:
    """The whole text of an HTML body."""
    return html_reply(html).whole.strip()


def _converted(html: str, *, is_forwarded: bool) -> str:
    if not html.strip():
        return ""
    if not is_moderate(html):
        return linear_text(html)
    try:
        # Without huge_tree everything below the 256th level would be lost; is_moderate has bounded the depth.
        root = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(huge_tree=True))
        if not is_forwarded:
            _mark(root)
        config = ParserConfig(css=CSS_PROFILES["strict"].copy())
        text = tidy(str(Inscriptis(root, config).get_text()))
    except Exception:  # whatever a parser makes of hostile markup, the mail must stay readable
        return linear_text(html)
    # Nested lists and tables are indented by level: a little markup could become a great deal of space.
    return text if len(text) <= _MAX_GROWTH * len(html) + 1_000 else linear_text(html)


def _mark(root: lxml.html.HtmlElement) -> None:
    covered: set[lxml.html.HtmlElement] = set()
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element in covered:
            continue
        part = _part(element)
        if part is Part.NEW:
            continue
        covered.update(element.iterdescendants())
        if part is Part.QUOTED and _carries_forward(element):
            continue
        if _starts_the_rest(element):
            _prepend(element, _MARKS[part])
            return
        _enclose(element, _MARKS[part])


def _part(element: lxml.html.HtmlElement) -> Part:
    classes = {_PREFIX.sub("", name) for name in _lowered(element, "class").split()}
    identity = _identity(element)
    name = _lowered(element, "name")
    if classes & _SIGNATURE_CLASSES or identity in _SIGNATURE_IDS or name in _SIGNATURE_IDS:
        return Part.SIGNATURE
    if classes & _QUOTE_CLASSES or identity in _QUOTE_IDS or name in _QUOTE_NAMES or _starts_the_rest(element):
        return Part.QUOTED
    if identity.startswith("yahoo_quoted") or _lowered(element, "data-marker") in _HISTORY_MARKERS:
        return Part.QUOTED
    # Gmail's outer element also holds what is written between and below the quotes.
    if "gmail_quote" in classes and (element.tag == "blockquote" or element.find(".//blockquote") is None):
        return Part.QUOTED
    return Part.QUOTED if element.tag == "blockquote" and _is_cited(element) else Part.NEW


def _is_cited(element: lxml.html.HtmlElement) -> bool:
    style = _lowered(element, "style")
    return bool(
        _lowered(element, "type") == "cite"
        or "border-left" in style
        or element.get("cite") is not None
        or element.get("data-skiff-mail") is not None
    )


def _starts_the_rest(element: lxml.html.HtmlElement) -> bool:
    """Whether history begins here and goes on to the end; Outlook draws a line of its own colour above it."""
    if _identity(element) in _REST_IDS:
        return True
    if element.tag != "div" or not _BORDER_TOP.search(_lowered(element, "style")):
        return False
    bold = [str(found.text_content()).strip() for found in list(element.iter("b", "strong"))[:8]]
    return len([text for text in bold if text.endswith((":", "："))]) >= 3


def _identity(element: lxml.html.HtmlElement) -> str:
    return _PREFIX.sub("", _lowered(element, "id")).rstrip('"')


def _lowered(element: lxml.html.HtmlElement, attribute: str) -> str:
    return (element.get(attribute) or "").lower()


def _carries_forward(element: lxml.html.HtmlElement) -> bool:
    lines: list[str] = []
    for text in element.itertext():
        lines += [looked_at(text)] if text.strip() else []
        if len(lines) >= _MAX_FORWARD_LOOK:
            break
    return bool(lines) and is_forward(lines, 0)


def _enclose(element: lxml.html.HtmlElement, mark: str) -> None:
    _prepend(element, mark)
    if len(element):
        element[-1].tail = (element[-1].tail or "") + _END
    else:
        element.text = (element.text or "") + _END


def _prepend(element: lxml.html.HtmlElement, mark: str) -> None:
    if element.tag in ("hr", "br", "img"):
        element.tail = mark + (element.tail or "")
    else:
        element.text = mark + (element.text or "")


def _segments(text: str) -> Iterator[tuple[Part, str]]:
    part = Part.NEW
    begin = 0
    for found in _ANY_MARK.finditer(text):
        line_begin = text.rfind("\n", begin, found.start()) + 1 or begin
        # Indentation before a mark belongs to what it opens.
        end = line_begin if text[line_begin : found.start()].isspace() and found.group() != _END else found.start()
        if text[begin:end]:
            yield part, text[begin:end]
        part = _PARTS.get(found.group(), Part.NEW)
        begin = found.end()
    if text[begin:]:
        yield part, text[begin:]


def linear_text(html: str) -> str:
    """Text without layout from markup of any size and depth, in one pass."""
    return tidy(re.sub(r"\n\s*\n\s*", "\n\n", entities.unescape("".join(_texts(html))))).strip()


def _texts(html: str) -> Iterator[str]:
    position = 0
    lowered = html.translate(_LOWER)
    while position < len(html):
        opened = html.find("<", position)
        if opened < 0:
            break
        yield html[position:opened]
        position, shown = _after_tag(html, lowered, opened)
        yield shown
    yield html[position:]


def _after_tag(html: str, lowered: str, opened: int) -> tuple[int, str]:
    """Where reading goes on behind the tag at `opened`, and what it leaves in the text."""
    if html.startswith("<!--", opened):
        return _end_of(html, "-->", opened), ""
    named = _TAG_NAME.match(html, opened + 1)
    if named is None and not html.startswith(("<!", "<?"), opened):
        return opened + 1, "<"
    name = named.group(1).lower() if named else ""
    end = _end_of(html, ">", opened)
    if name in _SKIPPED_TAGS and html[opened + 1] != "/":
        closing = lowered.find(f"</{name}", end)
        return (_end_of(html, ">", closing), "") if closing >= 0 else (end, "")
    return end, "\n" if name in _BLOCK_TAGS else ""


def _end_of(html: str, what: str, start: int) -> int:
    found = html.find(what, start)
    return len(html) if found < 0 else found + len(what)
