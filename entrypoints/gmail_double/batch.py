"""The batch endpoint: many calls in one multipart request, each answered with its own status."""

from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Part
from email.parser import BytesHeaderParser
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from entrypoints.gmail_double import routes
from entrypoints.gmail_double.faults import under
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import INTERNAL, Refusal, Reply, Request, Wire, google_error

log = structlog.get_logger()

PATHS = ("/batch", "/batch/gmail/v1")
MOST_PARTS = 100
_BOUNDARY = "batch_of_the_double"


def answer(double: Double, request: Request) -> Reply | None:
    """The reply to a batch request; None when the request is none."""
    if request.path not in PATHS or request.method != "POST":
        return None
    double.requests["batch"] += 1
    return under(double.faults.take("batch", None), lambda: _answered(double, request), google_error)


def _answered(double: Double, request: Request) -> Reply:
    try:
        calls = calls_in(request)
    except Refusal as refusal:
        return google_error(refusal.status, refusal.reason, refusal.message)
    return joined([(content_id, _part(double, call)) for content_id, call in calls])


def _part(double: Double, call: Request) -> Reply:
    """The reply to one call; one that breaks leaves the others as they are."""
    try:
        return routes.answer(double, call, in_batch=True)
    except Exception as error:
        log.exception("batch_part_failed", error=type(error).__name__)
        return google_error(500, "backendError", INTERNAL)


def calls_in(request: Request) -> list[tuple[str, Request]]:
    """The calls in a batch with their Content-IDs; Refusal 400 when it is no batch."""
    head = b"Content-Type: " + request.headers.get("content-type", "").encode() + b"\r\n\r\n"
    parts = message_from_bytes(head + request.body).get_payload()
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST_PARTS:
        raise Refusal(400, f"A batch has 1 to {MOST_PARTS} multipart/mixed parts", "badRequest")
    try:
        return [(str(part["Content-ID"]), _call(part, request)) for part in parts if isinstance(part, Part)]
    except ValueError:
        raise Refusal(400, "Failed to parse batch request", "badRequest") from None


def _call(part: Part, outer: Request) -> Request:
    """The call inside one part; it uses the batch's own authorization unless it brings another."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise Refusal(400, "A part of a batch holds one HTTP request")
    request_line, _, rest = payload.lstrip().replace(b"\r\n", b"\n").partition(b"\n")
    method, target, *_ = request_line.decode().split(" ")
    head, _, body = rest.partition(b"\n\n")
    headers = {name.lower(): value for name, value in BytesHeaderParser().parsebytes(head).items()}
    headers.setdefault("authorization", outer.headers.get("authorization", ""))
    parts = urlsplit(target)
    return Request(method, unquote(parts.path), parse_qs(parts.query), headers, body)


def joined(replies: list[tuple[str, Reply]]) -> Reply:
    """One multipart reply. A part that drops, hangs or is slow does so for the whole connection."""
    pieces = [_piece(content_id, reply) for content_id, reply in replies]
    body = b"".join(pieces) + f"--{_BOUNDARY}--\r\n".encode()
    joined = Reply(200, body, (("content-type", f'multipart/mixed; boundary="{_BOUNDARY}"'),))
    wires = [reply.wire for _, reply in replies if reply.wire is not Wire.ANSWER]
    delay_s = max(reply.delay_s for _, reply in replies)
    return replace(joined, delay_s=delay_s, wire=wires[0] if wires else Wire.ANSWER)


def _piece(content_id: str, reply: Reply) -> bytes:
    lines = [
        f"--{_BOUNDARY}",
        "Content-Type: application/http",
        f"Content-ID: <response-{content_id.strip('<>')}>",
        "",
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        *(f"{name}: {value}" for name, value in reply.headers),
        f"Content-Length: {len(reply.body)}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + reply.body + b"\r\n"
