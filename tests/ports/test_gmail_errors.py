"""What Google's refusals mean: whose trouble it is, and how long Google wishes to be left alone."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httplib2
import pytest
from googleapiclient.errors import HttpError

from adapters.gmail_errors import AccessRefused, AccountRefused, BadRequest, NotThere, RateLimited, refusal_of
from adapters.gmail_fetched import Fetched
from tickets.errors import MailboxError, Rejected, Unavailable


def an_answer(status: int, reason: str = "", message: str = "No.", **headers: str) -> HttpError:
    errors = [{"reason": reason}] if reason else []
    content = json.dumps({"error": {"code": status, "message": message, "errors": errors}})
    return HttpError(httplib2.Response({"status": str(status), **headers}), content.encode())


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (401, "authError", AccessRefused),
        (403, "rateLimitExceeded", RateLimited),
        (403, "userRateLimitExceeded", RateLimited),
        (403, "quotaExceeded", RateLimited),
        (403, "domainPolicy", AccountRefused),
        (403, "insufficientPermissions", AccountRefused),
        (403, "accessNotConfigured", AccountRefused),
        (400, "failedPrecondition", AccountRefused),
        (400, "invalidArgument", BadRequest),
        (403, "forbidden", Rejected),
        (404, "notFound", NotThere),
        (408, "", Unavailable),
        (429, "", RateLimited),
        (500, "", Unavailable),
        (503, "backendError", Unavailable),
    ],
)
def test_a_refusal_is_the_accounts_the_mails_or_it_passes(status: int, reason: str, kind: type[MailboxError]) -> None:
    assert type(refusal_of(an_answer(status, reason))) is kind


@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        ("No.", {}, None),
        ("No.", {"retry-after": "17"}, 17),
        ("No.", {"retry-after": "{http_date}"}, 120),
        ("User-rate limit exceeded.  Retry after {iso_date}", {}, 120),
        ("No.", {"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}, 0),
        ("Retry after lunch", {"retry-after": "soon"}, None),
    ],
)
def test_googles_wish_is_read_wherever_it_stands(message: str, headers: dict[str, str], seconds: float | None) -> None:
    then = datetime.now(UTC) + timedelta(minutes=2)
    dates = {"http_date": format_datetime(then, usegmt=True), "iso_date": then.isoformat()}
    stated = {name: value.format(**dates) for name, value in headers.items()}

    fault = refusal_of(an_answer(429, "rateLimitExceeded", message.format(**dates), **stated))

    assert isinstance(fault, RateLimited)
    assert fault.retry_after_s == (None if seconds is None else pytest.approx(seconds, abs=30))


def test_several_mails_refused_and_none_given_out_is_the_accounts_trouble() -> None:
    fetched = Fetched(("a", "b"))

    with pytest.raises(Rejected, match="forbidden"):
        fetched.take({id_: refusal_of(an_answer(403, "forbidden")) for id_ in ("a", "b")})


def test_one_mail_refused_is_its_own_trouble() -> None:
    fetched = Fetched(("a",))

    fetched.take({"a": refusal_of(an_answer(403, "forbidden"))})

    assert list(fetched.refused) == ["a"]
    assert fetched.trouble is None


def test_no_mail_overtakes_one_that_still_waits() -> None:
    fetched = Fetched(("a", "b", "c"))

    faults = fetched.take({"a": {"id": "a"}, "b": refusal_of(an_answer(429)), "c": {"id": "c"}})
    goes_on = fetched.do_without(faults, patient=True)

    assert not goes_on
    assert [message["id"] for message in fetched.in_order] == ["a"]
    assert isinstance(fetched.trouble, RateLimited)
