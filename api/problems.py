"""What each error means outside: a status, a title, and the next step. One table for scripts and for people."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from litestar.exceptions import HTTPException, ValidationException

from api.auth import BadToken
from api.csrf import ForeignForm
from api.door import TooManyLogins, WrongLogin
from api.idempotency import AnswerLost, KeyBusy
from api.rate_limits import TooManyRequests
from tickets.errors import (
    BadInput,
    Conflict,
    DeskError,
    FlagsOpen,
    InFlight,
    KeyReused,
    MailboxError,
    ModelUnavailable,
    NotAllowed,
    NotFound,
    Outdated,
    StaleDraft,
    Unsettled,
)
from tickets.merging import OtherRequester
from tickets.notes import StaleNote
from tickets.second_person import PersonNeeded
from tickets.status import IllegalMove
from tickets.wording import N_

_BACK: Final = N_("Go back to the boards.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of errors. `slug` ends the problem's type and stays stable for scripts."""

    status: int
    slug: str
    title: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer to one error; `extra` are the members that RFC 9457 lets a problem type add."""

    kind: Kind
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


# The first that fits counts, so the children stand before their parents.
_DESK_ERRORS: Final[tuple[tuple[type[DeskError], Kind], ...]] = (
    (
        StaleDraft,
        Kind(
            409,
            "stale-draft",
            N_("The draft has changed"),
            N_("Open the ticket and read the current draft, then decide."),
        ),
    ),
    (
        FlagsOpen,
        Kind(409, "flags-open", N_("Not everything is confirmed"), N_("Open the ticket and look at each one.")),
    ),
    (InFlight, Kind(409, "in-flight", N_("The reply is leaving"), N_("Open the ticket to see how its delivery goes."))),
    (
        OtherRequester,
        Kind(409, "other-requester", N_("Tickets of different people"), N_("Go back, look and confirm it.")),
    ),
    (StaleNote, Kind(409, "stale-note", N_("The note has changed"), N_("Read the note again, then change it."))),
    (
        IllegalMove,
        Kind(409, "illegal-move", N_("Not possible in this status"), N_("Open the ticket to see what is possible.")),
    ),
    (Conflict, Kind(409, "conflict", N_("Something else came first"), N_("Reload the page to see where it stands."))),
    (NotFound, Kind(404, "not-found", N_("Not found"), _BACK)),
    (BadInput, Kind(400, "bad-input", N_("The request cannot be used"), N_("Go back, correct it and send it again."))),
    (BadToken, Kind(401, "bad-token", N_("An API token is needed"), N_("Ask an administrator for a token."))),
    (ForeignForm, Kind(403, "foreign-form", N_("The form was refused"), N_("Go back, reload the page and try again."))),
    (WrongLogin, Kind(401, "wrong-login", N_("Not logged in"), N_("Try again."))),
    (
        PersonNeeded,
        Kind(403, "person-needed", N_("Two people have to approve this"), N_("Approve it on the ticket's page.")),
    ),
    (NotAllowed, Kind(403, "not-allowed", N_("Not allowed"), _BACK)),
    (TooManyLogins, Kind(429, "too-many-logins", N_("Too many attempts"), N_("Wait, then try again."))),
    (Outdated, Kind(412, "outdated", N_("It has changed meanwhile"), N_("Reload the page, then try again."))),
    (KeyReused, Kind(422, "key-reused", N_("The key belongs to another request"), N_("Take a new Idempotency-Key."))),
    (KeyBusy, Kind(409, "key-busy", N_("The same request is under way"), N_("Send it again in a few seconds."))),
    (
        AnswerLost,
        Kind(409, "answer-lost", N_("Done, but its answer was lost"), N_("Look at what the request changed.")),
    ),
    (TooManyRequests, Kind(429, "too-many-requests", N_("Too many requests"), N_("Wait, then go on."))),
    (MailboxError, Kind(503, "mailbox", N_("The mailbox does not answer"), N_("Try again later."))),
    (ModelUnavailable, Kind(503, "model", N_("The language model does not answer"), N_("Write the reply yourself."))),
    (
        Unsettled,
        Kind(409, "unsettled", N_("A delivery is not decided yet"), N_("Open the ticket to see when it will be.")),
    ),
)

_HTTP_ERRORS: Final[Mapping[int, tuple[Kind, str]]] = {
    400: (
        Kind(400, "bad-input", N_("The request cannot be used"), N_("Go back, correct it and send it again.")),
        "The request cannot be read. Check its body and content type against the documentation.",
    ),
    404: (Kind(404, "not-found", N_("Not found"), _BACK), "There is nothing at this address."),
    405: (Kind(405, "wrong-method", N_("Not possible this way"), _BACK), "This address does not take that method."),
    413: (
        Kind(413, "too-large", N_("Too large"), N_("Go back, shorten it and send it again.")),
        "The request is larger than the desk takes. Shorten it.",
    ),
}

_UNAVAILABLE: Final = Kind(503, "unavailable", N_("The desk cannot do that now"), N_("Try again in a minute."))
_UNEXPECTED: Final = Kind(
    500,
    "unexpected",
    N_("Something went wrong here"),
    N_("Try again. If it stays, give the request id to whoever runs the desk."),
)


def kinds_of_problems() -> list[Kind]:
    """Every kind that an answer may be of."""
    return (
        [kind for _, kind in _DESK_ERRORS] + [kind for kind, _ in _HTTP_ERRORS.values()] + [_UNAVAILABLE, _UNEXPECTED]
    )


def problem_of(error: Exception, request_id: str) -> Problem:
    """What to answer. Errors that nobody foresaw tell the request id and nothing of themselves."""
    match error:
        case DeskError():
            return _of_desk_error(error, request_id)
        case ValidationException():
            return _of_validation(error)
        case HTTPException():
            return _of_http(error, request_id)
        case RecursionError():  # only a body can be nested that deeply
            return _of_desk_error(BadInput("The request is nested too deeply. Send it flatter."), request_id)
        case UnicodeDecodeError() if _is_of_the_body(error):
            return _of_desk_error(BadInput("The request's body is not UTF-8 text. Send it as UTF-8."), request_id)
        case _:
            return _unexpected(request_id)


def _is_of_the_body(error: UnicodeDecodeError) -> bool:
    """Litestar lets this one error of reading JSON and the text fields of multipart forms through."""
    return any(
        frame.name in ("decode_json", "parse_multipart_form") for frame in traceback.extract_tb(error.__traceback__)
    )


def _of_desk_error(error: DeskError, request_id: str) -> Problem:
    kind = next((kind for family, kind in _DESK_ERRORS if isinstance(error, family)), None)
    if kind is None:
        # What a database or a workflow says of itself is for the log, not for whoever stands before the login.
        detail = f"Something that the desk needs does not answer. Try again in a minute; it is request {request_id}."
        return Problem(_UNAVAILABLE, detail, {"request_id": request_id})
    extra: dict[str, Any] = {}
    headers: dict[str, str] = {}
    match error:
        case StaleDraft():
            extra["revision"] = error.revision
        case FlagsOpen():
            extra["flags"] = list(error.flag_ids)
        case BadToken():
            headers["WWW-Authenticate"] = 'Bearer realm="communication-agent"'
        case TooManyRequests():
            headers.update(error.headers)
        case TooManyLogins() | KeyBusy():
            headers["Retry-After"] = str(error.retry_after_s)
    return Problem(kind, str(error), extra, headers)


def _of_validation(error: ValidationException) -> Problem:
    """Names each field that is wrong."""
    told = error.extra if isinstance(error.extra, list) else []
    errors = [_field_error(str(one.get("key", "")), str(one.get("message", ""))) for one in told]
    sentences = [f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in errors]
    kind, otherwise = _HTTP_ERRORS[400]
    return Problem(kind, "; ".join(sentences) or otherwise, {"errors": errors})


def _field_error(key: str, message: str) -> dict[str, str]:
    """In the caller's words: Litestar calls the body `data`, and says of a missing field only its name."""
    if message.strip("'") == key:
        message = "is missing"
    elif "matching regex" in message:
        message = "is blank, or has control characters that are not allowed there"
    return {"field": "body" if key == "data" else key, "message": message}


def _of_http(error: HTTPException, request_id: str) -> Problem:
    if error.status_code >= 500:
        return _unexpected(request_id)
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    if known := _HTTP_ERRORS.get(error.status_code):
        return Problem(known[0], known[1], headers=headers)
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(Kind(error.status_code, "refused", phrase, _BACK), f"{phrase}.", headers=headers)


def _unexpected(request_id: str) -> Problem:
    detail = f"The desk could not do that because of a fault of its own. It is in the log as request {request_id}."
    return Problem(_UNEXPECTED, detail, {"request_id": request_id})
