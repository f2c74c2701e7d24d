"""The control calls under /_double/: the methods of `Double` for a test in another process."""

import base64
from collections.abc import Callable
from dataclasses import asdict

from entrypoints.gmail_double.grants import MODIFY, Consent
from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.payload import labelled
from entrypoints.gmail_double.state import DEFAULT_REFRESH_TOKEN, Double
from entrypoints.gmail_double.wire import Json, Refusal, Reply, Request, json_reply

PREFIX = "/_double/"


def answer(double: Double, request: Request) -> Reply | None:
    """The reply to a control call; None when the path is none. A wrong call is a 400 that says why."""
    if not request.path.startswith(PREFIX):
        return None
    name = request.path.removeprefix(PREFIX)
    handler = _CONTROLS.get((request.method, name))
    if handler is None:
        known = sorted(f"{verb} {path}" for verb, path in _CONTROLS)
        return json_reply({"error": f"no control {request.method} {name}", "known": known}, 404)
    try:
        return json_reply(handler(double, request.json()))
    except Refusal as refusal:
        return json_reply({"error": refusal.message}, refusal.status)
    except KeyError as missing:
        return json_reply({"error": f"unknown or missing: {missing}"}, 400)
    except (TypeError, ValueError) as wrong:
        return json_reply({"error": str(wrong)}, 400)


def _account(double: Double, asked: Json) -> Json:
    address, scopes = asked["address"], tuple(asked.get("scopes", (MODIFY,)))
    double.add_account(address, asked.get("refresh_token", DEFAULT_REFRESH_TOKEN), scopes)
    return {"address": address, "access_token": double.access_token(address, scopes)}


def _receive(double: Double, asked: Json) -> Json:
    raw = asked["raw"].rstrip("=")
    message = double.receive(
        asked["account"],
        base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)),
        asked.get("labels", ("INBOX", "UNREAD")),
        asked.get("thread_id"),
        asked.get("at_ms"),
    )
    return {**labelled(message), "historyId": str(message.history_id)}


def _fault(double: Double, asked: Json) -> Json:
    double.fault(**asked)
    return {"waiting": len(double.faults.waiting)}


def _clear_faults(double: Double, asked: Json) -> Json:
    double.clear_faults()
    return {}


def _history_floor(double: Double, asked: Json) -> Json:
    wanted = asked.get("history_id")
    floor = double.history_floor(asked["account"], None if wanted is None else int(wanted))
    return {"floor": str(floor)}


def _history_fault(double: Double, asked: Json) -> Json:
    account = asked.pop("account")
    double.history_fault(account, HistoryFault(**asked) if asked.get("kind") else None)
    return {}


def _revoke(double: Double, asked: Json) -> Json:
    double.revoke(asked["account"])
    return {}


def _expire_access(double: Double, asked: Json) -> Json:
    double.expire_access(asked["account"])
    return {}


def _consent(double: Double, asked: Json) -> Json:
    scopes = asked.get("scopes")
    granted = None if scopes is None else tuple(scopes)
    double.next_consent(Consent(asked.get("account"), granted, bool(asked.get("deny"))))
    return {}


def _ledger(double: Double, asked: Json) -> Json:
    return {"mails": [asdict(line) for line in double.ledger()]}


def _requests(double: Double, asked: Json) -> Json:
    return dict(double.requests)


def _clock(double: Double, asked: Json) -> Json:
    double.move_clock(float(asked["offset_s"]))
    return {"now_ms": double.now_ms()}


def _quota(double: Double, asked: Json) -> Json:
    double.limit(asked.get("units_per_minute"), int(asked.get("status", 429)))
    return {}


def _seed(double: Double, asked: Json) -> Json:
    double.seed(asked["account"], int(asked["count"]), int(asked.get("every_s", 60)))
    return {"messages": len(double.mailbox(asked["account"]).messages)}


def _snapshot(double: Double, asked: Json) -> Json:
    double.snapshot(asked.get("name", "default"))
    return {}


def _restore(double: Double, asked: Json) -> Json:
    double.restore(asked.get("name", "default"))
    return {}


def _reset(double: Double, asked: Json) -> Json:
    double.reset()
    return {}


_CONTROLS: dict[tuple[str, str], Callable[[Double, Json], Json]] = {
    ("POST", "accounts"): _account,
    ("POST", "receive"): _receive,
    ("POST", "seed"): _seed,
    ("POST", "faults"): _fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "history_floor"): _history_floor,
    ("POST", "history_faults"): _history_fault,
    ("POST", "revoke"): _revoke,
    ("POST", "expire_access"): _expire_access,
    ("POST", "consent"): _consent,
    ("POST", "clock"): _clock,
    ("POST", "quota"): _quota,
    ("GET", "ledger"): _ledger,
    ("GET", "requests"): _requests,
    ("POST", "snapshot"): _snapshot,
    ("POST", "restore"): _restore,
    ("POST", "reset"): _reset,
}
