"""How often one API token may ask. Counted in memory: each process of the desk counts for itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import identify
from api.etags import is_inner
from api.services import Services
from tickets.errors import DeskError

WINDOW: Final = timedelta(minutes=1)
MAX_TOKENS: Final = 10_000


class TooManyRequests(DeskError):
    """The token has used up its requests of this minute."""

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(f"This token may ask {limit} times a minute. Wait {retry_after_s} seconds, then go on.")
        self.retry_after_s = retry_after_s
        self.headers = {**limit_headers(limit, 0, retry_after_s), "Retry-After": str(retry_after_s)}


@dataclass(slots=True)
class Window:
    """A minute of one token."""

    ends_at: datetime
    used: int = 0


@dataclass
class RateLimits:
    """The windows of all tokens that asked lately."""

    per_minute: int
    _windows: dict[UUID, Window] = field(default_factory=dict)

    def count(self, token_id: UUID, now: datetime) -> dict[str, str]:
        """Count one request; the headers that tell what is left. Raises TooManyRequests."""
        window = self._windows.get(token_id)
        if window is None or window.ends_at <= now:
            self._forget(now)
            window = self._windows[token_id] = Window(now + WINDOW)
        left_s = max(1, round((window.ends_at - now).total_seconds()))
        if window.used >= self.per_minute:
            raise TooManyRequests(self.per_minute, left_s)
        window.used += 1
        return limit_headers(self.per_minute, self.per_minute - window.used, left_s)

    def _forget(self, now: datetime) -> None:
        if len(self._windows) >= MAX_TOKENS:
            self._windows = {key: window for key, window in self._windows.items() if window.ends_at > now}


def limit_headers(limit: int, remaining: int, left_s: int) -> dict[str, str]:
    """As the IETF's draft for RateLimit header fields has them."""
    return {
        "RateLimit-Policy": f'"token";q={limit};w={int(WINDOW.total_seconds())}',
        "RateLimit": f'"token";r={remaining};t={left_s}',
    }


class RateLimiting(ASGIMiddleware):
    """Counts each request that a token makes, and tells on each answer what is left."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        limits: RateLimits = request.app.state.rate_limits
        if limits.per_minute == 0 or request.method == "OPTIONS" or is_inner(scope):
            await next_app(scope, receive, send)
            return
        handler: Any = scope["route_handler"]
        caller = await identify(request, handler)
        if caller.token_id is None:
            await next_app(scope, receive, send)
            return
        services: Services = request.app.state.services
        told = limits.count(caller.token_id, services.clock.now())

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in told.items():
                    headers[name] = value
            await send(message)

        await next_app(scope, receive, telling)
