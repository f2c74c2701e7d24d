"""Where a login comes from, in words that a person recognises: the browser and its system, and a shortened address."""

import ipaddress
import re
from typing import Any, Final

from litestar.connection import ASGIConnection

UNKNOWN: Final = "unknown"
_MAX_AGENT: Final = 400
_V6_KEPT: Final = 64  # one household or office; whoever has one address of it has them all

# The first that fits counts: browsers name each other for compatibility.
_BROWSERS: Final = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_MORE_BROWSERS: Final = (("Safari/", "Safari"), ("curl/", "curl"))
_SYSTEMS: Final = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"))
_MORE_SYSTEMS: Final = (("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"))


def address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The caller's address; behind a trusted proxy the one that the proxy tells."""
    return connection.client.host if connection.client else UNKNOWN


def network_of(address: str) -> str:
    """What failures are counted for: the address, or the whole network that one subscriber gets under IPv6."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped:
        return str(read.ipv4_mapped)
    return str(read) if read.version == 4 else str(ipaddress.ip_network((read, _V6_KEPT), strict=False))


def short_address(address: str) -> str:
    """Enough to recognise where it was: `192.0.2.x`."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN
    if read.is_loopback:
        return "this machine"
    if read.version == 4:
        return address.rpartition(".")[0] + ".x"
    return str(ipaddress.ip_network((read, _V6_KEPT), strict=False)).removesuffix(f"/{_V6_KEPT}") + "x"


def device_of(user_agent: str) -> str:
    """Such as `Firefox on Linux`."""
    agent = re.sub(r"[\x00-\x1f\x7f]", "", user_agent[:_MAX_AGENT])
    browser = next((name for mark, name in _BROWSERS + _MORE_BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS + _MORE_SYSTEMS if mark in agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"
