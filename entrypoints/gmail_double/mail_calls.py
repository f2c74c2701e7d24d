"""users.messages and users.history."""

import re

from entrypoints.gmail_double.call import Call, page
from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.outgoing import decode_raw, send_message, wanted_thread
from entrypoints.gmail_double.payload import attachment, brief, labelled, shown
from entrypoints.gmail_double.search import search
from entrypoints.gmail_double.wire import Json, Refusal

TRASHING = ("TRASH",), ("INBOX", "SPAM")
UNTRASHING: tuple[tuple[str, ...], tuple[str, ...]] = (), ("TRASH",)
_MESSAGE_ID = re.compile(r"[0-9a-f]{1,16}")


def found_by(call: Call) -> list[Message]:
    request = call.request
    with_hidden = request.first("includeSpamTrash") == "true"
    now_ms = call.double.now_ms()
    return search(call.mailbox, request.first("q"), call.names("labelIds"), with_hidden, now_ms)


def list_messages(call: Call) -> Json:
    found = found_by(call)
    shown_now, more = page(call, found)
    # Gmail leaves the key out rather than giving an empty list.
    listed = {"messages": [brief(message) for message in shown_now]} if shown_now else {}
    return {**listed, **more, "resultSizeEstimate": len(found)}


def get_message(call: Call) -> Json:
    if not _MESSAGE_ID.fullmatch(call.path["id"]):
        raise Refusal(400, "Invalid id value")
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


def batch_delete(call: Call) -> Json:
    for message_id in call.request.json().get("ids", ()):
        if message_id in call.mailbox.messages:
            call.mailbox.delete(message_id)
    return {}


def trash_message(call: Call) -> Json:
    return labelled(call.mailbox.relabel(call.path["id"], *TRASHING))


def untrash_message(call: Call) -> Json:
    return labelled(call.mailbox.relabel(call.path["id"], *UNTRASHING))


def delete_message(call: Call) -> Json:
    call.mailbox.delete(call.path["id"])
    return {}


def insert_message(call: Call) -> Json:
    """Mail put in without being sent; it counts as received now unless internalDateSource says otherwise."""
    return _put_in(call, call.request.first("internalDateSource", "receivedTime"))


def import_message(call: Call) -> Json:
    """As insert, but the mail counts as received at its own Date unless told otherwise."""
    return _put_in(call, call.request.first("internalDateSource", "dateHeader"))


def _put_in(call: Call, date_source: str) -> Json:
    asked = call.request.json()
    source, wanted = decode_raw(asked), wanted_thread(call.mailbox, asked)
    thread_id, at_ms = call.mailbox.thread_for(source, wanted), call.double.now_ms()
    if date_source == "dateHeader":
        at_ms = source.dated_ms or at_ms
    return labelled(call.mailbox.add(source, tuple(asked.get("labelIds", ())), at_ms, thread_id))


def send(call: Call) -> Json:
    sent = send_message(call.double, call.mailbox, call.request.json())
    return labelled(sent)


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
