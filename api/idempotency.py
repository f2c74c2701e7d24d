"""Idempotency-Key on every POST of the REST interface: a request that is sent twice is carried out once."""

import asyncio
import hashlib
import re
from typing import Any, Final

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import Caller, identify
from api.captured import Captured, send_whole, whole_body
from api.leaving import CLIENT_LEFT
from api.services import Services
from tickets.errors import BadInput, DeskError, KeyReused
from tickets.idempotency import (
    AnswerGone,
    Claim,
    IdempotencyKeys,
    OtherRequest,
    RequestKey,
    StoredAnswer,
    under_claim,
)
from tickets.ports import Clock

HEADER: Final = "idempotency-key"
TOLD_ONCE: Final = "told_once"  # the option of routes whose answer is a secret, which must not be kept
REPLAYED: Final = "idempotency-replayed"
MAX_KEY: Final = 255
PATIENCE_S: Final = 10.0  # how long a duplicate waits for the answer of the first
LOOK_EVERY_S: Final = 0.1
RETRY_AFTER_S: Final = 5
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS: Final = ("content-type", "etag", "content-location", "location", "content-disposition")
# Who calls, how often and how much is judged anew each time.
_NOT_KEPT: Final = frozenset({401, 403, 408, 412, 413, 429, CLIENT_LEFT})


class KeyBusy(DeskError):
    """Another request with this key is under way."""

    retry_after_s: Final = RETRY_AFTER_S


class AnswerLost(DeskError):
    """The request was carried out, but its answer is gone."""


class Idempotency(ASGIMiddleware):
    """Looks at POST requests that carry the header, and leaves all others alone."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        services: Services = request.app.state.services
        said, keys = request.headers.get(HEADER), services.idempotency
        if request.method != "POST" or said is None or keys is None:
            await next_app(scope, receive, send)
            return
        if not _KEY.fullmatch(said):
            raise BadInput(f"Idempotency-Key takes 1 to {MAX_KEY} visible ASCII characters, such as a UUID.")
        handler: Any = scope["route_handler"]
        if handler.opt.get(TOLD_ONCE):
            raise BadInput("This answer is told once and kept nowhere. Send the request without an Idempotency-Key.")
        caller = await identify(request, handler)
        limit = handler.resolve_request_max_body_size()
        body, again = await whole_body(receive, limit)
        if limit is not None and len(body) > limit:
            await next_app(scope, again, send)  # it is too large whatever its key
            return
        match await _standing(keys, _key(caller, said, request, body), services.clock):
            case Claim() as claim:
                await _carry_out(keys, claim, scope, again, send, next_app)
            case StoredAnswer(status, headers, answered):
                more = {"content-length": str(len(answered)), REPLAYED: "true"}
                await send_whole(send, status, {**headers, **more}, answered)


async def _standing(keys: IdempotencyKeys, key: RequestKey, clock: Clock) -> Claim | StoredAnswer:
    """Waits a while for another request with the same key. Raises KeyReused, AnswerLost or KeyBusy."""
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        match await keys.claim(key, clock.now()):
            case Claim() | StoredAnswer() as standing:
                return standing
            case OtherRequest():
                raise KeyReused("This Idempotency-Key was used for another request. Take a new key for a new request.")
            case AnswerGone():
                raise AnswerLost(
                    "This request was carried out, but its answer was lost when the desk stopped. Look at what it "
                    "changed; send it with a new key only if you want it done once more."
                )
        if asyncio.get_running_loop().time() >= end:
            raise KeyBusy("A request with this Idempotency-Key is under way. Send it again in a few seconds.")
        await asyncio.sleep(LOOK_EVERY_S)


async def _carry_out(
    keys: IdempotencyKeys, claim: Claim, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
) -> None:
    captured = Captured(send, may_stream=False)
    try:
        with under_claim(claim):
            await next_app(scope, receive, captured)
    except BaseException:
        await keys.release(claim)
        raise
    if captured.status >= 500 or captured.status in _NOT_KEPT:
        await keys.release(claim)
    else:
        kept = {name: value for name in _KEPT_HEADERS if (value := captured.header(name)) is not None}
        await keys.finish(claim, StoredAnswer(captured.status, kept, captured.body))
    await captured.release()


def _key(caller: Caller, said: str, request: Request[Any, Any, Any], body: bytes) -> RequestKey:
    kind, options = request.content_type
    if boundary := options.get("boundary"):  # made up anew by most clients for each attempt
        body = body.replace(boundary.encode("latin-1"), b"boundary")
    asked = (request.scope["path"], request.scope["query_string"].decode("latin-1"), kind)
    fingerprint = hashlib.sha256("\0".join(asked).encode() + b"\0" + body).hexdigest()
    if caller.token_id is None:
        raise BadInput("An Idempotency-Key needs an API token.")
    return RequestKey(caller.token_id, hashlib.sha256(said.encode()).hexdigest(), fingerprint)
