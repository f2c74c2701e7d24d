"""Control calls about faults, permissions, notices, time and the whole double."""

from dataclasses import asdict

from entrypoints.gmail_double.grants import Consent
from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.push import Subscription
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Json


def fault(double: Double, asked: Json) -> Json:
    double.fault(**asked)
    return {"waiting": len(double.faults.waiting)}


def clear_faults(double: Double, asked: Json) -> Json:
    double.clear_faults()
    return {}


def expire_page_tokens(double: Double, asked: Json) -> Json:
    double.expire_page_tokens(asked["account"])
    return {}


def history_floor(double: Double, asked: Json) -> Json:
    wanted = asked.get("history_id")
    floor = double.history_floor(asked["account"], None if wanted is None else int(wanted))
    return {"floor": str(floor)}


def history_fault(double: Double, asked: Json) -> Json:
    account = asked.pop("account")
    double.history_fault(account, HistoryFault(**asked) if asked.get("kind") else None)
    return {}


def revoke(double: Double, asked: Json) -> Json:
    double.revoke(asked["account"])
    return {}


def expire_access(double: Double, asked: Json) -> Json:
    double.expire_access(asked["account"])
    return {}


def consent(double: Double, asked: Json) -> Json:
    scopes = asked.get("scopes")
    granted = None if scopes is None else tuple(scopes)
    double.next_consent(Consent(asked.get("account"), granted, bool(asked.get("deny"))))
    return {}


def consent_page(double: Double, asked: Json) -> Json:
    double.ask_people(bool(asked.get("shown", True)))
    return {}


def refresh_tokens(double: Double, asked: Json) -> Json:
    double.rotate_refresh_tokens(bool(asked.get("rotate", True)))
    return {}


def subscribe(double: Double, asked: Json) -> Json:
    double.subscribe(Subscription(**asked) if asked.get("url") else None)
    return {}


def notice(double: Double, asked: Json) -> Json:
    double.notice(asked["account"], asked.get("kind", "good"))
    return {}


def notices(double: Double, asked: Json) -> Json:
    return {"notices": [asdict(each) for each in double.pusher.done]}


def clock(double: Double, asked: Json) -> Json:
    double.move_clock(float(asked["offset_s"]))
    return {"now_ms": double.now_ms()}


def quota(double: Double, asked: Json) -> Json:
    double.limit(asked.get("units_per_minute"), int(asked.get("status", 429)), asked.get("prices"))
    return {}


def spent(double: Double, asked: Json) -> Json:
    addresses = [mailbox.address for mailbox in double.world.mailboxes.values()]
    return {address: double.world.quota.spent(address, double.now_ms()) for address in addresses}


def requests(double: Double, asked: Json) -> Json:
    return dict(double.requests)


def snapshot(double: Double, asked: Json) -> Json:
    double.snapshot(asked.get("name", "default"))
    return {}


def restore(double: Double, asked: Json) -> Json:
    double.restore(asked.get("name", "default"))
    return {}


def reset(double: Double, asked: Json) -> Json:
    double.reset()
    return {}
