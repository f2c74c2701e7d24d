"""users.messages, users.threads and users.history."""

from entrypoints.gmail_double.call import Call, page
from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.outgoing import decode_raw, send_message, wanted_thread
from entrypoints.gmail_double.payload import attachment, brief, labelled, shown
from entrypoints.gmail_double.search import search
from entrypoints.gmail_double.wire import Json, Refusal


def _found(call: Call) -> list[Message]:
    request = call.request
    with_hidden = request.first("includeSpamTrash") == "true"
    now_ms = call.double.now_ms()
    return search(call.mailbox, request.first("q"), call.names("labelIds"), with_hidden, now_ms)


def list_messages(call: Call) -> Json:
    found = _found(call)
    shown_now, more = page(call, found, [message.id for message in found])
    # Gmail leaves the key out rather than giving an empty list.
    listed = {"messages": [brief(message) for message in shown_now]} if shown_now else {}
    return {**listed, **more, "resultSizeEstimate": len(found)}


def get_message(call: Call) -> Json:
    message = call.mailbox.get(call.path["id"])
    return shown(message, call.request.first("format", "full"), call.names("metadataHeaders"))


def get_attachment(call: Call) -> Json:
    return attachment(call.mailbox.get(call.path["id"]), call.path["attachment"])


def modify_message(call: Call) -> Json:
    asked = call.request.json()
    add, remove = asked.get("addLabelIds", ()), asked.get("removeLabelIds", ())
    return labelled(call.mailbox.relabel(call.path["id"], add, remove))


def batch_modify(call: Call) -> Json:
    asked = call.request.json()
    for message_id in asked.get("ids", ()):
        if message_id in call.mailbox.messages:
            add, remove = asked.get("addLabelIds", ()), asked.get("removeLabelIds", ())
            call.mailbox.relabel(message_id, add, remove)
    return {}


def trash_message(call: Call) -> Json:
    return labelled(call.mailbox.relabel(call.path["id"], ("TRASH",), ("INBOX", "SPAM")))


def untrash_message(call: Call) -> Json:
    return labelled(call.mailbox.relabel(call.path["id"], (), ("TRASH",)))


def delete_message(call: Call) -> Json:
    call.mailbox.delete(call.path["id"])
    return {}


def insert_message(call: Call) -> Json:
    """messages.insert and messages.import: mail put in without being sent."""
    asked = call.request.json()
    source, wanted = decode_raw(asked), wanted_thread(call.mailbox, asked)
    thread_id = call.mailbox.thread_for(source, wanted)
    labels = tuple(asked.get("labelIds", ()))
    return labelled(call.mailbox.add(source, labels, call.double.now_ms(), thread_id))


def send(call: Call) -> Json:
    sent = send_message(call.mailbox, call.double.sent, call.request.json(), call.double.now_ms())
    return labelled(sent)


def list_threads(call: Call) -> Json:
    newest = {message.thread_id: message for message in reversed(_found(call))}
    threads = sorted(newest.values(), key=lambda m: (m.internal_ms, m.id), reverse=True)
    shown_now, more = page(call, threads, [message.thread_id for message in threads])
    lines = [{"id": m.thread_id, "historyId": str(m.history_id), "snippet": ""} for m in shown_now]
    return {**({"threads": lines} if lines else {}), **more, "resultSizeEstimate": len(threads)}


def get_thread(call: Call) -> Json:
    messages = call.mailbox.thread(call.path["id"])
    form, only = call.request.first("format", "full"), call.names("metadataHeaders")
    return {
        "id": call.path["id"],
        "historyId": str(max(message.history_id for message in messages)),
        "messages": [shown(message, form, only) for message in messages],
    }


def list_history(call: Call) -> Json:
    start = call.request.number("startHistoryId", -1)
    if start < 0:
        raise Refusal(400, "Missing or invalid startHistoryId")
    request = call.request
    changes, following, reported = call.mailbox.history.page(
        start,
        call.page_size(),
        request.first("pageToken"),
        [_kind(name) for name in call.names("historyTypes")],
        request.first("labelId"),
    )
    answered: Json = {"historyId": str(reported)}
    if changes:
        answered["history"] = [change.as_json() for change in changes]
    if following:
        answered["nextPageToken"] = following
    return answered


def _kind(history_type: str) -> str:
    kinds = {"messageAdded": "messagesAdded", "messageDeleted": "messagesDeleted"}
    kinds |= {"labelAdded": "labelsAdded", "labelRemoved": "labelsRemoved"}
    if history_type not in kinds:
        raise Refusal(400, f"Invalid value for historyTypes: {history_type}")
    return kinds[history_type]
