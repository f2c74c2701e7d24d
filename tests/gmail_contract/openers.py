"""The Gmails that the contract is held against: ours, an independent one, and a live mailbox if there is one."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final
from urllib.parse import urlencode
from urllib.request import Request

import pytest

from adapters.google_oauth import GoogleOAuth
from entrypoints.gmail_double.running import RunningDouble
from tests.databases import lacking
from tests.gmail_contract.emulated import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    SCOPE,
    Emulate,
    NotInstallable,
    code_in,
    redirected,
)
from tests.gmail_contract.front import Front
from tests.gmail_contract.targets import LIVE, Target

DOUBLE: Final = "double"
EMULATE: Final = "emulate"
IS_LIVE: Final = os.environ.get("CA_GMAIL_LIVE") == "1"
TARGETS: Final = (DOUBLE, EMULATE, LIVE) if IS_LIVE else (DOUBLE, EMULATE)
GOOGLES_TOKENS: Final = "https://oauth2.googleapis.com/token"
LIVE_NEEDS: Final = (
    "CA_GMAIL_LIVE_ADDRESS",
    "CA_GMAIL_LIVE_REFRESH_TOKEN",
    "CA_GOOGLE_CLIENT_ID",
    "CA_GOOGLE_CLIENT_SECRET",
)


@contextmanager
def the_double() -> Iterator[Target]:
    """Our own, with an account made for this."""
    with RunningDouble() as gmail:
        address, token = "contract@helios.example", "contract-refresh-token"
        gmail.double.add_account(address, token)
        oauth = GoogleOAuth("client", "client-secret", token_url=f"{gmail.url}/token", api_root=gmail.url)
        consent = partial(_code_of_the_double, gmail.url, address)
        yield Target(DOUBLE, address, oauth, token, gmail.url, gmail.url, consent=consent)


@contextmanager
def emulate() -> Iterator[Target]:
    """Vercel's; the adapter speaks to it through the front that fills its gaps. Skips when it cannot be had."""
    address = "contract@helios.example"
    with ExitStack() as running:
        try:
            server = running.enter_context(Emulate((address, "other@helios.example")))
        except NotInstallable as reason:
            lacking(str(reason))
        front = running.enter_context(Front(server.url))
        oauth = GoogleOAuth(CLIENT_ID, CLIENT_SECRET, token_url=server.token_url, api_root=front.url)
        token, consent = server.refresh_token(address), partial(server.code, address)
        yield Target(EMULATE, address, oauth, token, server.url, front.url, consent=consent)


@contextmanager
def live() -> Iterator[Target]:
    """A mailbox at Google's, if its owner offers one."""
    missing = [name for name in LIVE_NEEDS if not os.environ.get(name)]
    if missing:
        pytest.fail(f"CA_GMAIL_LIVE=1 needs {', '.join(missing)} as well (docs/gmail-live.md)")
    address, token, client_id, client_secret = (os.environ[name] for name in LIVE_NEEDS)
    # The desk's own settings for other endpoints: with them this very way of running can be tried on the double.
    root, token_url = os.environ.get("CA_GMAIL_API_ROOT"), os.environ.get("CA_GOOGLE_TOKEN_URL", GOOGLES_TOKENS)
    oauth = GoogleOAuth(client_id, client_secret, token_url=token_url, api_root=root)
    if oauth.address_of(token).casefold() != address.casefold():
        pytest.fail("CA_GMAIL_LIVE_REFRESH_TOKEN belongs to another account than CA_GMAIL_LIVE_ADDRESS")
    yield Target(LIVE, address, oauth, token, root, root, patience_s=60.0)


def _code_of_the_double(url: str, address: str) -> str:
    asked = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": SCOPE}
    query = urlencode(asked | {"login_hint": address, "access_type": "offline"})
    return code_in(redirected(Request(f"{url}/o/oauth2/v2/auth?{query}")))


OPENED: Final = {DOUBLE: the_double, EMULATE: emulate, LIVE: live}
