"""A second opinion on single header fields: the standard library's modern reading, where ours finds nothing usable.

It follows the grammar more closely than any sender, raises on some of what they write and takes quadratic time on
long fields; so it is asked rarely, for short fields, and never believed without a look.
"""

import email.policy
from typing import Final

from adapters.mime_charset import tidy
from tickets.mail import Address

_MAX_FIELD: Final = 1_000


def second_address(raw: str) -> Address | None:
    """The address of a field that names one; None when there is none or the field has encoded words.

    Those are decoded before the field is taken apart there: a name could become somebody else's address. So could a
    part of a field with two at signs, and a broken address that it mends.
    """
    if len(raw) > _MAX_FIELD or raw.count("@") != 1 or "=?" in raw:
        return None
    try:
        groups = email.policy.default.header_factory("from", raw).addresses
        found = next((each for each in groups if each.username and each.domain and each.addr_spec in raw), None)
        return Address(tidy(found.display_name), tidy(found.addr_spec)) if found else None
    except Exception:  # it raises nearly anything on what senders write
        return None


def second_text(raw: str) -> str | None:
    """The field as text; None when it does not know better either."""
    if len(raw) > _MAX_FIELD or not raw.isascii():
        return None
    try:
        text = tidy(str(email.policy.default.header_factory("subject", raw)))
    except Exception:  # unknown charsets, for one
        return None
    return None if "\ufffd" in text or "=?" in text else text
