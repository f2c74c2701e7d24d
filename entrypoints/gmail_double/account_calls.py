"""users.getProfile, users.labels, users.settings.sendAs, users.watch and users.stop."""

import re

from entrypoints.gmail_double.call import Call
from entrypoints.gmail_double.mailbox import SYSTEM_LABELS, SendAs, Watch
from entrypoints.gmail_double.wire import Json, Refusal, not_found

WATCH_LIFETIME_MS = 7 * 86_400_000


def profile(call: Call) -> Json:
    mailbox = call.mailbox
    return {
        "emailAddress": mailbox.address,
        "messagesTotal": len(mailbox.messages),
        "threadsTotal": len(mailbox.threads),
        "historyId": str(mailbox.history.last_id),
    }


def list_labels(call: Call) -> Json:
    return {"labels": [_label(label, name) for label, name in call.mailbox.labels.items()]}


def get_label(call: Call) -> Json:
    name = call.mailbox.labels.get(call.path["id"])
    if name is None:
        raise not_found()
    return _label(call.path["id"], name)


def create_label(call: Call) -> Json:
    name, labels = call.request.json().get("name"), call.mailbox.labels
    if not name:
        raise Refusal(400, "Invalid label name")
    if name.casefold() in (known.casefold() for known in labels.values()):
        raise Refusal(409, "Label name exists or conflicts")
    label_id = f"Label_{call.mailbox.mint()}"
    labels[label_id] = name
    return _label(label_id, name)


def _label(label_id: str, name: str) -> Json:
    return {"id": label_id, "name": name, "type": "system" if label_id in SYSTEM_LABELS else "user"}


def list_send_as(call: Call) -> Json:
    return {"sendAs": [_send_as(call, alias) for alias in call.mailbox.send_as.values()]}


def get_send_as(call: Call) -> Json:
    alias = call.mailbox.send_as.get(call.path["id"].casefold())
    if alias is None:
        raise not_found()
    return _send_as(call, alias)


def _send_as(call: Call, alias: SendAs) -> Json:
    is_primary = alias.address == call.mailbox.address
    shown: Json = {
        "sendAsEmail": alias.address,
        "displayName": alias.name,
        "replyToAddress": alias.reply_to,
        "signature": alias.signature,
        "isDefault": alias.is_default,
    }
    if is_primary:
        return {**shown, "isPrimary": True}
    # Gmail leaves out what is false, and the primary address has nothing to verify.
    return {**shown, "treatAsAlias": True, "verificationStatus": "accepted" if alias.is_verified else "pending"}


def watch(call: Call) -> Json:
    asked = call.request.json()
    topic, newest = str(asked.get("topicName") or ""), call.mailbox.history.last_id
    if not re.fullmatch(r"projects/[^/]+/topics/[^/]+", topic):
        raise Refusal(400, "Invalid topicName")
    expires = call.double.now_ms() + WATCH_LIFETIME_MS
    call.mailbox.watch = Watch(topic, frozenset(asked.get("labelIds", ())), expires, newest)
    return {"historyId": str(newest), "expiration": str(expires)}


def stop(call: Call) -> Json:
    call.mailbox.watch = None
    return {}
