"""What Google's refusals mean: whose trouble it is, and how long Google wishes to be left alone."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import RemoteDisconnected

import httplib2
import pytest
from googleapiclient.errors import HttpError

from adapters.gmail_errors import (
    AccessRefused,
    AccountRefused,
    BadRequest,
    NotThere,
    RateLimited,
    ServerFailed,
    Unreached,
    outcome_of_send,
    refusal_of,
)
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
        (500, "", ServerFailed),
        (503, "backendError", ServerFailed),
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


def test_a_refused_reply_says_what_to_look_at_and_promises_no_reason() -> None:
    fault = outcome_of_send(an_answer(400, "invalidArgument"))

    assert type(fault) is BadRequest
    assert "Check the recipients and the text of the reply, then approve it again." in str(fault)
    assert "reason" not in str(fault)


def test_a_refused_draft_speaks_of_the_reply_and_a_refused_mail_of_the_mailbox() -> None:
    draft, mail = an_answer(400, "invalidArgument"), an_answer(403, "forbidden")
    draft.uri = "https://gmail.example/gmail/v1/users/me/drafts"
    mail.uri = "https://gmail.example/gmail/v1/users/me/messages/1"

    assert "text of the reply" in str(refusal_of(draft))
    assert "reply" not in str(refusal_of(mail))


@pytest.mark.parametrize("error", [BrokenPipeError(), httplib2.ServerNotFoundError(), RemoteDisconnected("no answer")])
def test_a_connection_that_breaks_is_told_from_an_answer_that_takes_too_long(error: Exception) -> None:
    assert type(refusal_of(error)) is Unreached
    assert type(refusal_of(TimeoutError())) is Unavailable


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


def test_one_mail_put_aside_first_does_not_end_the_asking_while_others_are_left() -> None:
    fetched = Fetched(("a", "b"))
    faults = fetched.take({"a": refusal_of(an_answer(500))})

    goes_on = fetched.do_without(faults, patient=True)
    fetched.take({"b": {"id": "b"}})

    assert goes_on
    assert [message["id"] for message in fetched.in_order] == ["b"]
    assert list(fetched.refused) == ["a"]


def test_mails_put_aside_one_by_one_and_none_given_out_all_wait_again() -> None:
    fetched = Fetched(("a", "b", "c", "d"))
    faults = [fetched.take({id_: refusal_of(an_answer(500))}) for id_ in ("a", "b", "c")]

    goes_on = [fetched.do_without(fault, patient=True) for fault in faults]

    assert goes_on == [True, True, False]
    assert fetched.waiting == ["a", "b", "c", "d"]
    assert fetched.refused == {}
    assert isinstance(fetched.trouble, ServerFailed)
