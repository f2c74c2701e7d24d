"""The schema with what cannot be told from the handlers' types: conventions, closed bodies, groups and examples."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from api.etags import TAGS
from api.idempotency import MAX_KEY
from api.openapi_examples import EXAMPLES
from api.schemas import DraftRequest

Json = dict[str, Any]

PROBLEM: Final = "#/components/schemas/ProblemOut"
_DRAFT: Final = "/tickets/{ticket_id}/draft"
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})

_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request under the same key is carried out once and answered alike for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
}
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you saw (or a list of them), or `*`; 412 when it has changed.",
    "schema": {"type": "string", "pattern": TAGS},
}
_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that you have; 304 while it is current.",
    "schema": {"type": "string", "pattern": TAGS},
}
_ALWAYS: Final[Mapping[str, str]] = {
    "400": "The request cannot be used; `detail` says why.",
    "401": "The API token is missing, unknown, expired or revoked.",
    "403": "The token lacks the scope for it.",
}
_RETRY_AFTER: Final[Json] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}}
_ETAG: Final[Json] = {"ETag": {"schema": {"type": "string"}, "description": "The tag of this representation."}}


def completed(schema: Mapping[str, Any], server: str, told_once: Collection[str] = ()) -> Json:
    """The schema as it is served, with the address below which all this is found.

    `told_once` are the addresses whose POST answers with a secret: no Idempotency-Key is taken for it.
    """
    known = schema["components"]["schemas"]
    closed = {name: _strict(known[name]) for name in _bodies(schema) if name in known}
    shapes = {**known, **closed, "DraftRequest": _forms(known["DraftRequest"])}
    shapes |= {name: {**shapes[name], "examples": [shown]} for name, shown in EXAMPLES.items() if name in shapes}
    paths = {**schema["paths"], _DRAFT: _with_optional_body(schema["paths"][_DRAFT])}
    return {
        **schema,
        "components": {**schema["components"], "schemas": shapes},
        "paths": {path: _with_conventions(path, methods, path in told_once) for path, methods in paths.items()},
        "tags": [{"name": group} for group in sorted({group_of(path) for path in paths})],
        "servers": [{"url": server}],
    }


def group_of(path: str) -> str:
    """Operations are listed with the others of their first segment."""
    return path.strip("/").split("/")[0].replace("-", " ").replace("_", " ").capitalize() or "Desk"


def _with_conventions(path: str, methods: Mapping[str, Any], is_told_once: bool) -> Json:
    return {
        name: _operation(path, name, said, is_told_once) if name in _METHODS and said.get("security") else said
        for name, said in methods.items()
    }


def _operation(path: str, method: str, said: Mapping[str, Any], is_told_once: bool) -> Json:
    added = _headers(method, is_told_once)
    responses = {status: _as_problem(status, answer) for status, answer in said["responses"].items()}
    for status, meaning in _ALWAYS.items():
        responses.setdefault(status, _problem(meaning))
    if "{" in path:
        responses.setdefault("404", _problem("There is no such thing."))
    responses = {**responses, "429": _problem("The token has used up its requests.", _RETRY_AFTER)}
    if method == "get":
        responses["304"] = {"description": "You have it already.", "headers": _ETAG}
        if "200" in responses:
            responses["200"] = {**responses["200"], "headers": {**responses["200"].get("headers", {}), **_ETAG}}
    else:
        responses["412"] = _problem("It has changed since you read it.")
    if method == "post" and not is_told_once:
        responses["422"] = _problem("The Idempotency-Key was used for another request.")
        responses.setdefault("409", _problem("The same request is under way, or its answer was lost."))
    return {
        **said,
        "tags": [group_of(path)],
        "parameters": [*said.get("parameters", ()), *added],
        "responses": dict(sorted(responses.items())),
    }


def _headers(method: str, is_told_once: bool) -> list[Json]:
    if method == "get":
        return [_IF_NONE_MATCH]
    return [_IDEMPOTENCY_KEY, _IF_MATCH] if method == "post" and not is_told_once else [_IF_MATCH]


def _as_problem(status: str, answer: Json) -> Json:
    """Every refusal is a problem document, whatever its route says of it."""
    return _problem(answer["description"], answer.get("headers")) if status >= "400" else answer


def _problem(description: str, headers: Mapping[str, Any] | None = None) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
    return {"description": description, "content": content, **({"headers": dict(headers)} if headers else {})}


def _bodies(schema: Mapping[str, Any]) -> Iterator[str]:
    """The names of all JSON bodies. A misspelt member of one is refused: it must not be taken for its absence."""
    for methods in schema["paths"].values():
        for said in methods.values():
            content = said.get("requestBody", {}).get("content", {}) if isinstance(said, Mapping) else {}
            body = content.get("application/json", {}).get("schema", {})
            yield from (one["$ref"].rpartition("/")[2] for one in (body, *body.get("oneOf", ())) if "$ref" in one)


def _strict(shape: Mapping[str, Any]) -> Json:
    return {**shape, "additionalProperties": False} if shape.get("type") == "object" else dict(shape)


def _with_optional_body(path: Mapping[str, Any]) -> Json:
    body = {**path["post"]["requestBody"], "required": False}
    return {**path, "post": {**path["post"], "requestBody": body}}


def _forms(draft_request: Mapping[str, Any]) -> Json:
    """For the agent: nothing or feedback. By hand: subject and text together, or only what stands around them."""
    fields = draft_request["properties"]
    by_hand = {name: {**fields[name], "type": "string"} for name in ("subject", "body")}
    for field in by_hand.values():
        field.pop("oneOf", None)
    worded = ("feedback", "subject", "body")
    around = {name: field for name, field in fields.items() if name not in worded}
    around["revision"] = {**fields["revision"], "minimum": 0}
    forms = (
        {"properties": {"feedback": fields["feedback"]}},
        {"properties": {**by_hand, **around}, "required": ["subject", "body"]},
        {"properties": around, "required": ["revision"]},
    )
    closed = [{"type": "object", "additionalProperties": False, **form} for form in forms]
    return {"title": draft_request["title"], "description": DraftRequest.__doc__, "anyOf": closed}
