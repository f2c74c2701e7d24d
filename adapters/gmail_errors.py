"""What Gmail's and Google's refusals mean to the desk. Google's libraries are imported where they are needed only.

Two readings of the same fault: for a call that may be repeated, and for the one that sends, where "no answer" is not
"not done".
"""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

from tickets.errors import AnswerLost, Disconnected, MailboxError, Rejected, Unavailable

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError

_RATE: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
_RATE_STATUS: Final = frozenset({"RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"})

# What RFC 6749 and Google's own list call definite; anything else from the token endpoint passes.
_REFRESH_REFUSED: Final = frozenset(
    {
        "admin_policy_enforced",
        "deleted_client",
        "disabled_client",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "org_internal",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)

_NEXT_STEP: Final = {
    "insufficientPermissions": "Reconnect with `communication-agent connect gmail` and leave every box ticked.",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "Reconnect with `communication-agent connect gmail` and leave every box ticked.",
    "domainPolicy": "Ask the Google Workspace administrator to allow this application.",
    "accessNotConfigured": "Switch on the Gmail API for the Google Cloud project of CA_GOOGLE_CLIENT_ID.",
    "SERVICE_DISABLED": "Switch on the Gmail API for the Google Cloud project of CA_GOOGLE_CLIENT_ID.",
    "failedPrecondition": "Check in Google's admin console that this account has Gmail.",
    "FAILED_PRECONDITION": "Check in Google's admin console that this account has Gmail.",
}

_RETRY_AFTER: Final = re.compile(r"Retry after (\S+)", re.IGNORECASE)

CHECK_THE_REPLY: Final = "Check the recipients and the text of the reply, then approve it again."
CHECK_THE_MAILBOX: Final = "Check that this mailbox opens in Gmail, then try again."
LOOKED_UP: Final = "It is looked up among the sent mails by itself; do not send it again by hand."


class NotThere(Rejected):
    """404: Gmail does not have (or no longer has) what was asked for."""


class BadRequest(Rejected):
    """400: the request itself does not please Gmail, for example an old page token."""


class AccountRefused(Rejected):
    """Google refuses the whole account, not one mail: every other call would meet the same."""


class AccessRefused(Unavailable):
    """401: the access token is not good any more; the next attempt has a new one."""

    STATUS: Final = 401


class RateLimited(Unavailable):
    """Google asks for fewer requests; `retry_after_s` is its wish, if it has one."""


class ServerFailed(Unavailable):
    """5xx: Gmail got the request and failed at it. A whole batch may fail because of one mail in it."""


class Unreached(Unavailable):
    """The connection broke before an answer came."""


class NeverConnected(Exception):
    """No connection came about, so not a byte of the request left."""


def refusal_of(error: Exception) -> MailboxError:
    """The meaning of a fault of a call that may be repeated."""
    from google.auth.exceptions import RefreshError, TransportError
    from googleapiclient.errors import BatchError, HttpError
    from httplib2 import HttpLib2Error

    if isinstance(error, MailboxError):
        return error
    if isinstance(error, RefreshError):
        return _of_refresh(error)
    if isinstance(error, HttpError) and not isinstance(error, BatchError):
        is_of_a_reply = "/drafts" in str(error.uri)
        return _of_answer(error, CHECK_THE_REPLY if is_of_a_reply else CHECK_THE_MAILBOX)
    # After a timeout Gmail may well have done, and counted, what was asked.
    is_broken = isinstance(error, OSError | HTTPException | HttpLib2Error | TransportError)
    kind = Unreached if is_broken and not isinstance(error, TimeoutError) else Unavailable
    return kind(f"Gmail cannot be reached ({type(error).__name__}). It is tried again by itself.")


def outcome_of_send(error: Exception) -> MailboxError:
    """The meaning of a fault of the call that sends: only an answer that says so means "not sent"."""
    from googleapiclient.errors import HttpError

    if isinstance(error, NeverConnected):
        return Unavailable("Gmail cannot be reached: the reply did not leave. It is tried again by itself.")
    if isinstance(error, HttpError):
        refusal = _of_answer(error, CHECK_THE_REPLY)
        is_rate = isinstance(refusal, Unavailable) and error.status_code in (403, 429)
        if is_rate or error.status_code == 401:
            return refusal
        if error.status_code in range(400, 500) and error.status_code not in (404, 408, 409):
            return refusal
        return AnswerLost(f"Gmail answered {error.status_code}: the reply may have left. {LOOKED_UP}")
    return AnswerLost(f"Gmail's answer was lost ({type(error).__name__}): the reply may have left. {LOOKED_UP}")


def _of_answer(error: "HttpError", otherwise: str) -> MailboxError:
    """`otherwise` is the operator's next step after a refusal whose reason names none."""
    status, reason = error.status_code, _reason(error)
    if status == 429 or (status == 403 and reason in _RATE | _RATE_STATUS):
        return RateLimited("Gmail asks for fewer requests. It goes on by itself.", _retry_after_s(error))
    if status == AccessRefused.STATUS:
        return AccessRefused("Gmail refused the access token. It is renewed and tried again by itself.")
    if status >= 500 or status in (408, 409):
        kind = ServerFailed if status >= 500 else Unavailable
        return kind(f"Gmail answered {status}. It is tried again by itself.", _retry_after_s(error))
    if status == 404:
        return NotThere("Gmail no longer has this mail or draft. Look at the mailbox, then decide.")
    step = _NEXT_STEP.get(reason, otherwise)
    return _kind(status, reason)(f"Gmail refused ({status} {reason or 'without a reason'}). {step}")


def _kind(status: int, reason: str) -> type[Rejected]:
    if reason in _NEXT_STEP:
        return AccountRefused
    return BadRequest if status == 400 else Rejected


def _of_refresh(error: Exception) -> MailboxError:
    answer = error.args[1] if len(error.args) > 1 else None
    code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    if code == "invalid_grant":
        return Disconnected(
            "Google withdrew the permission for this mailbox. Reconnect it with `communication-agent connect gmail`; "
            "nothing is lost."
        )
    if code in _REFRESH_REFUSED:
        return Rejected(f"Google refused to renew the access ({code}). Check CA_GOOGLE_CLIENT_ID and its secret.")
    return Unavailable("Google's token endpoint does not answer. It is tried again by itself.")


def _reason(error: "HttpError") -> str:
    """Google's machine-readable reason, in the old or the new form; "" when there is none."""
    try:
        body: dict[str, Any] = json.loads(error.content)["error"]
        entries = [*body.get("errors", ()), *body.get("details", ())]
        reasons = [str(entry["reason"]) for entry in entries if "reason" in entry]
        return reasons[0] if reasons else str(body.get("status", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _retry_after_s(error: "HttpError") -> float | None:
    """Google's wish: seconds or a date in the header, or a date at the end of the message, where Gmail puts it."""
    wish = str(error.resp.get("retry-after", ""))
    if wish.isdigit():
        return float(wish)
    in_text = _RETRY_AFTER.search(str(error.reason or ""))
    until = _instant(in_text[1] if in_text else wish)
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until else None


def _instant(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            instant = read(text)
        except ValueError:
            continue
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return None
