"""Posting to addresses that administrators chose: no redirects, no way inside, to the very address that was checked."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from tickets.webhook_address import LOOPBACK, PRIVATE, is_public
from tickets.webhooks import Posted

TIMEOUT_S: Final = 10.0


@dataclass
class HttpPoster:
    """The port Poster. With `allows_private` addresses of the own network may be posted to."""

    allows_private: bool = False
    _client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT_S)
    )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        try:
            async with asyncio.timeout(TIMEOUT_S * 2):
                return await self._post(url, headers, body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            return Posted(None, _said(error))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and host not in LOOPBACK:
            return Posted(None, "Only https leaves this machine.")
        addresses = await _resolved(host, port)
        if not self.allows_private and not all(is_public(address) for address in addresses):
            return Posted(None, PRIVATE)
        # The name is looked up once, here: what was checked is what is connected to.
        target = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        pinned = urlunsplit((parts.scheme, f"{target}:{port}", parts.path or "/", parts.query, ""))
        request = self._client.build_request(
            "POST", pinned, content=body, headers={**headers, "host": parts.netloc}, extensions={"sni_hostname": host}
        )
        answer = await self._client.send(request, stream=True)  # the body of the answer is nobody's concern
        await answer.aclose()
        return Posted(answer.status_code, None if answer.is_success else f"It answered {answer.status_code}.")

    async def close(self) -> None:
        await self._client.aclose()


async def _resolved(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _said(error: BaseException) -> str:
    """What kind of failure it was; the error's own text may quote anything."""
    match error:
        case httpx.TimeoutException() | TimeoutError():
            return "It did not answer in time."
        case socket.gaierror():
            return "There is no such host."
        case httpx.ConnectError():
            return "It could not be connected to."
        case _:
            return f"It could not be posted ({type(error).__name__})."
