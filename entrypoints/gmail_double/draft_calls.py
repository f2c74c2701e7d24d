"""users.drafts."""

from entrypoints.gmail_double.call import Call, page
from entrypoints.gmail_double.outgoing import create_draft, draft_message, send_draft, update_draft
from entrypoints.gmail_double.payload import brief, labelled, shown
from entrypoints.gmail_double.search import search
from entrypoints.gmail_double.wire import Json


def create(call: Call) -> Json:
    resource = call.request.json().get("message") or {}
    draft_id, message = create_draft(call.mailbox, resource, call.double.now_ms())
    return {"id": draft_id, "message": labelled(message)}


def get(call: Call) -> Json:
    message = draft_message(call.mailbox, call.path["id"])
    return {
        "id": call.path["id"],
        "message": shown(message, call.request.first("format", "full")),
    }


def list_drafts(call: Call) -> Json:
    draft_of = {message_id: draft_id for draft_id, message_id in call.mailbox.drafts.items()}
    hidden = call.request.first("includeSpamTrash") == "true"
    found = search(call.mailbox, call.request.first("q"), ("DRAFT",), hidden, call.double.now_ms())
    drafts = [message for message in found if message.id in draft_of]
    shown_now, more = page(call, drafts)
    lines = [{"id": draft_of[message.id], "message": brief(message)} for message in shown_now]
    return {**({"drafts": lines} if lines else {}), **more, "resultSizeEstimate": len(drafts)}


def update(call: Call) -> Json:
    resource = call.request.json().get("message") or {}
    message = update_draft(call.mailbox, call.path["id"], resource, call.double.now_ms())
    return {"id": call.path["id"], "message": labelled(message)}


def send(call: Call) -> Json:
    sent = send_draft(call.double, call.mailbox, call.request.json())
    return labelled(sent)


def delete(call: Call) -> Json:
    call.mailbox.delete(draft_message(call.mailbox, call.path["id"]).id)
    return {}
