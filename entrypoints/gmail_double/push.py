"""Push notices: the double as Pub/Sub, posting to a webhook that a mailbox has changed."""

import base64
import json
import queue
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Final

from entrypoints.gmail_double.signer import Signer
from entrypoints.gmail_double.wire import Json

ISSUER: Final = "https://accounts.google.com"
LIFETIME_S: Final = 3600
TIMEOUT_S: Final = 10
UNANSWERED: Final = 0

# What is wrong with the notice's identity token; `good` has nothing wrong.
KINDS: Final = (
    *("good", "wrong_audience", "wrong_issuer", "wrong_account", "unverified"),
    *("expired", "forged", "unsigned"),
)


@dataclass(frozen=True)
class Subscription:
    """Where notices go, and for whom their identity tokens are made out."""

    url: str
    audience: str
    service_account: str = "gmail-push@double.iam.example"

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"notices go to an http or https address, not {self.url!r}")


@dataclass(frozen=True)
class Notice:
    """One notice and how the webhook answered: an HTTP status, 0 for none."""

    account: str
    history_id: int
    kind: str = "good"
    status: int | None = None


def request_for(
    subscription: Subscription, notice: Notice, number: int, now_s: int, signer: Signer
) -> urllib.request.Request:
    """The POST that Pub/Sub makes for a notice."""
    told = {"emailAddress": notice.account, "historyId": notice.history_id}
    message = {
        "data": base64.b64encode(json.dumps(told).encode()).decode(),
        "messageId": str(number),
        "publishTime": datetime.fromtimestamp(now_s, UTC).isoformat(),
    }
    body = {"message": message, "subscription": "projects/double/subscriptions/gmail"}
    headers = {"Content-Type": "application/json"}
    if notice.kind != "unsigned":
        headers["Authorization"] = f"Bearer {_token(subscription, notice.kind, now_s, signer)}"
    content = json.dumps(body).encode()
    return urllib.request.Request(subscription.url, content, headers, method="POST")  # noqa: S310  # checked above


def _token(subscription: Subscription, kind: str, now_s: int, signer: Signer) -> str:
    claims: Json = {
        "iss": ISSUER,
        "aud": subscription.audience,
        "sub": "100000000000000000001",
        "email": subscription.service_account,
        "email_verified": True,
        "iat": now_s,
        "exp": now_s + LIFETIME_S,
    }
    wrong: dict[str, Json] = {
        "wrong_audience": {"aud": "https://elsewhere.example/hook"},
        "wrong_issuer": {"iss": "https://issuer.example"},
        "wrong_account": {"email": "somebody@double.iam.example"},
        "unverified": {"email_verified": False},
        "expired": {"iat": now_s - 2 * LIFETIME_S, "exp": now_s - LIFETIME_S},
    }
    # A forged token is signed by a key that nobody has published.
    return (Signer() if kind == "forged" else signer).sign(claims | wrong.get(kind, {}))


class Pusher:
    """Posts notices one after the other from a thread of its own, because the webhook may call the double back."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._waiting: queue.Queue[tuple[Subscription, Notice, int]] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.done: list[Notice] = []

    def push(self, subscription: Subscription, notice: Notice, now_s: int) -> None:
        """Post soon. ValueError for an unknown kind."""
        if notice.kind not in KINDS:
            raise ValueError(f"unknown kind of notice {notice.kind!r}: use {', '.join(KINDS)}")
        self._waiting.put((subscription, notice, now_s))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="gmail-double-push", daemon=True)
            self._thread.start()

    def wait(self) -> list[Notice]:
        """All notices so far with their answers, once nothing is under way. Not for the server's own thread."""
        self._waiting.join()
        return list(self.done)

    def _work(self) -> None:
        while True:
            subscription, notice, now_s = self._waiting.get()
            request = request_for(subscription, notice, len(self.done) + 1, now_s, self._signer)
            self.done.append(Notice(notice.account, notice.history_id, notice.kind, _status(request)))
            self._waiting.task_done()


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # the test chose the URL
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return UNANSWERED
