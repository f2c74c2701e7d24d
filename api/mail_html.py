"""A mail's HTML made fit to be seen: cleaned, then served as a document of its own for a sandboxed iframe.

Three layers, of which each alone is not enough: nh3 removes what could act, the document's own policy lets nothing
load, and both that policy and the frame on the page are a sandbox without allow-scripts and without allow-same-origin.
A document of its own, not `srcdoc`: that one would inherit the page's policy, which forbids a mail's styles.
"""

import base64
import html as entities
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import nh3

from tickets.mail import Attachment, Mail
from tickets.markup import is_moderate

MAX_DATA_URL_BYTES: Final = 2 * 1024 * 1024
MAX_EMBEDDED_CHARACTERS: Final = 8 * 1024 * 1024
MAX_ESCAPED_CHARACTERS: Final = 200_000

_RASTER: Final = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
_DATA_IMAGE: Final = re.compile(r"data:image/(?:gif|jpeg|jpg|png|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_LINK: Final = re.compile(r"\s*(?:https?://|mailto:|tel:)", re.IGNORECASE)
# At least one dot and a last label with a letter: no single names and no IP addresses, however they are written.
_HOST_NAME: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}")
_INTERNAL: Final = (
    *(".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".home.arpa"),
    *(".test", ".invalid", ".onion"),
)
_REMOTE_IMAGE: Final = re.compile(r"\b(?:src|background)\s{0,5}=\s{0,5}[\"']?\s{0,5}(?:https?:)?//", re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NAMED_IMAGE: Final = re.compile(r"\bsrc\s{0,5}=\s{0,5}[\"']?\s{0,5}cid:([^\"'\s>]{1,500})", re.IGNORECASE)
_ACTIVE_STYLE: Final = re.compile(r"url|image|expression|import|var\(|\\|@|/\*", re.IGNORECASE)

_TAGS: Final = frozenset(nh3.ALLOWED_TAGS) - {"area", "map", "details", "summary", "data"} | {"font", "tfoot"}
_CONTENT_REMOVED: Final = {"script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math"}
_LAYOUT: Final = {"align", "valign", "width", "height", "bgcolor", "dir", "lang", "style"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": _LAYOUT,
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start", "type"},
}
_STYLES: Final = {
    *("color", "background-color", "font-family", "font-size", "font-style", "font-weight", "line-height"),
    *("text-align", "text-decoration", "text-indent", "vertical-align", "white-space", "letter-spacing"),
    *("width", "max-width", "min-width", "height", "border-collapse", "border-spacing", "list-style-type"),
    *("margin", "margin-top", "margin-right", "margin-bottom", "margin-left"),
    *("padding", "padding-top", "padding-right", "padding-bottom", "padding-left"),
    *("border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-radius"),
}
_DOCUMENT: Final = """<!doctype html>
<html><head><meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<style>
body {{ margin: 12px; font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff;
  overflow-wrap: anywhere; }}
img {{ max-width: 100%; height: auto; }}
pre {{ white-space: pre-wrap; }}
blockquote {{ margin: 0 0 0 .5em; padding-left: .8em; border-left: 2px solid #ccc; color: #555; }}
</style></head><body>{body}</body></html>"""


def cleaned(html: str, *, blobs: Mapping[str, str], show_remote: bool) -> str:
    """The HTML without anything that acts or loads.

    `blobs` gives the address to show for a Content-ID (without angle brackets), best a `data_url`; images it does not
    know lose their source, and so do remote ones unless `show_remote`. Each of `blobs` is put in once; what is left of
    MAX_EMBEDDED_CHARACTERS goes to further uses, and those beyond it show nothing. HTML that is not moderate comes as
    escaped text. Takes up to some tenths of a second, so call it in a thread.
    """
    if not is_moderate(html):
        return f"<pre>{entities.escape(html[:MAX_ESCAPED_CHARACTERS])}</pre>"
    pictures = _Pictures(blobs)

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "src":
            return _source(value, pictures, show_remote) if tag == "img" else None
        if attribute == "href":
            return value if _LINK.match(value) else None
        if attribute == "style":
            return None if _ACTIVE_STYLE.search(value) else value
        return value

    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=_CONTENT_REMOVED,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        filter_style_properties=_STYLES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )


class _Pictures:
    """Hands out the addresses of inline images as long as the document may grow."""

    def __init__(self, blobs: Mapping[str, str]) -> None:
        self._addresses = {_bare(content_id): address for content_id, address in blobs.items()}
        self._left = MAX_EMBEDDED_CHARACTERS - sum(len(address) for address in self._addresses.values())
        self._used: set[str] = set()

    def take(self, content_id: str) -> str | None:
        address = self._addresses.get(content_id)
        if address is None or content_id not in self._used:
            self._used.add(content_id)
            return address
        if len(address) > self._left:
            return None
        self._left -= len(address)
        return address


def _bare(content_id: str) -> str:
    return content_id.strip("<> ").lower()


def _source(value: str, pictures: _Pictures, show_remote: bool) -> str | None:
    """What an image may show, if anything."""
    value = value.strip()
    if value[:4].lower() == "cid:":
        return pictures.take(_bare(unquote(value[4:])))
    if _DATA_IMAGE.fullmatch(value):
        return value
    return public_image(value) if show_remote else None


def public_image(address: str) -> str | None:
    """The address of a remote image, over https; None for one that may lie inside the operator's own network.

    The operator's browser asks for it, so an address there could reach what no stranger may reach.
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".").lower()
        is_plain = parts.scheme.lower() in ("http", "https") and parts.port in (None, 80, 443) and not parts.username
    except ValueError:
        return None
    is_name = _HOST_NAME.fullmatch(host) is not None and not host.endswith(_INTERNAL)
    if not (is_plain and is_name):
        return None
    return urlunsplit(("https", host, parts.path, parts.query, ""))


def has_remote_images(html: str) -> bool:
    """Whether showing remote images would make a difference."""
    return _REMOTE_IMAGE.search(html) is not None


def shown_inline(mail: Mail) -> tuple[Attachment, ...]:
    """The attachments that the mail's document shows as pictures: raster images that it names, while there is room."""
    if mail.html is None or not any(file.content_id for file in mail.attachments) or not is_moderate(mail.html):
        return ()
    found = _NAMED_IMAGE.findall(_COMMENT.sub("", mail.html))
    named = {_bare(unquote(entities.unescape(content_id))) for content_id in found}
    chosen: dict[str, Attachment] = {}
    left = MAX_EMBEDDED_CHARACTERS
    for file in mail.attachments:
        content_id = _bare(file.content_id or "")
        if content_id in named and content_id not in chosen and _is_picture(file) and _embedded_size(file) <= left:
            chosen[content_id] = file
            left -= _embedded_size(file)
    return tuple(chosen.values())


def listed_files(mail: Mail) -> tuple[Attachment, ...]:
    """The attachments to list beside the mail: all but the inline ones that its document shows."""
    shown = shown_inline(mail)
    return tuple(file for file in mail.attachments if not (file.is_inline and any(file is one for one in shown)))


def _is_picture(file: Attachment) -> bool:
    return file.content_type in _RASTER and file.size <= MAX_DATA_URL_BYTES


def _embedded_size(file: Attachment) -> int:
    """At least the length of its `data_url`."""
    return len("data:;base64,") + len(file.content_type) + (file.size + 2) // 3 * 4


def document(html: str) -> str:
    """A whole document around cleaned HTML."""
    return _DOCUMENT.format(body=html)


def document_headers(*, show_remote: bool) -> dict[str, str]:
    """The policy that comes with the document: it runs nothing, and loads nothing but images, if those."""
    images = "data: https:" if show_remote else "data:"
    policy = (
        "sandbox allow-popups allow-popups-to-escape-sandbox",
        "default-src 'none'",
        f"img-src {images}",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }


def data_url(content_type: str, contents: bytes) -> str | None:
    """An inline image as a `data:` address; None for what is no raster image or larger than MAX_DATA_URL_BYTES.

    The sandboxed document has no origin, so the session's cookie would not go along with a request for the image.
    """
    if content_type not in _RASTER or len(contents) > MAX_DATA_URL_BYTES:
        return None
    return f"data:{content_type};base64,{base64.b64encode(contents).decode('ascii')}"
