"""Addresses within the desk, which may be mounted below another site (at `/app`, say)."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from litestar.connection import ASGIConnection
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

_RELATIVE: Final = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
HOME: Final = "/boards/needs-action"


def link(request: ASGIConnection[Any, Any, Any, Any], path: str) -> str:
    """The path as the browser must ask for it. `path` starts with a slash and is the desk's own."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/") + path


def see_other(request: ASGIConnection[Any, Any, Any, Any], path: str, **query: str) -> Redirect:
    """Send the browser to another page of the desk, with GET."""
    address = link(request, path) + (f"?{urlencode(query)}" if query else "")
    return Redirect(address, status_code=HTTP_303_SEE_OTHER)


def with_query(address: str, query: Mapping[str, str]) -> Redirect:
    """To an address that names the mount point already, with more in its query; with GET."""
    path, _, own = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(own, keep_blank_values=True) if name not in query]
    return Redirect(f"{path}?{urlencode([*kept, *query.items()])}", status_code=HTTP_303_SEE_OTHER)


def asked_for(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The desk's own path and query of this request, without the mount point."""
    query: bytes = request.scope.get("query_string", b"")
    return quote(request.scope["path"]) + (f"?{query.decode('ascii', 'ignore')}" if query else "")


def safe_next(wanted: str | None) -> str:
    """`wanted` if it stays on this site, else the first board."""
    return wanted if wanted and _RELATIVE.fullmatch(wanted) else HOME
