"""Google's OAuth endpoints: consent (without a page, unless one is wanted), token, revoke, signing keys."""

import base64
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

from entrypoints.gmail_double.consent_page import consent_page, decision
from entrypoints.gmail_double.faults import under
from entrypoints.gmail_double.grants import (
    ACCESS_LIFETIME_S,
    CODE_LIFETIME_S,
    Code,
    Grant,
    OAuthRefusal,
)
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Json, Reply, Request, json_reply

Handler = Callable[[Double, Request], Reply]


def answer(double: Double, request: Request) -> Reply | None:
    """The reply of an OAuth endpoint; None when the path is none of them."""
    named = _ENDPOINTS.get((request.method, request.path))
    if named is None:
        return None
    name, handler = named
    double.requests[name] += 1
    fault = double.faults.take(name, None)
    return under(fault, lambda: _answered(handler, double, request), _refusal)


def _answered(handler: Handler, double: Double, request: Request) -> Reply:
    try:
        return handler(double, request)
    except OAuthRefusal as refusal:
        return _refusal(400, refusal.error, refusal.description)


def _refusal(status: int, error: str, description: str) -> Reply:
    return json_reply({"error": error, "error_description": description}, status)


def _authorize(double: Double, request: Request) -> Reply:
    redirect_uri, client_id = request.first("redirect_uri"), request.first("client_id")
    if not redirect_uri or not client_id or request.first("response_type", "code") != "code":
        raise OAuthRefusal("invalid_request", "client_id, redirect_uri and response_type=code are required")
    if request.first("code_challenge") and request.first("code_challenge_method") != "S256":
        raise OAuthRefusal("invalid_request", "Only code_challenge_method=S256 is supported")
    grants, chosen = double.grants, decision(request)
    if grants.asks_people and chosen is None:
        return consent_page(request, (mailbox.address for mailbox in double.world.mailboxes.values()))
    consent = chosen or double.take_consent()
    account = consent.account or double.account_or_first(request.first("login_hint"))
    if account is None:
        raise OAuthRefusal("invalid_request", "This double has no account yet")
    if consent.is_denied:
        return _redirect(redirect_uri, {"error": "access_denied", "state": request.first("state")})
    scopes = consent.scopes if consent.scopes is not None else tuple(request.first("scope").split())
    wants_refresh = request.first("access_type") == "offline"
    asks_again = "consent" in request.first("prompt").split()
    code = double.new_token("4/0A")
    grants.codes[code] = Code(
        grant=Grant(account, client_id, scopes, request.first("nonce")),
        redirect_uri=redirect_uri,
        challenge=request.first("code_challenge"),
        # Google gives a refresh token only with the first consent, or when consent is asked for again.
        is_offline=wants_refresh and (asks_again or not grants.has_consent(account, client_id)),
        expires_ms=double.now_ms() + CODE_LIFETIME_S * 1000,
    )
    answered = {"state": request.first("state"), "code": code, "scope": " ".join(scopes)}
    return _redirect(redirect_uri, answered)


def _redirect(uri: str, answered: dict[str, str]) -> Reply:
    query = urlencode({name: value for name, value in answered.items() if value})
    joint = "&" if "?" in uri else "?"
    return Reply(302, b"", (("location", f"{uri}{joint}{query}"),))


def _token(double: Double, request: Request) -> Reply:
    form = _form(request)
    if form.get("grant_type") == "authorization_code":
        return _exchange(double, form)
    if form.get("grant_type") == "refresh_token":
        return _refresh(double, form)
    raise OAuthRefusal("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")


def _exchange(double: Double, form: dict[str, str]) -> Reply:
    grants = double.grants
    # Taken before it is checked: a code is good for one attempt.
    code = grants.codes.pop(form.get("code", ""), None)
    if code is None:
        raise OAuthRefusal("invalid_grant", "Malformed auth code.")
    code.check(
        form.get("client_id", ""),
        form.get("redirect_uri", ""),
        form.get("code_verifier", ""),
        double.now_ms(),
    )
    answered = _access_answer(double, code.grant)
    if code.is_offline:
        answered["refresh_token"] = double.new_token("1//0")
        grants.refresh[answered["refresh_token"]] = code.grant
    return json_reply(answered)


def _refresh(double: Double, form: dict[str, str]) -> Reply:
    grant = double.grants.refresh.get(form.get("refresh_token", ""))
    if grant is None or grant.client_id not in ("", form.get("client_id", "")):
        raise OAuthRefusal("invalid_grant", "Token has been expired or revoked.")
    answered = _access_answer(double, grant)
    if double.grants.rotates:
        del double.grants.refresh[form["refresh_token"]]
        answered["refresh_token"] = double.new_token("1//0")
        double.grants.refresh[answered["refresh_token"]] = grant
    return json_reply(answered)


def _access_answer(double: Double, grant: Grant) -> Json:
    answered: Json = {
        "access_token": double.grants.issue_access(grant, double.now_ms(), double.new_token),
        "expires_in": ACCESS_LIFETIME_S,
        "scope": " ".join(grant.scopes),
        "token_type": "Bearer",
    }
    if "openid" in grant.scopes:
        answered["id_token"] = double.signer.sign(_claims(double, grant) | double.grants.claims)
    return answered


def _claims(double: Double, grant: Grant) -> Json:
    """Who signed in, as OpenID Connect says it; accounts outside gmail.com are managed by their domain."""
    now_s, domain = double.now_ms() // 1000, grant.account.partition("@")[2]
    claims: Json = {
        "iss": "https://accounts.google.com",
        "aud": grant.client_id,
        "sub": grant.account,
        "email": grant.account,
        "email_verified": True,
        "iat": now_s,
        "exp": now_s + ACCESS_LIFETIME_S,
    }
    claims |= {"hd": domain} if domain != "gmail.com" else {}
    claims |= {"name": grant.account.partition("@")[0].capitalize()} if "profile" in grant.scopes else {}
    claims |= {"nonce": grant.nonce} if grant.nonce else {}
    return claims


def _form(request: Request) -> dict[str, str]:
    """The form fields of a token request; client credentials may also come as Basic authorization."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, _, _ = base64.b64decode(credentials).decode().partition(":")
        form.setdefault("client_id", client_id)
    return form


def _revoke(double: Double, request: Request) -> Reply:
    token = request.first("token") or _form(request).get("token", "")
    if not double.grants.revoke_token(token):
        raise OAuthRefusal("invalid_token", "Token expired or revoked")
    return json_reply({})


def _certs(double: Double, request: Request) -> Reply:
    return json_reply(double.signer.key_set())


def _pem_certs(double: Double, request: Request) -> Reply:
    return json_reply(double.signer.pem_keys())


_ENDPOINTS: dict[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "/o/oauth2/auth"): ("oauth.authorize", _authorize),
    ("GET", "/o/oauth2/v2/auth"): ("oauth.authorize", _authorize),
    ("POST", "/token"): ("oauth.token", _token),
    ("POST", "/revoke"): ("oauth.revoke", _revoke),
    ("GET", "/certs"): ("oauth.certs", _certs),
    ("GET", "/oauth2/v1/certs"): ("oauth.certs", _pem_certs),
}
