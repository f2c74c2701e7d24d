"""How long one sync may be held up by a Gmail that answers badly or not at all."""

from collections.abc import Sequence

import pytest

from adapters.gmail import GmailMailbox
from adapters.gmail_transport import Backoff
from adapters.google_oauth import GoogleOAuth
from entrypoints.gmail_double.running import RunningDouble
from tickets.errors import Unavailable

ADDRESS = "slow@helios.example"


async def unknown(ids: Sequence[str]) -> frozenset[str]:
    return frozenset(ids)


@pytest.mark.parametrize(("fault", "patience_s", "calls"), [("hang", 0.9, 1), ("503", 60.0, 4)])
async def test_a_silent_server_is_asked_once_and_a_refusing_one_a_few_times(
    fault: str, patience_s: float, calls: int
) -> None:
    with RunningDouble() as gmail:
        gmail.double.add_account(ADDRESS, "refresh")
        oauth = GoogleOAuth("client", "secret", token_url=f"{gmail.url}/token", api_root=gmail.url)
        quick = Backoff(first_s=0.001, patience_s=patience_s)
        mailbox = GmailMailbox(ADDRESS, oauth.credentials("refresh"), api_root=gmail.url, timeout_s=1.0, backoff=quick)
        gmail.fault("getProfile", fault, times=100)

        with pytest.raises(Unavailable):
            await anext(mailbox.changes(None, unknown))

        mailbox.close()
        assert gmail.requests()["getProfile"] == calls


def test_no_call_goes_on_for_longer_than_ten_seconds() -> None:
    patient = Backoff()

    assert patient.pause_s(1, None, spent_s=9.9) is None
    assert patient.pause_s(1, 5.0, spent_s=6.0) is None
    assert patient.pause_s(1, None, spent_s=1.0) is not None
