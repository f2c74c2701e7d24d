"""A scripted OpenAI-compatible server: a language model for tests and development that says what it is told to say.

    with RunningModel() as model:
        model.script(Fault.RATE_LIMIT, answer({"body": "Hello"}))   # the next two requests; then the default again
        ...                                                         # point a ChatModel at model.base_url

`python -m entrypoints.scripted_model --port 9001` runs it alone; `POST /script` with `{"next": ["rate_limit"]}` or
`{"always": "timeout"}` scripts it from outside, `GET /requests` shows what it was asked.
"""

import argparse
import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

from entrypoints.scripted_answers import default_answer

_BODY_LIMIT: Final = 5_000_000
_LONGEST_SILENCE_S: Final = 600.0
_DRIP_S: Final = 0.05


class Fault(StrEnum):
    """What can go wrong instead of an answer."""

    TIMEOUT = "timeout"  # says nothing until the client or the server gives up
    DRIP = "drip"  # begins to answer and never ends: a blank every now and then
    RATE_LIMIT = "rate_limit"  # 429
    SERVER_ERROR = "server_error"  # 500
    UNAUTHORIZED = "unauthorized"  # 401
    NO_SCHEMAS = "no_schemas"  # 400, as servers answer that do not know `response_format`
    GARBAGE = "garbage"  # 200, and the body is no JSON
    NO_JSON = "no_json"  # a proper completion whose content is prose
    TRUNCATED = "truncated"  # half an answer, finish_reason=length
    REFUSAL = "refusal"
    TOOL_CALL = "tool_call"  # a tool call and no content
    ANSWER_AND_TOOL_CALL = "answer_and_tool_call"
    EMPTY = "empty"
    HANG_UP = "hang_up"  # closes the connection without a word


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of one completion, word for word, or in parts as some servers send it."""

    content: str | Sequence[Mapping[str, str]]


def answer(fields: Mapping[str, Any]) -> Answer:
    """An answer with these fields as JSON. Fields that the step needs and that are missing stay missing."""
    return Answer(json.dumps(fields, ensure_ascii=False))


_Reply = Fault | Answer


@dataclass
class Script:
    """What the server says next, and all that it was asked. Safe to use from any thread."""

    next: deque[_Reply] = field(default_factory=deque)
    always: _Reply | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: dict[str, Any], key: str) -> _Reply | None:
        """Note the request and pick what to say; None is the default answer."""
        with self.lock:
            self.requests.append(request)
            self.keys.append(key)
            return self.next.popleft() if self.next else self.always


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Script

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what some of the faults are for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        asked = json.loads(self.rfile.read(min(length, _BODY_LIMIT)) or b"{}")
        if self.path.endswith("/chat/completions"):
            self._complete(asked)
        elif self.path == "/script":
            self._rewrite_script(asked)
        else:
            self._send(404, {"error": {"message": "no such path"}})

    def do_GET(self) -> None:
        if self.path == "/requests":
            self._send(200, self.server.script.requests)
        elif self.path.endswith("/models"):
            self._send(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        else:
            self._send(404, {"error": {"message": "no such path"}})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Silence: requests hold mails."""

    def _rewrite_script(self, asked: dict[str, Any]) -> None:
        script = self.server.script
        with script.lock:
            script.next.extend(_reply_from(wanted) for wanted in asked.get("next", []))
            if "always" in asked:
                script.always = _reply_from(asked["always"]) if asked["always"] else None
        self._send(200, {"next": len(script.next)})

    def _complete(self, asked: dict[str, Any]) -> None:
        said = self.server.script.take(asked, self.headers.get("authorization", "").removeprefix("Bearer "))
        if isinstance(said, Fault) and said in _ERRORS:
            status, message = _ERRORS[said]
            self._send(status, {"error": {"message": message, "type": "scripted", "code": said}})
        elif said is Fault.TIMEOUT:
            self.server.script.stopped.wait(_LONGEST_SILENCE_S)
        elif said is Fault.DRIP:
            self._drip()
        elif said is Fault.GARBAGE:
            self._send_bytes(200, b"<html>\x00 502 Bad Gateway {{{")
        elif said is not Fault.HANG_UP:
            self._send(200, _completion(asked, said))

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        while not self.server.script.stopped.wait(_DRIP_S):
            self.wfile.write(b" ")

    def _send(self, status: int, payload: Any) -> None:
        self._send_bytes(status, json.dumps(payload).encode())

    def _send_bytes(self, status: int, payload: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


_ERRORS: Final = {
    Fault.RATE_LIMIT: (429, "too many requests"),
    Fault.SERVER_ERROR: (500, "the server had an error"),
    Fault.UNAUTHORIZED: (401, "wrong key"),
    Fault.NO_SCHEMAS: (400, "response_format is not supported"),
}
_TOOL_CALL: Final = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "send_mail", "arguments": '{"to": "somebody@else.example"}'},
}


def _reply_from(wanted: Any) -> _Reply:
    return Fault(wanted) if isinstance(wanted, str) else answer(wanted)


def _completion(asked: dict[str, Any], said: _Reply | None) -> dict[str, Any]:
    message, finish_reason = _message(asked, said)
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": asked.get("model", "scripted"),
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }


def _message(asked: dict[str, Any], said: _Reply | None) -> tuple[dict[str, Any], str]:
    content = said.content if isinstance(said, Answer) else json.dumps(default_answer(asked), ensure_ascii=False)
    match said:
        case Fault.NO_JSON:
            return {"content": "Sure! Here is what I think about your mail."}, "stop"
        case Fault.TRUNCATED:
            return {"content": content[: len(content) // 2]}, "length"
        case Fault.REFUSAL:
            return {"content": None, "refusal": "I cannot help with that."}, "stop"
        case Fault.TOOL_CALL:
            return {"content": None, "tool_calls": [_TOOL_CALL]}, "tool_calls"
        case Fault.ANSWER_AND_TOOL_CALL:
            return {"content": content, "tool_calls": [_TOOL_CALL]}, "stop"
        case Fault.EMPTY:
            return {"content": ""}, "stop"
        case _:
            return {"content": content}, "stop"


class RunningModel:
    """The server on a free port (or `port`) of this machine, in a thread of its own, for as long as the block lasts."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.script = Script()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        """What `CA_MODEL_BASE_URL` should be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of all requests so far, oldest first."""
        return list(self._server.script.requests)

    @property
    def keys(self) -> list[str]:
        """The bearer keys of all requests so far, oldest first."""
        return list(self._server.script.keys)

    def script(self, *replies: Fault | Answer) -> None:
        """What to say to the next requests, one each; afterwards the default answers again."""
        self._server.script.next.extend(replies)

    def always(self, reply: Fault | Answer | None) -> None:
        """What to say whenever nothing else is scripted; None for the default answers."""
        self._server.script.always = reply

    def __enter__(self) -> "RunningModel":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.script.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible model.")
    parser.add_argument("--port", type=int, default=9001)
    with RunningModel(parser.parse_args().port) as model:
        print(f"CA_MODEL_BASE_URL={model.base_url}", flush=True)  # noqa: T201 - the console is its only user
        threading.Event().wait()


if __name__ == "__main__":
    main()
