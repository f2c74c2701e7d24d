"""What every route of the REST interface does without saying so: callers known first, limits, repeatable POSTs, tags.

The order counts: a repeated request gives its stored answer even when the ticket has changed since.
"""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from api.auth import May, identify
from api.etags import EntityTags
from api.idempotency import Idempotency
from api.rate_limits import RateLimiting


class KnownFirst(ASGIMiddleware):
    """A stranger hears 401 and whoever lacks the scope 403, whatever else is wrong with what they ask."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        handler: Any = scope["route_handler"]
        request: Request[Any, Any, Any] = Request(scope)
        if request.method != "OPTIONS":
            caller = await identify(request, handler)
            for guard in handler.resolve_guards():
                if isinstance(guard, May):
                    caller.actor.require(guard.scope)
        await next_app(scope, receive, send)


# Around a router that takes bearer tokens, the outermost first.
CONVENTIONS: Final[Sequence[Middleware]] = (KnownFirst(), RateLimiting(), Idempotency(), EntityTags())
