"""Raw mails, written by hand."""

from adapters.mime import parse


def mail(header, body="Hello\n"):
    raw_header = header if isinstance(header, bytes) else header.encode()
    raw_body = body if isinstance(body, bytes) else body.encode()
    return parse(raw_header.rstrip(b"\n") + b"\n\n" + raw_body).mail


def multipart(kind, *parts, header=""):
    lines = [f"From: Ada <ada@example.org>\n{header}Content-Type: multipart/{kind}; boundary=cut\n\n"]
    lines += [f"--cut\n{part}\n" for part in parts]
    return "".join(lines).encode() + b"--cut--\n"


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nIt shows E07.\n"
