"""users.threads."""

from collections.abc import Iterable

from entrypoints.gmail_double.call import Call, page
from entrypoints.gmail_double.mail_calls import TRASHING, UNTRASHING, found_by
from entrypoints.gmail_double.payload import labelled, shown
from entrypoints.gmail_double.wire import Json


def list_threads(call: Call) -> Json:
    newest = {message.thread_id: message for message in reversed(found_by(call))}
    threads = sorted(newest.values(), key=lambda m: (m.internal_ms, m.id), reverse=True)
    shown_now, more = page(call, threads)
    lines = [{"id": m.thread_id, "historyId": str(m.history_id), "snippet": m.source.snippet} for m in shown_now]
    return {**({"threads": lines} if lines else {}), **more, "resultSizeEstimate": len(threads)}


def get_thread(call: Call) -> Json:
    messages = call.mailbox.thread(call.path["id"])
    form, only = call.request.first("format", "full"), call.names("metadataHeaders")
    return {
        "id": call.path["id"],
        "historyId": str(max(message.history_id for message in messages)),
        "messages": [shown(message, form, only) for message in messages],
    }


def modify_thread(call: Call) -> Json:
    asked = call.request.json()
    return _relabelled(call, asked.get("addLabelIds", ()), asked.get("removeLabelIds", ()))


def trash_thread(call: Call) -> Json:
    return _relabelled(call, *TRASHING)


def untrash_thread(call: Call) -> Json:
    return _relabelled(call, *UNTRASHING)


def delete_thread(call: Call) -> Json:
    for message in call.mailbox.thread(call.path["id"]):
        call.mailbox.delete(message.id)
    return {}


def _relabelled(call: Call, add: Iterable[str], remove: Iterable[str]) -> Json:
    """Every mail that is in the thread now; one that joins later keeps its own labels."""
    add, remove = tuple(add), tuple(remove)
    changed = [call.mailbox.relabel(m.id, add, remove) for m in call.mailbox.thread(call.path["id"])]
    return {"id": call.path["id"], "messages": [labelled(message) for message in changed]}
