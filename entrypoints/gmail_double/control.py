"""The control calls under /_double/: the methods of `Double` for a test in another process."""

from collections.abc import Callable

from entrypoints.gmail_double import control_mail, control_world
from entrypoints.gmail_double.state import Double
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


def _after(double: Double, asked: Json) -> Json:
    """Plan other control calls for the moment after a call of a route."""
    planned = [(_CONTROLS["POST", each.pop("control")], each) for each in asked["then"]]

    def act() -> None:
        for handler, wanted in planned:
            handler(double, dict(wanted))

    skip, times = int(asked.get("skip", 0)), int(asked.get("times", 1))
    double.after(asked["route"], act, account=asked.get("account"), skip=skip, times=times)
    return {"waiting": len(double.happenings.waiting)}


_CONTROLS: dict[tuple[str, str], Callable[[Double, Json], Json]] = {
    ("POST", "accounts"): control_mail.account,
    ("POST", "send_as"): control_mail.send_as,
    ("POST", "receive"): control_mail.receive,
    ("POST", "relabel"): control_mail.relabel,
    ("POST", "delete"): control_mail.delete,
    ("POST", "seed"): control_mail.seed,
    ("POST", "recipients"): control_mail.recipient,
    ("GET", "mails"): control_mail.mails,
    ("GET", "ledger"): control_mail.ledger,
    ("GET", "delivered"): control_mail.delivered,
    ("POST", "faults"): control_world.fault,
    ("DELETE", "faults"): control_world.clear_faults,
    ("POST", "after"): _after,
    ("POST", "page_tokens"): control_world.expire_page_tokens,
    ("POST", "history_floor"): control_world.history_floor,
    ("POST", "history_faults"): control_world.history_fault,
    ("POST", "revoke"): control_world.revoke,
    ("POST", "expire_access"): control_world.expire_access,
    ("POST", "consent"): control_world.consent,
    ("POST", "consent_page"): control_world.consent_page,
    ("POST", "refresh_tokens"): control_world.refresh_tokens,
    ("POST", "push"): control_world.subscribe,
    ("POST", "notices"): control_world.notice,
    ("GET", "notices"): control_world.notices,
    ("POST", "clock"): control_world.clock,
    ("POST", "quota"): control_world.quota,
    ("GET", "quota"): control_world.spent,
    ("GET", "requests"): control_world.requests,
    ("POST", "snapshot"): control_world.snapshot,
    ("POST", "restore"): control_world.restore,
    ("POST", "reset"): control_world.reset,
}
