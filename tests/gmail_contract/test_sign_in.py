"""Signing in with Google against `emulate`: an OpenID Connect that nobody here wrote.

It signs as itself and publishes its keys as a set (JWKS) only. Google also signs as accounts.google.com and publishes
PEM certificates, which are what the desk reads. So the keys are handed over in that form here, and its issuer is
named; that the desk refuses both otherwise is tested too. docs/gmail-double.md lists what differs.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.auth import _helpers

from adapters.google_keys import GoogleKeys
from adapters.google_login import GoogleLogin
from tests.databases import lacking
from tests.gmail_contract.emulated import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    Emulate,
    NotInstallable,
    code_in,
    redirected,
)
from tickets.errors import Rejected, Unavailable
from tickets.signing_in import SignInQuestion

BO = "bo@helios.example"
STRANGER = "stranger@helios.example"


@pytest.fixture(scope="module")
def google() -> Iterator[Emulate]:
    try:
        with Emulate((BO,), unverified=(STRANGER,)) as running:
            yield running
    except NotInstallable as reason:
        lacking(str(reason))


@pytest.fixture
def login(google: Emulate) -> Iterator[GoogleLogin]:
    with as_certificates(f"{google.url}/oauth2/v3/certs") as certs_url:
        yield GoogleLogin(
            CLIENT_ID,
            CLIENT_SECRET,
            auth_url=f"{google.url}/o/oauth2/v2/auth",
            token_url=google.token_url,
            keys=GoogleKeys(certs_url),
            issuers=frozenset({issuer_of(google)}),
        )


def issuer_of(google: Emulate) -> str:
    with urlopen(f"{google.url}/.well-known/openid-configuration") as answer:
        return str(json.load(answer)["issuer"])


@contextmanager
def as_certificates(jwks_url: str) -> Iterator[str]:
    """Serves a set of keys as Google's v1/certs does: PEM by key id."""
    with urlopen(jwks_url) as answer:
        pems = json.dumps({key["kid"]: pem_of(key) for key in json.load(answer)["keys"]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(pems)))
            self.end_headers()
            self.wfile.write(pems)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def pem_of(key: dict[str, str]) -> str:
    def number(name: str) -> int:
        return int.from_bytes(_helpers.padded_urlsafe_b64decode(key[name]))

    public = RSAPublicNumbers(number("e"), number("n")).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def consented(google: Emulate, question: SignInQuestion, email: str = BO) -> str:
    """The code with which the browser comes back, after that account was chosen on Google's page."""
    with urlopen(question.url) as page:
        assert email in page.read().decode()
    asked = dict(parse_qsl(urlsplit(question.url).query))
    chosen = urlencode({**asked, "email": email}).encode()
    landing = redirected(Request(f"{google.url}/o/oauth2/v2/auth/callback", chosen))
    assert dict(parse_qsl(urlsplit(landing).query))["state"] == question.state
    return code_in(landing)


async def test_a_login_gives_the_verified_address(google: Emulate, login: GoogleLogin) -> None:
    question = await login.question(REDIRECT)

    found = await login.identity(REDIRECT, question.nonce, question.verifier, consented(google, question))

    assert found.email == BO
    assert found.sub


async def test_a_code_is_good_once(google: Emulate, login: GoogleLogin) -> None:
    question = await login.question(REDIRECT)
    code = consented(google, question)
    await login.identity(REDIRECT, question.nonce, question.verifier, code)

    with pytest.raises(Rejected):
        await login.identity(REDIRECT, question.nonce, question.verifier, code)


async def test_a_code_of_another_browser_is_refused(google: Emulate, login: GoogleLogin) -> None:
    question, other = await login.question(REDIRECT), await login.question(REDIRECT)

    with pytest.raises(Rejected):
        await login.identity(REDIRECT, question.nonce, other.verifier, consented(google, question))
    with pytest.raises(Rejected):
        await login.identity(REDIRECT, other.nonce, question.verifier, consented(google, question))


async def test_an_address_that_is_not_verified_is_refused(google: Emulate, login: GoogleLogin) -> None:
    question = await login.question(REDIRECT)

    with pytest.raises(Rejected, match="not verified"):
        await login.identity(REDIRECT, question.nonce, question.verifier, consented(google, question, STRANGER))


async def test_a_token_that_another_issuer_signed_is_refused(google: Emulate, login: GoogleLogin) -> None:
    strict = GoogleLogin(CLIENT_ID, CLIENT_SECRET, login.auth_url, login.token_url, login.keys)
    question = await strict.question(REDIRECT)

    with pytest.raises(Rejected):
        await strict.identity(REDIRECT, question.nonce, question.verifier, consented(google, question))


async def test_a_set_of_keys_is_no_set_of_certificates(google: Emulate, login: GoogleLogin) -> None:
    misled = replace(login, keys=GoogleKeys(f"{google.url}/oauth2/v3/certs"))
    question = await misled.question(REDIRECT)

    with pytest.raises(Unavailable, match="no certificates"):
        await misled.identity(REDIRECT, question.nonce, question.verifier, consented(google, question))
