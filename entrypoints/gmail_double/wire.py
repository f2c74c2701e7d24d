"""What travels between the HTTP server and the routes, and how Google words a refusal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Json = dict[str, Any]

INTERNAL = "Internal error encountered."

_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_REASONS = {
    400: "invalidArgument",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "aborted",
    429: "rateLimitExceeded",
}


class Wire(Enum):
    """What the server does with the connection once a reply is known."""

    ANSWER = "answer"
    DROP = "drop"
    HANG = "hang"


@dataclass(frozen=True)
class Request:
    """One HTTP request, or one part of a batch. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name, ())
        return values[0] if values else default

    def number(self, name: str, default: int) -> int:
        """A query parameter as a whole number; Refusal 400 when it is not one."""
        try:
            return int(self.first(name) or default)
        except ValueError:
            raise Refusal(400, f"Invalid value for {name}") from None

    def json(self) -> Json:
        """The body as a JSON object ({} when empty); Refusal 400 for anything else."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            raise Refusal(400, "Invalid JSON payload received.", "parseError") from None
        if not isinstance(value, dict):
            raise Refusal(400, "Invalid JSON payload received.", "parseError")
        return value


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, and whether the connection delivers it, drops or hangs."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0
    wire: Wire = Wire.ANSWER


class Refusal(Exception):
    """A Google API error: HTTP status, machine-readable reason and message."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason or default_reason(status)


def default_reason(status: int) -> str:
    """The reason Google gives most often with this HTTP status."""
    return _REASONS.get(status, "backendError")


def json_reply(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = json.dumps(value).encode()
    return Reply(status, body, (("content-type", "application/json; charset=UTF-8"), *headers))


def google_error(status: int, reason: str, message: str) -> Reply:
    """The error body of Google's REST APIs."""
    domain = "usageLimits" if "imitExceeded" in reason or "quota" in reason else "global"
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
        "status": _STATUS_NAMES.get(status, "UNKNOWN"),
    }
    headers = (("www-authenticate", 'Bearer realm="double"'),) if status == 401 else ()
    return json_reply({"error": error}, status, headers)


def not_found() -> Refusal:
    return Refusal(404, "Requested entity was not found.")
