"""Errors as answers: RFC 9457 for scripts, a page with the next step for people, the login for who is not logged in."""

import traceback
from pathlib import Path
from typing import Any, Final

import structlog
from litestar import Request
from litestar.response import Redirect, Response

from api.auth import BEARER, LoginNeeded, SecondFactorNeeded, SetupNeeded
from api.language import said, told
from api.leaving import CLIENT_LEFT, has_left
from api.links import asked_for, link, safe_next, see_other
from api.problems import Problem, problem_of
from api.security import request_id_of

PROBLEM_TYPE: Final = "urn:communication-agent:problem:"
PROBLEM_MEDIA_TYPE: Final = "application/problem+json"

_PAGES: Final = ("/boards", "/login", "/logout", "/setup", "/join", "/reset")
_PEOPLE: Final = ("/operators", "/invitations", "/tokens")
_SCRIPTS: Final = (
    "/tickets",
    "/sync",
    "/mailboxes",
    "/quarantine",
    "/mentions",
    "/tags",
    "/views",
    "/webhooks",
    "/schema",
    "/health",
    "/static",
)
_FRAMES: Final = 6

_log = structlog.get_logger()

AnyRequest = Request[Any, Any, Any]


def answer_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """The one exception handler of the application."""
    if isinstance(error, LoginNeeded):
        return _to_login(request)
    if isinstance(error, SetupNeeded):
        return _elsewhere(request, see_other(request, "/setup"))
    if isinstance(error, SecondFactorNeeded):
        return _elsewhere(request, see_other(request, "/boards/me/security"))
    if has_left(error):
        _log.debug("client_left")
        return Response(None, status_code=CLIENT_LEFT)
    problem = problem_of(error, request_id_of(request.scope))
    if problem.kind.status >= 500:
        _tell_log(error, problem)
    return _page(request, problem, error) if _wants_page(request) else as_json(problem)


def as_json(problem: Problem) -> Response[dict[str, Any]]:
    """A problem document (RFC 9457)."""
    body = {
        "type": PROBLEM_TYPE + problem.kind.slug,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        **problem.extra,
    }
    return Response(body, status_code=problem.kind.status, media_type=PROBLEM_MEDIA_TYPE, headers=dict(problem.headers))


def _page(request: AnyRequest, problem: Problem, error: Exception) -> Response[Any]:
    detail = told(error) if problem.detail == str(error) else said(problem.detail)
    context = {
        "request": request,
        "status": problem.kind.status,
        "title": said(problem.kind.title),
        "detail": detail,
        "next_step": said(problem.kind.next_step),
        "message": detail,
        "request_id": problem.extra.get("request_id"),
    }
    page = request.app.template_engine.get_template("error.html").render(context)  # type: ignore[union-attr]
    return Response(page, status_code=problem.kind.status, media_type="text/html", headers=dict(problem.headers))


def _to_login(request: AnyRequest) -> Response[Any]:
    """Log in, and come back to the page that was asked for; a form that was sent is not sent again."""
    # An answer of Google's consent page belongs to the login that asked; its code goes into no further address.
    is_answer = "code" in request.query_params
    wanted = asked_for(request) if request.method == "GET" and not _is_partial(request) and not is_answer else None
    return _elsewhere(request, see_other(request, "/login", **({"next": safe_next(wanted)} if wanted else {})))


def _elsewhere(request: AnyRequest, redirect: Redirect) -> Response[Any]:
    """A script that asked for a part of a page must leave the whole page, not paste the login form into it."""
    if not _is_partial(request):
        return redirect
    return Response(None, status_code=401, headers={"HX-Redirect": redirect.url})


def _is_partial(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"


def _wants_page(request: AnyRequest) -> bool:
    handler = request.scope.get("route_handler")
    if handler is not None and handler.opt.get("credential") == BEARER:
        return False
    path: str = request.scope["path"].removeprefix(link(request, "").rstrip("/"))
    if _is_below(path, _PAGES):
        return True
    return not _is_below(path, _SCRIPTS + _PEOPLE) and "text/html" in request.headers.get("accept", "")


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _tell_log(error: Exception, problem: Problem) -> None:
    """Where it happened, and no more: an exception's text may quote a customer's mail."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    _log.error("request_failed", error=type(error).__name__, cause=cause, status=problem.kind.status, where=where)
