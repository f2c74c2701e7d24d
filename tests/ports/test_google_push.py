"""Pub/Sub's notices: only Google's own, for this subscription, ring; and all they say is whose mailbox has news."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.gmail import GmailMailbox
from adapters.google_push import PushVerifier
from entrypoints.gmail_double.push import Notice, Subscription, request_for
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.signer import Signer
from tests.ports.mailbox_benches import GmailBench
from tickets.errors import BadInput, NotAllowed, Unavailable
from tickets.ports import Watched

AUDIENCE = "https://desk.example/webhooks/gmail"
ACCOUNT = "gmail-push@helios.iam.example"
SUBSCRIPTION = Subscription(AUDIENCE, AUDIENCE, ACCOUNT)
ADDRESS = "support@helios.example"


@pytest.fixture(scope="module")
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@dataclass
class Seconds:
    """A clock for how long keys are kept."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Pushed:
    """What the double posts, and the verifier's view of it."""

    gmail: RunningDouble
    clock: Seconds = field(default_factory=Seconds)

    def __post_init__(self) -> None:
        self.verifier = PushVerifier(AUDIENCE, ACCOUNT, f"{self.gmail.url}/oauth2/v1/certs", self.clock)

    def notice(self, kind: str = "good", signer: Signer | None = None) -> tuple[str, bytes]:
        double = self.gmail.double
        told = Notice(ADDRESS, 9_999_999_999_999_991, kind)
        request = request_for(SUBSCRIPTION, told, 1, double.now_ms() // 1000, signer or double.signer)
        body = request.data
        assert isinstance(body, bytes)
        return request.get_header("Authorization", ""), body

    def key_calls(self) -> int:
        return self.gmail.requests().get("oauth.certs", 0)


@pytest.fixture
def pushed(gmail: RunningDouble) -> Pushed:
    return Pushed(gmail)


def test_a_notice_names_the_mailbox_that_has_news(pushed: Pushed) -> None:
    assert pushed.verifier.address_of(*pushed.notice()) == ADDRESS


@pytest.mark.parametrize(
    "kind", ["wrong_audience", "wrong_issuer", "wrong_account", "unverified", "expired", "forged", "unsigned"]
)
def test_what_is_not_this_subscriptions_is_refused(pushed: Pushed, kind: str) -> None:
    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(*pushed.notice(kind))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer ..", "Bearer é.é.é"]
)
def test_a_header_that_is_no_token_is_refused_without_asking_google(pushed: Pushed, header: str) -> None:
    before = pushed.key_calls()

    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(header, pushed.notice()[1])

    assert pushed.key_calls() == before


def test_a_token_without_a_signature_algorithm_is_refused(pushed: Pushed) -> None:
    header, body = pushed.notice()
    _, claims, _ = header.split(".")
    nothing = base64.urlsafe_b64encode(b'{"alg": "none", "typ": "JWT"}').decode().rstrip("=")

    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(f"Bearer {nothing}.{claims}.", body)


def test_claims_changed_after_signing_are_refused(pushed: Pushed) -> None:
    header, body = pushed.notice("wrong_audience")
    head, claims, signature = header.removeprefix("Bearer ").split(".")
    known = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) | {"aud": AUDIENCE}
    changed = base64.urlsafe_b64encode(json.dumps(known).encode()).decode().rstrip("=")

    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(f"Bearer {head}.{changed}.{signature}", body)


def test_googles_keys_are_fetched_once_for_many_notices(pushed: Pushed) -> None:
    before = pushed.key_calls()

    for _ in range(5):
        pushed.verifier.address_of(*pushed.notice())
    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(*pushed.notice("forged"))

    assert pushed.key_calls() - before == 1


def test_a_key_that_google_has_changed_is_fetched(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Signer()
    pushed.verifier.address_of(*pushed.notice())
    monkeypatch.setattr(pushed.gmail.double, "signer", new)

    with pytest.raises(NotAllowed):
        pushed.verifier.address_of(*pushed.notice(signer=new))
    pushed.clock.at += 61

    assert pushed.verifier.address_of(*pushed.notice(signer=new)) == ADDRESS


def test_a_notice_is_put_off_while_googles_keys_cannot_be_had(gmail: RunningDouble, pushed: Pushed) -> None:
    gmail.double.fault("oauth.certs", "503")

    with pytest.raises(Unavailable):
        pushed.verifier.address_of(*pushed.notice())

    assert pushed.verifier.address_of(*pushed.notice()) == ADDRESS


def _body(told: Any) -> bytes:
    return json.dumps({"message": {"data": base64.b64encode(json.dumps(told).encode()).decode()}}).encode()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{}", b"\xff", b"[" * 60_000, b" " * 70_000),
        b'{"message": {"data": 5}}',
        b'{"message": {"data": "!!!"}}',
        *map(_body, ([], {}, {"emailAddress": ADDRESS}, {"emailAddress": 5, "historyId": 1})),
        _body({"emailAddress": "nobody", "historyId": "1"}),
        _body({"emailAddress": ADDRESS, "historyId": "soon"}),
    ],
)
def test_a_genuine_token_does_not_make_any_text_a_notice(pushed: Pushed, body: bytes) -> None:
    with pytest.raises(BadInput):
        pushed.verifier.address_of(pushed.notice()[0], body)


async def test_gmail_is_asked_for_notices_for_about_a_week(gmail: RunningDouble) -> None:
    bench = GmailBench(gmail)

    assert isinstance(bench.mailbox, Watched)
    until = await bench.mailbox.watch("projects/helios/topics/gmail")

    assert until.timestamp() - gmail.double.now_ms() / 1000 == pytest.approx(7 * 86_400, abs=60)
    assert bench.account.watch is not None
    assert isinstance(bench.mailbox, GmailMailbox)
    bench.close()
