"""Where webhooks may lead: by https into the internet, and inside only where the desk's setting allows it."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from tickets.errors import BadInput
from tickets.wording import N_

MAX_URL: Final = 2000
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
PRIVATE: Final = N_(
    "The address leads to this machine or into a private network. Use a public one, or have whoever runs the desk set "
    "CA_WEBHOOK_ALLOW_PRIVATE=true."
)


def require_url(url: str, *, allows_private: bool) -> str:
    """Raises BadInput for what is no address to post to. What a name leads to is looked at before each attempt."""
    parts = urlsplit(url.strip())
    is_plain = url.strip().isascii() and not any(sign.isspace() for sign in url.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname or not is_plain or len(url) > MAX_URL:
        raise BadInput("url: give a whole address that starts with https://.")
    if parts.username or parts.password:
        raise BadInput("url: leave user and password out; receivers check the signature.")
    if not allows_private and _is_inside(parts.hostname):
        raise BadInput(PRIVATE)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadInput(
            "url: use https. Plain http needs CA_WEBHOOK_ALLOW_PRIVATE=true, and leads to this machine only."
        )
    try:
        _ = parts.port
    except ValueError as error:
        raise BadInput("url: the port is no number.") from error
    return url.strip()


def _is_inside(host: str) -> bool:
    """As far as the address itself tells."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet at large."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if parsed in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: an IPv4 address in the last 32 bits
            return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)))
    return parsed.is_global and not parsed.is_multicast
