"""The Gmail calls this double answers: name, verb, path, scopes, handler. Read it as the list of what works."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from entrypoints.gmail_double import account_calls, draft_calls, mail_calls, thread_calls
from entrypoints.gmail_double.call import Call
from entrypoints.gmail_double.faults import under
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import INTERNAL, Json, Refusal, Reply, Request, Wire, google_error, json_reply

USER = "/gmail/v1/users/{user}"
_GMAIL = "https://www.googleapis.com/auth/gmail."
_FULL = "https://mail.google.com/"

READ = frozenset({_FULL, _GMAIL + "modify", _GMAIL + "readonly"})
CHANGE = frozenset({_FULL, _GMAIL + "modify"})
INSERT = CHANGE | {_GMAIL + "insert"}
LABEL = CHANGE | {_GMAIL + "labels"}
DRAFT = CHANGE | {_GMAIL + "compose"}
SEND = DRAFT | {_GMAIL + "send"}
ERASE = frozenset({_FULL})


@dataclass(frozen=True)
class Route:
    """One API method; an access token needs one of the scopes."""

    name: str
    verb: str
    path: re.Pattern[str]
    scopes: frozenset[str]
    handler: Callable[[Call], Json]


def _route(name: str, verb: str, path: str, scopes: frozenset[str], handler: Callable[[Call], Json]) -> Route:
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", USER + path))
    return Route(name, verb, pattern, scopes, handler)


ROUTES = (
    _route("getProfile", "GET", "/profile", DRAFT | READ, account_calls.profile),
    _route("labels.list", "GET", "/labels", READ | LABEL, account_calls.list_labels),
    _route("labels.get", "GET", "/labels/{id}", READ | LABEL, account_calls.get_label),
    _route("labels.create", "POST", "/labels", LABEL, account_calls.create_label),
    _route("settings.sendAs.list", "GET", "/settings/sendAs", READ, account_calls.list_send_as),
    _route("settings.sendAs.get", "GET", "/settings/sendAs/{id}", READ, account_calls.get_send_as),
    _route("watch", "POST", "/watch", READ, account_calls.watch),
    _route("stop", "POST", "/stop", READ, account_calls.stop),
    _route("messages.list", "GET", "/messages", READ, mail_calls.list_messages),
    _route("messages.insert", "POST", "/messages", INSERT, mail_calls.insert_message),
    _route("messages.import", "POST", "/messages/import", INSERT, mail_calls.import_message),
    _route("messages.send", "POST", "/messages/send", SEND, mail_calls.send),
    _route("messages.batchModify", "POST", "/messages/batchModify", CHANGE, mail_calls.batch_modify),
    _route("messages.batchDelete", "POST", "/messages/batchDelete", ERASE, mail_calls.batch_delete),
    _route("messages.get", "GET", "/messages/{id}", READ, mail_calls.get_message),
    _route("messages.delete", "DELETE", "/messages/{id}", ERASE, mail_calls.delete_message),
    _route("messages.modify", "POST", "/messages/{id}/modify", CHANGE, mail_calls.modify_message),
    _route("messages.trash", "POST", "/messages/{id}/trash", CHANGE, mail_calls.trash_message),
    _route("messages.untrash", "POST", "/messages/{id}/untrash", CHANGE, mail_calls.untrash_message),
    _route(
        "messages.attachments.get",
        "GET",
        "/messages/{id}/attachments/{attachment}",
        READ,
        mail_calls.get_attachment,
    ),
    _route("threads.list", "GET", "/threads", READ, thread_calls.list_threads),
    _route("threads.get", "GET", "/threads/{id}", READ, thread_calls.get_thread),
    _route("threads.modify", "POST", "/threads/{id}/modify", CHANGE, thread_calls.modify_thread),
    _route("threads.trash", "POST", "/threads/{id}/trash", CHANGE, thread_calls.trash_thread),
    _route("threads.untrash", "POST", "/threads/{id}/untrash", CHANGE, thread_calls.untrash_thread),
    _route("threads.delete", "DELETE", "/threads/{id}", ERASE, thread_calls.delete_thread),
    _route("history.list", "GET", "/history", READ, mail_calls.list_history),
    _route("drafts.list", "GET", "/drafts", DRAFT | READ, draft_calls.list_drafts),
    _route("drafts.create", "POST", "/drafts", DRAFT, draft_calls.create),
    _route("drafts.send", "POST", "/drafts/send", DRAFT, draft_calls.send),
    _route("drafts.get", "GET", "/drafts/{id}", DRAFT | READ, draft_calls.get),
    _route("drafts.update", "PUT", "/drafts/{id}", DRAFT, draft_calls.update),
    _route("drafts.delete", "DELETE", "/drafts/{id}", DRAFT, draft_calls.delete),
)


def answer(double: Double, request: Request, *, in_batch: bool = False) -> Reply:
    """The reply to one API call, after any fault that waits for it; then what was to happen after it."""
    route, path = _found(request)
    if route is None:
        message = f"The double has no method {request.method} {request.path}"
        return google_error(404, "notFound", message)
    double.requests[route.name] += 1
    account = double.grants.owner(_bearer(request))
    fault = double.faults.take(route.name, account, path.get("id"), in_batch=in_batch)
    reply = under(fault, lambda: _answered(double, route, request, path), google_error)
    if reply.status < 400 and reply.wire is Wire.ANSWER:
        double.happenings.after(route.name, account)
    return reply


def _found(request: Request) -> tuple[Route | None, dict[str, str]]:
    for route in ROUTES:
        matched = route.path.fullmatch(request.path)
        if matched and route.verb == request.method:
            return route, matched.groupdict()
    return None, {}


def _answered(double: Double, route: Route, request: Request, path: dict[str, str]) -> Reply:
    try:
        call = _authorised(double, route, request, path)
        answered = route.handler(call)
        return json_reply(answered) if answered else Reply(204)
    except Refusal as refusal:
        return google_error(refusal.status, refusal.reason, refusal.message)
    except RecursionError:  # a mail nested too deeply to be shown in parts
        return google_error(500, "backendError", INTERNAL)


def _authorised(double: Double, route: Route, request: Request, path: dict[str, str]) -> Call:
    """The call of a known account; Refusal 401, 403 or 429 otherwise."""
    grant = double.grants.valid(_bearer(request), double.now_ms())
    if grant is None:
        raise Refusal(401, "Request had invalid authentication credentials.")
    if not route.scopes & set(grant.scopes):
        message = "Request had insufficient authentication scopes."
        raise Refusal(403, message, "insufficientPermissions")
    mailbox = double.mailbox(grant.account)
    if path["user"].casefold() not in ("me", mailbox.address.casefold()):
        raise Refusal(403, f"Delegation denied for {mailbox.address}")
    double.world.quota.spend(mailbox.address, route.name, double.now_ms())
    return Call(double, mailbox, request, path)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
