"""The routes of an application with what each declares: whom it opens to, and which credential it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from litestar import Litestar
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute

from api.auth import BEARER, May, is_public
from tickets.people import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# What stands in a hole of an address when a test fills it; holes that are not named here are filled by their type.
_NAMED = {"board": "new", "sha256": "0" * 64}
_TYPED = {"uuid": str(uuid4()), "int": "1", "str": "elsewhere", "path": "none.css", "date": "2026-03-02"}
_HOLE = re.compile(r"\{(\w+):(\w+)\}")


@dataclass(frozen=True, order=True)
class Declared:
    """One method of one address. `scope` is None for what is public."""

    path: str
    method: str
    scope: Scope | None
    is_public: bool
    is_rest: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_change(self) -> bool:
        return self.method not in SAFE

    @property
    def address(self) -> str:
        return self.at({})

    def at(self, known: Mapping[str, str]) -> str:
        """The address with these in the holes of their names."""
        named = {**_NAMED, **known}
        return _HOLE.sub(lambda hole: named.get(hole[1], _TYPED[hole[2]]), self.path)

    def filled(self, value: str) -> str:
        """The address with that in each of its holes."""
        return _HOLE.sub(lambda _: value, self.path)


def declared_routes(app: Litestar) -> list[Declared]:
    """Every route of the application but the answers to OPTIONS, which Litestar adds."""
    return sorted(_declared(path, method, handler) for path, method, handler in _handlers(app))


def _handlers(app: Litestar) -> list[tuple[str, str, BaseRouteHandler]]:
    found: list[tuple[str, str, BaseRouteHandler]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            each = ((str(method), handler) for method, (handler, _) in route.route_handler_map.items())
            found += [(route.path, method, handler) for method, handler in each if method != "OPTIONS"]
        else:  # a mounted application answers any method
            found.append((route.path, "POST", route.route_handler))
    return found


def _declared(path: str, method: str, handler: BaseRouteHandler) -> Declared:
    scopes = {guard.scope for guard in handler.resolve_guards() if isinstance(guard, May)}
    assert len(scopes) <= 1, f"{method} {path} names several scopes: {scopes}"
    scope = next(iter(scopes), None)
    return Declared(path, method, scope, is_public(handler), handler.opt.get("credential") == BEARER)
