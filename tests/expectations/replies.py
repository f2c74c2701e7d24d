"""What a body's source expects its visible reply to be, held against ours."""

from typing import Final

from adapters.mime_charset import decode
from adapters.mime_html import html_reply
from tests.expectations.manifest import Case, Check, words
from tickets.quoting import split

_WITHOUT_SPACE: Final = "_nows"


def look_at_reply(case: Case) -> list[Check]:
    """Take the body apart and compare what its author wrote; `..._nows` is compared without any space."""
    text = decode(case.path.read_bytes(), "utf-8").replace("\r\n", "\n")
    found = html_reply(text).visible if case.form == "html" else split(text).visible
    return [
        Check(case, kind, _seen(kind, str(wanted)) == _seen(kind, found), wanted, found)
        for kind, wanted in case.expected.items()
    ]


def _seen(kind: str, text: str) -> str:
    return "".join(text.split()) if kind.endswith(_WITHOUT_SPACE) else words(text)
