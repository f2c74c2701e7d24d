"""A Gmail that the contract is held against, seen as one account: what its owner and its clients can do."""

import base64
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import getaddresses
from functools import cached_property
from typing import Any, Final, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from adapters.gmail import GmailMailbox
from adapters.gmail_transport import Backoff
from adapters.google_oauth import GoogleOAuth
from tests.service import eventually
from tickets.mail import Address, MailboxId
from tickets.outbox import OutboxState, Outgoing
from tickets.ticket import DecisionId, TicketId

LIVE: Final = "live"
GOOGLE: Final = "https://gmail.googleapis.com"

T = TypeVar("T")


class OneCallAConnection(HttpRequest):
    """A call on a connection of its own.

    A server closes what was idle for some seconds. Whoever speaks into a kept connection at that moment gets a broken
    pipe, and a test that waits for the desk between two calls would meet it once in a while.
    """

    def execute(self, *arguments: Any, **named: Any) -> Any:
        self.headers["connection"] = "close"
        return super().execute(*arguments, **named)


@dataclass
class Target:
    """One account. `run` stands in every subject, so that one run's mails can be told apart and cleaned away.

    `patience_s` is how long the account's own view of itself may be behind. `consent` is the owner saying yes in a
    browser, and gives the authorization code; nobody does that for a live mailbox.
    """

    name: str
    address: str
    oauth: GoogleOAuth
    refresh_token: str
    api_root: str | None
    adapter_root: str | None
    patience_s: float = 0.0
    consent: Callable[[], str] | None = None
    run: str = field(default_factory=lambda: f"contract{uuid4().hex[:12]}")
    made: list[str] = field(default_factory=list)
    opened: ExitStack = field(default_factory=ExitStack)

    def for_a_run(self) -> "Target":
        """The same account with a mark of its own."""
        return replace(self, run=f"contract{uuid4().hex[:12]}", made=[], opened=ExitStack())

    @cached_property
    def google(self) -> Any:
        """Google's client for this account."""
        return self.google_with(self.oauth.credentials(self.refresh_token))

    @cached_property
    def api(self) -> Any:
        """`users()` of Google's client."""
        return self.google.users()

    def google_with(self, credentials: Any) -> Any:
        """Google's client with other credentials."""
        document = json.loads(get_static_doc("gmail", "v1"))  # type: ignore[no-untyped-call]
        if self.api_root:
            document |= {"rootUrl": f"{self.api_root}/", "baseUrl": f"{self.api_root}/"}
        build: Any = discovery.build_from_document  # type: ignore[attr-defined]  # the stubs leave it out
        service = build(document, credentials=credentials, requestBuilder=OneCallAConnection)
        self.opened.callback(service.close)
        return service

    def mailbox(self) -> GmailMailbox:
        """The product's own adapter for this account."""
        quick = Backoff(attempts=4, first_s=0.001, longest_s=0.05) if self.name != LIVE else Backoff()
        credentials = self.oauth.credentials(self.refresh_token)
        mailbox = GmailMailbox(self.address, credentials, api_root=self.adapter_root, window_days=1, backoff=quick)
        self.opened.callback(mailbox.close)
        return mailbox

    def seen(self, what: Callable[[], T]) -> T:
        """The first true value of `what`; on a live mailbox after as many looks as it takes."""
        return eventually(what, self.patience_s, 1.0) if self.patience_s else what()

    def mail(
        self, subject: str = "Inverter", *headers: str, sender: str | None = None, body: str = "It beeps."
    ) -> bytes:
        """A mail that goes nowhere but to the account itself."""
        head = (
            f"From: {sender or f'Anna <{self.address}>'}",
            f"To: {self.address}",
            f"Subject: {self.titled(subject)}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            *headers,
        )
        return "\r\n".join((*head, "", body, "")).encode()

    def titled(self, subject: str) -> str:
        """The subject with the mark of this run."""
        return f"{subject} {self.run}"

    def put_in(self, raw: bytes, *labels: str) -> Any:
        """A mail arrives; its id and threadId. (It is put in by the owner, so that nobody has to write one.)"""
        body = {"raw": encoded(raw), "labelIds": list(labels or ("INBOX", "UNREAD"))}
        return self._noted(self.api.messages().insert(userId="me", body=body).execute())

    def draft(self, raw: bytes, thread_id: str | None = None) -> Any:
        """A draft; its id and its message."""
        self._goes_nowhere_else(raw)
        message = {"raw": encoded(raw)} | ({"threadId": thread_id} if thread_id else {})
        return self.api.drafts().create(userId="me", body={"message": message}).execute()

    def send(self, draft_id: str, instead: bytes | None = None) -> Any:
        """Send a draft, with these bytes instead of its own if any are given."""
        if instead is not None:
            self._goes_nowhere_else(instead)
        body = {"id": draft_id} | ({"message": {"raw": encoded(instead)}} if instead else {})
        return self._noted(self.api.drafts().send(userId="me", body=body).execute())

    def raw(self, message_id: str) -> bytes:
        """A mail's bytes."""
        got = self.api.messages().get(userId="me", id=message_id, format="raw").execute()
        return base64.urlsafe_b64decode(got["raw"] + "==")

    def found(self, **asked: Any) -> list[str]:
        """The ids that a listing gives."""
        listed = self.api.messages().list(userId="me", **asked).execute()
        return [line["id"] for line in listed.get("messages", [])]

    def status_with(self, bearer: str) -> int:
        """The HTTP status of a harmless call with that access token."""
        url = f"{self.api_root or GOOGLE}/gmail/v1/users/me/labels"
        try:
            with urlopen(Request(url, headers={"Authorization": f"Bearer {bearer}"})) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code

    def history_id(self) -> str:
        """The newest history id, from a place that every Gmail has."""
        received = self.put_in(self.mail("Newest"))
        got = self.api.messages().get(userId="me", id=received["id"], format="minimal").execute()
        return str(got["historyId"])

    def history(self, start: str, **asked: Any) -> Any:
        """The first page of what happened since."""
        return self.api.history().list(userId="me", startHistoryId=start, **asked).execute()

    def reply(self, to: Any = None, message_id: str = "", subject: str = "Inverter") -> Outgoing:
        """An approved reply, addressed to the account itself."""
        send_id = uuid4()
        own_id = f"<{send_id}@{self.address.partition('@')[2]}>"
        parents = (f"In-Reply-To: {message_id}", f"References: {message_id}") if message_id else ()
        headers = (f"Message-ID: {own_id}", *parents, f"X-CA-Send-Id: {send_id}")
        mime = self.mail(f"Re: {subject}", *headers, sender=self.address, body="Please switch it off and on.")
        return outgoing(send_id, own_id, mime, self.address, to["threadId"] if to else None)

    def clean(self) -> None:
        """Throw away what this run has put into a live mailbox; the others end with their process."""
        with self.opened:
            if self.name != LIVE:
                return
            for message_id in self.made:
                status_of(self.api.messages().trash(userId="me", id=message_id).execute)
            for draft in self.api.drafts().list(userId="me", q=self.run).execute().get("drafts", []):
                self.api.drafts().delete(userId="me", id=draft["id"]).execute()
            for message_id in self.found(q=self.run):
                self.api.messages().trash(userId="me", id=message_id).execute()

    def _noted(self, message: Any) -> Any:
        self.made.append(message["id"])
        return message

    def _goes_nowhere_else(self, raw: bytes) -> None:
        """Nothing of this suite may reach anybody but the owner of the mailbox."""
        mail = message_from_bytes(raw)
        named = [str(value) for name in ("To", "Cc", "Bcc") for value in mail.get_all(name, [])]
        addresses = {address.casefold() for _, address in getaddresses(named)}
        assert addresses <= {self.address.casefold()}, f"a mail of this suite is addressed to {addresses}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def status_of(call: Callable[[], Any]) -> int:
    """The HTTP status with which a call is refused; 200 when it is not."""
    try:
        call()
    except HttpError as error:
        return int(error.resp.status)
    return 200


def outgoing(send_id: UUID, message_id: str, mime: bytes, to: str, thread_id: str | None) -> Outgoing:
    """An approved reply as the desk hands it to the mailbox."""
    now = datetime.now(UTC)
    return Outgoing(
        id=send_id,
        decision_id=DecisionId(uuid4()),
        ticket_id=TicketId(uuid4()),
        mailbox_id=MailboxId(uuid4()),
        revision=1,
        work_seq=1,
        state=OutboxState.SENDING,
        due_at=now,
        next_at=now,
        mime=mime,
        message_id=message_id,
        to=(Address("", to),),
        approved_by="anna@helios.example",
        provider_thread_id=thread_id,
    )
