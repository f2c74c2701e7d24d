"""Push notices: who is told what, and identity tokens that a webhook can check."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import google.oauth2.id_token
import pytest
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from jwt import PyJWTError

from entrypoints.gmail_double.push import KINDS, Subscription
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.talking import SUPPORT, mail, post

AUDIENCE = "https://desk.example/webhooks/gmail"
TOPIC = "projects/helios/topics/gmail"


class Webhook(ThreadingHTTPServer):
    """Answers 204 and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeping)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/webhooks/gmail"


class _Keeping(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.told.append((bearer, json.loads(base64.b64decode(body["message"]["data"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def webhook(gmail: RunningDouble) -> Iterator[Webhook]:
    with Webhook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gmail.double.subscribe(Subscription(server.url, AUDIENCE, "push@helios.example"))
        yield server
        server.shutdown()


def test_a_watched_mailbox_tells_its_newest_history_id_until_it_is_stopped(
    gmail: RunningDouble, client: Any, webhook: Webhook
) -> None:
    gmail.receive(SUPPORT, mail("Before"))
    watched = client.watch(userId="me", body={"topicName": TOPIC}).execute()
    received = gmail.receive(SUPPORT, mail())
    client.stop(userId="me").execute()
    gmail.receive(SUPPORT, mail("After"))

    [notice] = gmail.double.pusher.wait()

    assert (notice.account, notice.history_id, notice.status) == (SUPPORT, received.history_id, 204)
    assert webhook.told[0][1] == {"emailAddress": SUPPORT, "historyId": received.history_id}
    assert int(watched["historyId"]) == received.history_id - 1


def test_a_watch_ends_after_seven_days_unless_it_is_renewed(
    gmail: RunningDouble, client: Any, webhook: Webhook
) -> None:
    client.watch(userId="me", body={"topicName": TOPIC}).execute()
    gmail.double.move_clock(7 * 86_400 + 1)

    gmail.receive(SUPPORT, mail())

    assert gmail.double.pusher.wait() == []


def test_a_watch_of_one_label_is_silent_about_the_others(gmail: RunningDouble, client: Any, webhook: Webhook) -> None:
    client.watch(userId="me", body={"topicName": TOPIC, "labelIds": ["INBOX"]}).execute()

    gmail.receive(SUPPORT, mail(), labels=("SPAM",))
    silent = gmail.double.pusher.wait()
    gmail.receive(SUPPORT, mail())

    assert silent == []
    assert len(gmail.double.pusher.wait()) == 1


@pytest.mark.parametrize("certs", ["/certs", "/oauth2/v1/certs"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_a_good_notice_has_a_token_that_proves_where_it_comes_from(
    gmail: RunningDouble, webhook: Webhook, auth_request: Request, kind: str, certs: str
) -> None:
    post(f"{gmail.url}/_double/notices", {"account": SUPPORT, "kind": kind})
    gmail.double.pusher.wait()
    [(token, _)] = webhook.told

    assert _is_proof(token, gmail.url + certs, auth_request) == (kind == "good")


def test_notices_are_listed_with_the_answer_that_the_webhook_gave(gmail: RunningDouble) -> None:
    gmail.double.subscribe(Subscription("http://127.0.0.1:9/nobody", AUDIENCE))

    gmail.double.notice(SUPPORT)

    assert [notice.status for notice in gmail.double.pusher.wait()] == [0]


def _is_proof(token: str, certs_url: str, request: Request) -> bool:
    """What a careful webhook checks."""
    verify: Any = google.oauth2.id_token.verify_token
    try:
        claims = verify(token, request, audience=AUDIENCE, certs_url=certs_url)
    except (ValueError, GoogleAuthError, PyJWTError):
        return False
    is_pushers = (claims["email"], claims["email_verified"]) == ("push@helios.example", True)
    return is_pushers and claims["iss"] == "https://accounts.google.com"
