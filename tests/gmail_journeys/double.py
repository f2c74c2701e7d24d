"""The Gmail double as a process of its own, as the outside world sees it: mail arrives, calls fail, mails have left."""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from entrypoints.gmail_double.ledger import Accepted, read_ledger

Json = dict[str, Any]


@dataclass
class DoubleProcess:
    """`python -m entrypoints.gmail_double`. What it has sent is read from its ledger's file, never from our tables."""

    ledger: Path
    url: str = ""
    process: subprocess.Popen[str] | None = None
    bearers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        words = ("-m", "entrypoints.gmail_double", "--port", "0", "--ledger", str(self.ledger))
        self.process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://"), "the double did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def control(self, verb: str, asked: Json | None = None, method: str = "POST") -> Json:
        """One call under /_double/."""
        return self._call(method, f"/_double/{verb}", asked)

    def account(self, address: str, refresh_token: str | None = None) -> "Account":
        """An account of the double; it is made if it is new."""
        token = refresh_token or f"refresh-{address}"
        made = self.control("accounts", {"address": address, "refresh_token": token})
        return Account(self, address, token, made["access_token"])

    def heal(self) -> None:
        """Every call works again."""
        self.control("faults", method="DELETE")

    def accepted(self) -> list[Accepted]:
        """Every mail that was accepted for sending, by the file."""
        return read_ledger(self.ledger)

    def _call(self, method: str, path: str, asked: Json | None, bearer: str = "") -> Json:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if asked is None else json.dumps(asked).encode(),
            headers={"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: Json = json.loads(answer.read() or b"{}")
            return found


@dataclass(frozen=True)
class Account:
    """One account: its owner's browser, the mail that reaches it and the mail that left it."""

    double: DoubleProcess
    address: str
    refresh_token: str
    bearer: str

    def receive(self, mail: EmailMessage | bytes, *labels: str, thread_id: str | None = None) -> Json:
        """A mail arrives; its `id` and `threadId`."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        asked: Json = {"account": self.address, "raw": base64.urlsafe_b64encode(raw).decode(), "thread_id": thread_id}
        return self.double.control("receive", asked | {"labels": labels or ("INBOX", "UNREAD")})

    def fault(self, route: str, kind: str, times: int = 1, **more: int) -> None:
        """The next calls of the route by this account fail."""
        self.double.control("faults", {"route": route, "kind": kind, "times": times, "account": self.address, **more})

    def forget_history(self) -> None:
        """All history so far is too old to be listed."""
        self.double.control("history_floor", {"account": self.address})

    def revoke(self) -> None:
        """The owner withdraws the permission."""
        self.double.control("revoke", {"account": self.address})

    def accepted(self) -> list[Accepted]:
        """What left from this account, oldest first."""
        return [line for line in self.double.accepted() if line.account == self.address]

    def sent(self) -> list[EmailMessage]:
        """The mails that left, as their recipients read them."""
        return [self.mail(line.gmail_id) for line in self.accepted()]

    def sent_to(self, address: str) -> list[Accepted]:
        """What left for one customer."""
        return [line for line in self.accepted() if address in line.to]

    def mail(self, gmail_id: str) -> EmailMessage:
        """One mail of the account."""
        raw = self.api("GET", f"messages/{gmail_id}", format="raw")["raw"]
        return message_from_bytes(base64.urlsafe_b64decode(raw + "=="), policy=policy.default)

    def drafts(self) -> list[str]:
        """The ids of the drafts that lie there."""
        return [draft["id"] for draft in self.api("GET", "drafts").get("drafts", [])]

    def edit_draft(self, draft_id: str, mail: EmailMessage) -> None:
        """Somebody changes a draft in Gmail's own window."""
        raw = base64.urlsafe_b64encode(mail.as_bytes()).decode()
        self.api("PUT", f"drafts/{draft_id}", {"message": {"raw": raw}})

    def relabel(self, gmail_id: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Somebody moves a mail in Gmail's own window."""
        self.api("POST", f"messages/{gmail_id}/modify", {"addLabelIds": list(add), "removeLabelIds": list(remove)})

    def api(self, method: str, path: str, asked: Json | None = None, **query: str) -> Json:
        """One call of Gmail's own API as the owner."""
        where = f"/gmail/v1/users/me/{path}?{urlencode(query)}"
        return self.double._call(method, where, asked, self.bearer)
