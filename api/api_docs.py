"""The description of the REST interface: OpenAPI as JSON for programs, a page of it for people."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from litestar import Litestar, Request, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server
from litestar.response import Template
from litestar.routes import HTTPRoute

from api.auth import may
from api.idempotency import TOLD_ONCE
from api.links import link
from api.openapi import completed, group_of
from api.openapi_samples import sample
from tickets.people import Scope

VERSION: Final = "1"
_DESCRIPTION: Final = (
    "Tickets, drafts, approvals and syncs for scripts. Send an API token as `Authorization: Bearer ca_...`. "
    "Errors are problem documents (RFC 9457); `detail` says what happened and what to do next."
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry of the documentation page."""

    method: str
    path: str
    group: str
    about: str
    parameters: tuple[Mapping[str, Any], ...]
    body_name: str | None
    body: str | None
    is_multipart: bool
    takes_key: bool
    needs_token: bool
    answers: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"{self.method} {self.path}".lower()).strip("-")

    @property
    def fields(self) -> list[Mapping[str, Any]]:
        """What stands in the address."""
        return [one for one in self.parameters if one["in"] in ("path", "query")]

    @property
    def curl(self) -> str:
        """The call as the documentation writes calls: $DESK is the address, $AUTH the header with the token."""
        words = ["curl -s", *(['-H "$AUTH"'] if self.needs_token else [])]
        words += [f"-X {self.method}"] if self.method not in ("GET", "POST") or not self._sends else []
        words += ["-F revision=1 -F file=@offer.pdf"] if self.is_multipart else []
        words += ['-H "Content-Type: application/json"', f"-d {shlex.quote(self.body)}"] if self.body else []
        return " ".join([*words, f'"$DESK{self.path}"'])

    @property
    def _sends(self) -> bool:
        return self.method == "GET" or self.is_multipart or self.body is not None


class SchemaJson(JsonRenderPlugin):
    """The schema with what Litestar cannot tell from the types."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return super().render(request, document(request.app, link(request, "/")))


def document(app: Litestar, server: str) -> dict[str, Any]:
    """The OpenAPI document of this application."""
    told_once = {
        route.path_format
        for route in app.routes
        if isinstance(route, HTTPRoute) and any(handler.opt.get(TOLD_ONCE) for handler in route.route_handlers)
    }
    return completed(app.openapi_schema.to_schema(), server, told_once)


def openapi_config(title: str) -> OpenAPIConfig:
    """The schema is public: it says what anybody can read in the source."""
    return OpenAPIConfig(
        title=title,
        version=VERSION,
        description=_DESCRIPTION,
        use_handler_docstrings=True,
        servers=[Server(url="/")],
        render_plugins=[SchemaJson()],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt={"public": True}),
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", bearer_format="ca_...")}
        ),
    )


@get("/boards/api", guards=[may(Scope.READ)])
async def api_page(request: Request[Any, Any, Any]) -> Template:
    """Every operation of the schema by group, to read and to try, on one page that loads nothing from elsewhere."""
    found = sorted(operations(document(request.app, link(request, "/"))), key=lambda each: (each.group, each.path))
    groups = {name: list(members) for name, members in groupby(found, key=lambda each: each.group)}
    return Template("api.html", context={"groups": groups, "about": _DESCRIPTION})


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """The schema's operations, in the order of their paths."""
    shapes = schema["components"]["schemas"]
    for path, methods in sorted(schema["paths"].items()):
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            headers = {one["name"] for one in said.get("parameters", ())}
            yield Operation(
                method=method.upper(),
                path=path,
                group=group_of(path),
                about=said.get("description") or said.get("summary", ""),
                parameters=tuple(said.get("parameters", ())),
                body_name=_body_name(body) if body else None,
                body=json.dumps(sample(body, shapes), ensure_ascii=False) if body else None,
                is_multipart="multipart/form-data" in content,
                takes_key="Idempotency-Key" in headers,
                needs_token=bool(said.get("security")),
                answers=tuple((status, answer["description"]) for status, answer in sorted(said["responses"].items())),
            )


def _body_name(schema: Mapping[str, Any]) -> str | None:
    """The name of the schema that the request's body follows."""
    choices = [schema, *schema.get("oneOf", ())]
    return next((one["$ref"].rpartition("/")[2] for one in choices if "$ref" in one), None)


api_docs_handlers: list[HTTPRouteHandler] = [api_page]
