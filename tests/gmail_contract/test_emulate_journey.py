"""The whole product on `emulate`: a reply is approved, the process is killed while it sends, and one mail leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.raw_headers import header, send_id
from tests.gmail_contract.emulated import CLIENT_ID, CLIENT_SECRET
from tests.gmail_contract.openers import emulate
from tests.gmail_contract.targets import Target
from tests.gmail_journeys.desk import commands, token_made
from tests.journeys.letters import a_word
from tests.service import Home, Rest, Service, a_mail, holding

pytestmark = pytest.mark.slow

# How many mails have left when the process dies there.
POINTS = {"before_submit": 0, "submitted": 1}


@dataclass(frozen=True)
class Scene:
    """The desk's settings, and the mailbox as its owner sees it."""

    home: Home
    token: str
    gmail: Target

    def opened(self, service: Service) -> dict[str, Any]:
        """A customer has written, and the ticket has a draft."""
        word = a_word()
        self.gmail.put_in(a_mail(f"Inverter {word}", to=self.gmail.address).as_bytes())
        self.rest(service).sync()
        [line] = self.rest(service).tickets(q=word)
        return self.rest(service).ticket(line["id"])

    def rest(self, service: Service) -> Rest:
        return Rest(service.url, self.token)

    def left(self, ticket: dict[str, Any]) -> list[bytes]:
        """What lies among the sent mails with a marker of the desk's, in answer to this ticket."""
        sent = [self.gmail.raw(each) for each in self.gmail.found(labelIds=["SENT"], maxResults=500)]
        word = ticket["subject"].split()[-1]
        return [raw for raw in sent if send_id(raw) and word in str(header(raw, "Subject"))]

    def drafts(self) -> list[Any]:
        """What lies among the drafts."""
        drafts: list[Any] = self.gmail.api.drafts().list(userId="me").execute()["drafts"]
        return drafts


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with emulate() as gmail:
        home = Home.at(
            tmp_path_factory.mktemp("desk"),
            CA_GMAIL_API_ROOT=str(gmail.adapter_root),
            CA_GOOGLE_CLIENT_ID=CLIENT_ID,
            CA_GOOGLE_CLIENT_SECRET=CLIENT_SECRET,
            CA_GOOGLE_TOKEN_URL=gmail.oauth.token_url,
        )
        words = ("mailbox", "add", "gmail", "--address", gmail.address, "--refresh-token-stdin")
        _, token = commands(home, (words, gmail.refresh_token), token_made())
        yield Scene(home, token.strip(), gmail)
        gmail.opened.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_a_reply_leaves_makes_it_neither_two_nor_none(scene: Scene, point: str) -> None:
    with Service(scene.home, extra={"CA_CRASH_AT": f"hold:{point}"}) as first:
        ticket = scene.opened(first)
        assert scene.rest(first).approve(ticket).status == 202
        holding(first, point)
        first.kill()
    left_by_then = len(scene.left(ticket))

    with Service(scene.home) as second:
        delivered = scene.rest(second).delivered(ticket["id"])

    assert (left_by_then, len(scene.left(ticket))) == (POINTS[point], 1)
    assert delivered["status"] == "WAITING_OTHERS"
    assert scene.drafts() == []
