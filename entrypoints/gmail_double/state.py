"""The whole memory of one double, and what a test may do to it from outside."""

import copy
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from entrypoints.gmail_double import seed
from entrypoints.gmail_double.faults import Fault, Faults
from entrypoints.gmail_double.grants import MODIFY, Consent, Grant, Grants
from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.ledger import Accepted, Ledger
from entrypoints.gmail_double.mailbox import Mailbox, Message
from entrypoints.gmail_double.quota import Quota
from entrypoints.gmail_double.signer import Signer
from entrypoints.gmail_double.source import Stored

DEFAULT_REFRESH_TOKEN = "double-refresh-token"  # noqa: S105


@dataclass
class World:
    """What a snapshot keeps: mail, tokens, spent quota and the clock's offset."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    quota: Quota = field(default_factory=Quota)
    clock_offset_ms: int = 0


class Double:
    """One pretended Google. Its methods may be called from any thread while the server runs."""

    def __init__(
        self,
        *,
        ledger: Path | None = None,
        units_per_minute: int | None = None,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[str], str] = lambda prefix: prefix + secrets.token_urlsafe(24),
    ) -> None:
        self.lock = threading.RLock()
        self._units_per_minute = units_per_minute
        self.world = World(quota=Quota(units_per_minute))
        self.sent = Ledger(ledger)
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.signer = Signer()
        self.new_token = new_token
        self._clock = clock
        self._snapshots: dict[str, World] = {}

    @property
    def grants(self) -> Grants:
        return self.world.grants

    def now_ms(self) -> int:
        """Milliseconds since 1970 by the double's own, movable clock."""
        return int(self._clock() * 1000) + self.world.clock_offset_ms

    def mailbox(self, account: str) -> Mailbox:
        """The mailbox of an address; KeyError when there is no such account."""
        return self.world.mailboxes[account.casefold()]

    def account_or_first(self, hint: str) -> str | None:
        """The hinted account if it exists, else the first one (as a person may pick another)."""
        known = self.world.mailboxes.get(hint.casefold())
        first = next(iter(self.world.mailboxes.values()), None)
        chosen = known or first
        return chosen.address if chosen else None

    def add_account(
        self,
        address: str,
        refresh_token: str = DEFAULT_REFRESH_TOKEN,
        scopes: Iterable[str] = (MODIFY,),
    ) -> None:
        """Make the account (kept if it exists) and a refresh token that works for every client."""
        with self.lock:
            self.world.mailboxes.setdefault(address.casefold(), Mailbox(address))
            self.grants.refresh[refresh_token] = Grant(address, "", tuple(scopes))

    def access_token(self, account: str, scopes: Iterable[str] = (MODIFY,)) -> str:
        """A valid access token, without asking the token endpoint."""
        with self.lock:
            grant = Grant(self.mailbox(account).address, "", tuple(scopes))
            return self.grants.issue_access(grant, self.now_ms(), self.new_token)

    def receive(
        self,
        account: str,
        raw: bytes,
        labels: Iterable[str] = ("INBOX", "UNREAD"),
        thread_id: str | None = None,
        at_ms: int | None = None,
    ) -> Message:
        """Let a mail arrive (now, unless told); it joins a thread as Gmail would, unless one is given."""
        with self.lock:
            mailbox, source = self.mailbox(account), Stored(raw)
            thread = thread_id or mailbox.thread_for(source)
            return mailbox.add(source, tuple(labels), self.now_ms() if at_ms is None else at_ms, thread)

    def seed(self, account: str, count: int, every_s: int = 60) -> None:
        """A backlog of `count` made-up mails, the newest arriving now."""
        with self.lock:
            seed.fill(self.mailbox(account), count, self.now_ms(), every_s)

    def seed_folder(self, account: str, folder: Path, every_s: int = 60) -> int:
        """The .eml files of a folder in the order of their names, the last arriving now; their number."""
        with self.lock:
            return seed.load(self.mailbox(account), folder, self.now_ms(), every_s)

    def fault(
        self,
        route: str,
        kind: str,
        times: int = 1,
        account: str | None = None,
        skip: int = 0,
        retry_after_s: int | None = None,
    ) -> None:
        """Make the next calls of a route fail; see `faults.effect_of` for the kinds."""
        with self.lock:
            self.faults.add(Fault(route, kind, times, account, skip, retry_after_s))

    def clear_faults(self) -> None:
        """Let every call and every history listing work again."""
        with self.lock:
            self.faults.clear()
            for mailbox in self.world.mailboxes.values():
                mailbox.history.fault = None

    def history_floor(self, account: str, history_id: int | None = None) -> int:
        """Forget the history below an id (default: all so far); older start ids now give 404."""
        with self.lock:
            history = self.mailbox(account).history
            history.floor = history.next_id() if history_id is None else history_id
            return history.floor

    def history_fault(self, account: str, fault: HistoryFault | None) -> None:
        with self.lock:
            self.mailbox(account).history.fault = fault

    def revoke(self, account: str) -> None:
        """The owner withdraws access: every token of the account is invalid from now on."""
        with self.lock:
            self.grants.revoke_account(self.mailbox(account).address)

    def expire_access(self, account: str) -> None:
        """Access tokens end now; refresh tokens stay good."""
        with self.lock:
            self.grants.expire_access(self.mailbox(account).address)

    def next_consent(self, consent: Consent) -> None:
        """How the next consent page is answered."""
        with self.lock:
            self.grants.next_consent = consent

    def take_consent(self) -> Consent:
        consent, self.grants.next_consent = self.grants.next_consent, Consent()
        return consent

    def move_clock(self, offset_s: float) -> None:
        """Set how far the double's clock is ahead of the real one."""
        with self.lock:
            self.world.clock_offset_ms = int(offset_s * 1000)

    def limit(self, units_per_minute: int | None, status: int = 429) -> None:
        """Start (or with None end) counting quota units; `status` is 429 or 403."""
        with self.lock:
            self.world.quota = Quota(units_per_minute, status)

    def ledger(self) -> list[Accepted]:
        """The mails accepted for sending, oldest first."""
        with self.lock:
            return list(self.sent.lines)

    def snapshot(self, name: str = "default") -> None:
        with self.lock:
            self._snapshots[name] = copy.deepcopy(self.world)

    def restore(self, name: str = "default") -> None:
        """Return mail, tokens and clock to a snapshot; KeyError without one. The ledger goes on."""
        with self.lock:
            self.world = copy.deepcopy(self._snapshots[name])

    def reset(self) -> None:
        """Forget everything except the ledger's file and the snapshots."""
        with self.lock:
            self.world = World(quota=Quota(self._units_per_minute))
            self.faults.clear()
            self.requests.clear()
            self.sent.forget()
