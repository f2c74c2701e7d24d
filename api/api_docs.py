"""The description of the REST interface: OpenAPI as JSON for programs, a page of it for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from api.openapi import completed
from tickets.people import Scope

VERSION: Final = "1"
_DESCRIPTION: Final = (
    "Tickets, drafts, approvals and syncs for scripts. Send an API token as `Authorization: Bearer ca_...`. "
    "Errors are problem documents (RFC 9457); `detail` says what happened and what to do next."
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the documentation page."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Mapping[str, Any], ...]
    body: str | None
    answers: tuple[tuple[str, str], ...]


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
    """Every operation of the schema, on one page that loads nothing from elsewhere."""
    schema = document(request.app, link(request, "/"))
    return Template("api.html", context={"operations": list(operations(schema)), "about": _DESCRIPTION})


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """The schema's operations, in the order of their paths."""
    for path, methods in sorted(schema["paths"].items()):
        for method, said in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=said.get("summary", ""),
                description=said.get("description", ""),
                parameters=tuple(said.get("parameters", ())),
                body=_body_name(said),
                answers=tuple((status, answer["description"]) for status, answer in sorted(said["responses"].items())),
            )


def _body_name(operation: Mapping[str, Any]) -> str | None:
    """The name of the schema that the request's body follows."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    choices = [schema, *schema.get("oneOf", ())]
    return next((one["$ref"].rpartition("/")[2] for one in choices if "$ref" in one), None)


api_docs_handlers: list[HTTPRouteHandler] = [api_page]
