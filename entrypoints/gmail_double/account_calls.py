"""users.getProfile, users.labels, users.settings.sendAs, users.watch and users.stop."""

from entrypoints.gmail_double.call import Call
from entrypoints.gmail_double.mailbox import SYSTEM_LABELS
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


def send_as(call: Call) -> Json:
    own = {"sendAsEmail": call.mailbox.address, "displayName": "", "signature": ""}
    return {"sendAs": [{**own, "isPrimary": True, "isDefault": True}]}


def watch(call: Call) -> Json:
    if not call.request.json().get("topicName"):
        raise Refusal(400, "Invalid topicName")
    expires = call.double.now_ms() + WATCH_LIFETIME_MS
    return {"historyId": str(call.mailbox.history.last_id), "expiration": str(expires)}


def stop(call: Call) -> Json:
    return {}
