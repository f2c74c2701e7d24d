"""A browser that leaves while its request is read: nothing went wrong, and nobody is told of an error."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.web.site import Site


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/login", "application/x-www-form-urlencoded"),
        ("/login", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_browser_that_leaves_amid_its_form_is_no_error(site: Site, path: str, kind: str) -> None:
    sent: list[dict[str, Any]] = []
    heard = [{"type": "http.request", "body": b"email=ada", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return heard.pop(0) if heard else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    with capture_logs() as logs:
        await site.app(_scope(path, kind), receive, send)  # type: ignore[arg-type]

    assert [line for line in logs if line["log_level"] in ("warning", "error", "critical")] == []
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [499]


def _scope(path: str, kind: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"desk.example"), (b"content-type", kind.encode()), (b"content-length", b"900")],
        "client": ("127.0.0.1", 1),
        "server": ("desk.example", 80),
        "extensions": {},
        "state": {},
    }
