"""A parsed mail between two processes: one JSON line of facts, then the bytes of the attachments.

Not pickle: what comes back from the process that read hostile bytes must not be able to run anything.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from tickets.mail import Address, Attachment, Bounce, Mail, Parsed


def packed(parsed: Parsed) -> bytes:
    """The bytes that `unpacked` reads."""
    facts = asdict(replace(parsed.mail, headers=dict(parsed.mail.headers)))
    facts["sent_at"] = parsed.mail.sent_at.isoformat() if parsed.mail.sent_at else None
    sizes = {name: len(contents) for name, contents in parsed.blobs.items()}
    line = json.dumps({"mail": facts, "blobs": sizes}).encode("ascii")
    return b"".join((line, b"\n", *parsed.blobs.values()))


def unpacked(raw: bytes) -> Parsed:
    """Raises ValueError, KeyError or TypeError for anything that `packed` did not write."""
    line, _, contents = raw.partition(b"\n")
    facts = json.loads(line)
    blobs: dict[str, bytes] = {}
    begin = 0
    for name, size in facts["blobs"].items():
        blobs[name] = contents[begin : begin + size]
        begin += size
    return Parsed(_mail(facts["mail"]), blobs)


def _mail(facts: Mapping[str, Any]) -> Mail:
    return Mail(
        **{
            **facts,
            "sender": Address(**facts["sender"]),
            "to": _addresses(facts["to"]),
            "cc": _addresses(facts["cc"]),
            "reply_to": _addresses(facts["reply_to"]),
            "sent_at": datetime.fromisoformat(facts["sent_at"]) if facts["sent_at"] else None,
            "references": tuple(facts["references"]),
            "attachments": tuple(Attachment(**each) for each in facts["attachments"]),
            "bounce": Bounce(**facts["bounce"]) if facts["bounce"] else None,
            "defects": tuple(facts["defects"]),
        }
    )


def _addresses(each: list[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(**one) for one in each)
