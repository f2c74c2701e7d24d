"""The page that asks a person for permission, when the double is used by hand or by a browser test."""

import html
from collections.abc import Iterable

from entrypoints.gmail_double.grants import Consent
from entrypoints.gmail_double.wire import Reply, Request

_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    # The form leads back to the application that asked, so form-action cannot be confined to this server.
    ("content-security-policy", "default-src 'none'"),
)


def decision(request: Request) -> Consent | None:
    """What the person chose on the page; None when the page has not been answered yet."""
    if not request.first("decision"):
        return None
    is_denied = request.first("decision") != "allow"
    return Consent(request.first("account"), tuple(request.query.get("granted", ())), is_denied)


def consent_page(request: Request, accounts: Iterable[str]) -> Reply:
    """Which account, which permissions, allow or not: a form that asks the same address again, answered."""
    asked = [(name, value) for name, values in request.query.items() for value in values]
    hint = request.first("login_hint").casefold()
    parts = [
        "<!doctype html><html lang=en><title>Sign in to the Gmail double</title><h1>Sign in to the Gmail double</h1>",
        f"<p>{html.escape(request.first('client_id'))} wants to use your mailbox.</p><form>",
        *(_hidden(name, value) for name, value in asked),
        "<fieldset><legend>Account</legend>",
        *(_choice("radio", "account", each, each.casefold() == hint) for each in accounts),
        "</fieldset><fieldset><legend>It may</legend>",
        *(_choice("checkbox", "granted", scope, True) for scope in request.first("scope").split()),
        "</fieldset>",
        "<button name=decision value=allow>Continue</button> <button name=decision value=deny>Cancel</button></form>",
    ]
    return Reply(200, "".join(parts).encode(), _HEADERS)


def _hidden(name: str, value: str) -> str:
    return f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'


def _choice(kind: str, name: str, value: str, is_chosen: bool) -> str:
    shown, required = html.escape(value), " required" if kind == "radio" else ""
    checked = " checked" if is_chosen else ""
    return f'<p><label><input type={kind} name={name} value="{shown}"{checked}{required}> {shown}</label></p>'
