"""Mail to send and receive, and the Google client library pointed at a double."""

import base64
import http.client
import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import googleapiclient.discovery_cache
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient import discovery
from googleapiclient.errors import HttpError

SUPPORT = "support@helios.example"


def google_service(url: str, access_token: str) -> Any:
    """The Gmail service of the real client, its static discovery document aimed at `url`."""
    documents = Path(googleapiclient.discovery_cache.__file__).parent / "documents"
    document = json.loads((documents / "gmail.v1.json").read_text("utf-8"))
    document["rootUrl"] = f"{url}/"
    build: Any = discovery.build_from_document  # type: ignore[attr-defined]  # the stubs leave it out
    return build(document, credentials=Credentials(access_token))  # type: ignore[no-untyped-call]


def mail(subject: str = "Inverter", text: str = "It beeps.", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = headers.pop("sender", "Ada <ada@customers.example>")
    message["To"] = headers.pop("to", SUPPORT)
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def reply_to(message_id: str, subject: str = "Re: Inverter") -> bytes:
    return mail(
        subject,
        "Please restart it.",
        sender=SUPPORT,
        to="ada@customers.example",
        Message_ID="<ours@helios.example>",
        In_Reply_To=message_id,
        References=message_id,
        X_CA_Send_Id="send-1",
    )


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def a_draft(client: Any, raw: bytes, thread_id: str | None = None) -> Any:
    message = {"raw": encoded(raw)} | ({"threadId": thread_id} if thread_id else {})
    return client.drafts().create(userId="me", body={"message": message}).execute()


def refused(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str]:
    """Status and reason of Google's refusal."""
    return error.value.resp.status, json.loads(error.value.content)["error"]["errors"][0]["reason"]


def call_once(
    url: str, token: str, verb: str, path: str, body: dict[str, Any] | None = None, timeout_s: float = 10
) -> int:
    """The status of one API call by a client that never repeats anything."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(verb, f"/gmail/v1/users/me/{path}", json.dumps(body) if body else None, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def post(url: str, body: dict[str, Any]) -> Any:
    with urlopen(Request(url, json.dumps(body).encode(), method="POST")) as answer:
        return json.load(answer)
