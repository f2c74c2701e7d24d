"""Structured logs on standard error: events with ids, never mail text, addresses or secrets."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from tickets.audit import AuditEvent, EventKind

_SECRET_NAMES: Final = re.compile(
    r"(?i)(secret|password|token|authorization|cookie|api_?key|refresh|code$|body|subject)"
)
_ADDRESS: Final = re.compile(r"[^\s<>@\"']{1,64}@[^\s<>@\"']{1,255}")
_CREDENTIAL: Final = re.compile(r"(?i)\b(?:bearer\s+\S+|ca_[A-Za-z0-9_-]{16,}|ya29\.\S+|1//\S+|sk-\S+)")
_IN_URL: Final = re.compile(r"(?i)([?&](?:code|state|token|key|q)=)[^&\s\"]+")

TALKATIVE: Final = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "googleapiclient",
    "urllib3",
    "aiosqlite",
    "alembic",
    "uvicorn.access",
)

ECHOED: Final = frozenset(
    {"state", "send_id", "revision", "mail_id", "kind", "category", "written_by", "flags", "mailbox", "error"}
)
# What somebody should look at.
WARNED: Final = frozenset(
    {
        EventKind.SYNC_FAILED,
        EventKind.MAILBOX_DISCONNECTED,
        EventKind.MAIL_QUARANTINED,
        EventKind.SEND_FAILED,
        EventKind.SEND_UNKNOWN,
        EventKind.WORKFLOW_STOPPED,
    }
)

Record = MutableMapping[str, Any]


def configure(log_format: str, level: str) -> None:
    """Send our events and the libraries' log records through one pipeline that redacts last."""
    as_console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_traceback,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if as_console else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)


def echo(event: AuditEvent) -> None:
    """The log's echo of the record: which step of which ticket, never who wrote or what."""
    fields = {name: value for name, value in (event.fields or {}).items() if name in ECHOED}
    by = event.actor.partition(":")[0]
    log = structlog.get_logger()
    tell = log.warning if event.kind in WARNED else log.info
    tell(event.kind.value, ticket_id=str(event.ticket_id or ""), by=by, **fields)


def _without_traceback(_logger: object, _method: str, event: Record) -> Record:
    """An exception becomes its type and where it was raised; its message may quote mail."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    event.pop("exception", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def redacted(_logger: object, _method: str, event: Record) -> Record:
    """The last step before rendering: names that hold secrets are dropped, addresses and credentials masked."""
    for name, value in list(event.items()):
        event[name] = "***" if _SECRET_NAMES.search(name) and name != "token_id" else _masked(value)
    return event


def _named(name: str, value: Any) -> Any:
    return "***" if _SECRET_NAMES.search(name) else _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _IN_URL.sub(r"\1***", _CREDENTIAL.sub("***", _ADDRESS.sub("<address>", value)))
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {_masked(str(name)): _named(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return _masked(repr(value))  # whatever it is, it is shown as text
