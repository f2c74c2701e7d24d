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
from tickets.quoting_marks import is_forward

_MARKS: Final = {Part.QUOTED: "\ue000", Part.SIGNATURE: "\ue001"}
_END: Final = "\ue002"
_ANY_MARK: Final = re.compile("[\ue000-\ue002]")
_PARTS: Final = {mark: part for part, mark in _MARKS.items()}

_QUOTE_CLASSES: Final = frozenset(
    {
        *("gmail_attr", "gmail_extra_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix", "zmail_extra"),
        *("front-blockquote", "clean_bq", "airmail_ext_on", "outlookmessageheader", "sh-quoted-content", "qt"),
        *("mail-quote-collapse", "tutanota_quote"),
    }
)
_QUOTE_IDS: Final = frozenset({"yahoo_quoted", "mail-editor-reference-message-container", "isreplycontent"})
# From here on everything is history: these programs do not wrap it.
_REST_IDS: Final = frozenset({"appendonsend", "divrplyfwdmsg", "stopspelling", "ms-outlook-mobile-body-separator-line"})
_SIGNATURE_CLASSES: Final = frozenset(
    ["gmail_signature", "moz-signature", "protonmail_signature_block", "io-ox-signature", "applemailsignature"]
)
_SIGNATURE_IDS: Final = frozenset({"signature", "ms-outlook-mobile-signature", "applemailsignature"})
_MAX_FORWARD_LOOK: Final = 200
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


def html_reply(html: str) -> Reply:
    """The text of an HTML body, taken apart where its mail program marked it, then by the rules for plain text."""
    marked = _ANY_MARK.sub("", _DECLARATION.sub("", html))
    return assemble(_segments(_converted(marked)))


def html_text(html: str) -> str:
    """The whole text of an HTML body."""
    return html_reply(html).whole.strip()


def _converted(html: str) -> str:
    if not html.strip():
        return ""
    if not is_moderate(html):
        return linear_text(html)
    try:
        # Without huge_tree everything below the 256th level would be lost; is_moderate has bounded the depth.
        root = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(huge_tree=True))
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
    classes = {name.lower() for name in (element.get("class") or "").split()}
    identity = (element.get("id") or "").lower().removeprefix("x_")
    if classes & _SIGNATURE_CLASSES or identity in _SIGNATURE_IDS:
        return Part.SIGNATURE
    if classes & _QUOTE_CLASSES or identity in _QUOTE_IDS or identity in _REST_IDS:
        return Part.QUOTED
    if "gmail_quote" in classes and (element.tag == "blockquote" or element.find(".//blockquote") is None):
        return Part.QUOTED
    is_cited = element.tag == "blockquote" and (
        (element.get("type") or "").lower() == "cite" or "border-left" in (element.get("style") or "").lower()
    )
    is_named = (element.get("name") or "").lower() in ("quote", "messagereplysection")
    return Part.QUOTED if is_cited or is_named else Part.NEW


def _starts_the_rest(element: lxml.html.HtmlElement) -> bool:
    return (element.get("id") or "").lower().removeprefix("x_") in _REST_IDS


def _carries_forward(element: lxml.html.HtmlElement) -> bool:
    seen = ""
    for text in element.itertext():
        seen = (seen + text).lstrip()
        if len(seen) > _MAX_FORWARD_LOOK:
            break
    return is_forward(seen[:_MAX_FORWARD_LOOK])


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
