"""Style sheets, scripts and fonts: read once at start, served under /static, named with their hash so that browsers
may keep them for good."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Response
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED

from tickets.errors import NotFound

FOR_GOOD: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"
_TYPES: Final = {".woff2": "font/woff2", ".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `version` is the start of its sha256."""

    content: bytes
    media_type: str
    version: str


def read_assets(folder: Path) -> dict[str, Asset]:
    """Every file below the folder, by its path from there."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _read(path) for path in files}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:12])


def asset_handler(assets: Mapping[str, Asset]) -> HTTPRouteHandler:
    """Serves these files and no others."""

    @get("/static/{name:path}", opt={"public": True}, include_in_schema=False)
    async def static_file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        asset = assets.get(name.lstrip("/"))
        if asset is None:
            raise NotFound("There is no such file. Reload the page.")
        etag = f'"{asset.version}"'
        is_versioned = request.query_params.get("v") == asset.version
        headers = {"ETag": etag, "Cache-Control": FOR_GOOD if is_versioned else ASK_AGAIN}
        if request.headers.get("if-none-match") == etag:
            return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers, media_type=asset.media_type)
        return Response(asset.content, status_code=HTTP_200_OK, headers=headers, media_type=asset.media_type)

    return static_file
