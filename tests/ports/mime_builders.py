"""Raw mails, written by hand."""

import base64
import struct

from adapters.mime import parse

ATTACHMENT_BEGINS = 0x00069002
ATTACHMENT_TITLE = 0x00018010
ATTACHMENT_BYTES = 0x0006800F
ATTACHMENT_PROPERTIES = 0x00069005
MESSAGE_PROPERTIES = 0x00069003


def mail(header, body="Hello\n"):
    raw_header = header if isinstance(header, bytes) else header.encode()
    raw_body = body if isinstance(body, bytes) else body.encode()
    return parse(raw_header.rstrip(b"\n") + b"\n\n" + raw_body).mail


def multipart(kind, *parts, header=""):
    lines = [f"From: Ada <ada@example.org>\n{header}Content-Type: multipart/{kind}; boundary=cut\n\n"]
    lines += [f"--cut\n{part}\n" for part in parts]
    return "".join(lines).encode() + b"--cut--\n"


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nIt shows E07.\n"


def winmail(*attributes):
    """A part as Outlook wraps it, of (number, bytes) each."""
    wrapped = base64.encodebytes(tnef(*attributes)).decode()
    return f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{wrapped}"


def tnef(*attributes):
    framed = (
        b"\x01" + struct.pack("<II", number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
        for number, value in attributes
    )
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(framed)


def properties(*each):
    """Of (number, type, value): text is UTF-16 (type 0x1F), bytes as they are."""
    return struct.pack("<I", len(each)) + b"".join(_property(*one) for one in each)


def _property(number, kind, value):
    raw = value.encode("utf-16-le") + b"\0\0" if isinstance(value, str) else value
    head = struct.pack("<HH", kind, number)
    if kind in (0x0D, 0x1E, 0x1F, 0x102):
        return head + struct.pack("<II", 1, len(raw)) + raw + b"\0" * (-len(raw) % 4)
    return head + raw


def compressed_rtf():
    r"""`{\rtf1\ansi roof roof}`: eleven bytes from before the stream, five letters, those again, a brace, the end."""
    items = [_back(0, 11), b" ", b"r", b"o", b"o", b"f", _back(207 + 11, 5), b"}", _back(207 + 22, 2)]
    stream = b""
    for begin in range(0, len(items), 8):
        eight = items[begin : begin + 8]
        stream += bytes([sum(1 << bit for bit, item in enumerate(eight) if len(item) == 2)]) + b"".join(eight)
    return struct.pack("<II4sI", len(stream) + 12, 22, b"LZFu", 0) + stream


def _back(place, length):
    return struct.pack(">H", place << 4 | length - 2)


def report(action, status, reason="smtp; 550 no such user here", *, returned=None, header=""):
    """A delivery report as RFC 3464 wants it, read."""
    fields = (
        f"Final-Recipient: rfc822; ada@example.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {reason}\n"
    )
    machine = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n{fields}\n"
    note = "Content-Type: text/plain\n\nYour mail could not be delivered.\n"
    back = returned or "Content-Type: text/rfc822-headers\n\nSubject: Re: Inverter\nMessage-ID: <r1@helios.example>\n"
    return parse(multipart("report; report-type=delivery-status", note, machine, back, header=header)).mail.bounce
