"""The whole memory of one double, and what a test may do to it from outside."""

import copy
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from entrypoints.gmail_double import seed
from entrypoints.gmail_double.delivery import Treatment, follow_up
from entrypoints.gmail_double.faults import Fault, Faults
from entrypoints.gmail_double.grants import MODIFY, Consent, Grant, Grants
from entrypoints.gmail_double.happenings import Happening, Happenings
from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.ledger import Accepted, Ledger
from entrypoints.gmail_double.mailbox import Mailbox, Message, SendAs
from entrypoints.gmail_double.push import Notice, Pusher, Subscription
from entrypoints.gmail_double.quota import Quota
from entrypoints.gmail_double.signer import Signer
from entrypoints.gmail_double.source import Stored
from entrypoints.gmail_double.world import World

DEFAULT_REFRESH_TOKEN = "double-refresh-token"  # noqa: S105


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
        self.happenings = Happenings()
        self.requests: Counter[str] = Counter()
        self.treatments: dict[str, Treatment] = {}
        self.signer = Signer()
        self.pusher = Pusher(self.signer)
        self.subscription: Subscription | None = None
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
            message = mailbox.add(source, tuple(labels), self.now_ms() if at_ms is None else at_ms, thread)
            self.settle()
            return message

    def recipient(self, address: str, treatment: Treatment) -> None:
        """How mail to this address fares from now on."""
        with self.lock:
            self.treatments[address.casefold()] = treatment

    def dispatch(self, account: str, sent: Message, recipients: Iterable[str]) -> None:
        """Let a mail that left have its consequences."""
        self.world.due += follow_up(account, sent, recipients, self.treatments, self.world.mailboxes)

    def settle(self) -> None:
        """Let happen what follows by itself: mail that is due arrives, and those who watch are told."""
        now_ms = self.now_ms()
        ripe = [due for due in self.world.due if due.at_ms <= now_ms]
        self.world.due = [due for due in self.world.due if due.at_ms > now_ms]
        for due in ripe:
            mailbox, source = self.mailbox(due.account), Stored(due.raw)
            thread_id = due.thread_id if due.thread_id in mailbox.threads else mailbox.thread_for(source)
            mailbox.add(source, seed.ARRIVED, now_ms, thread_id)
        for mailbox in self.world.mailboxes.values():
            news = mailbox.news(now_ms)
            if news is not None and self.subscription:
                self.pusher.push(self.subscription, Notice(mailbox.address, news), now_ms // 1000)

    def subscribe(self, subscription: Subscription | None) -> None:
        """Post the changes of watched mailboxes to a webhook, or with None no longer."""
        with self.lock:
            self.subscription = subscription

    def notice(self, account: str, kind: str = "good") -> None:
        """Post one notice now, whatever has happened; see `push.KINDS`. ValueError without a subscription."""
        with self.lock:
            if self.subscription is None:
                raise ValueError("nobody is subscribed: say first where notices go")
            mailbox = self.mailbox(account)
            notice = Notice(mailbox.address, mailbox.history.last_id, kind)
            self.pusher.push(self.subscription, notice, self.now_ms() // 1000)

    def seed(self, account: str, count: int, every_s: int = 60, replies_every: int = 0) -> None:
        """A backlog of `count` made-up mails, the newest arriving now; see `seed.fill`."""
        with self.lock:
            seed.fill(self.mailbox(account), count, self.now_ms(), every_s, replies_every)

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
        of: str | None = None,
        in_batch: bool | None = None,
    ) -> None:
        """Make the next calls of a route fail; see `faults.effect_of` for the kinds, `Fault` for the choice."""
        with self.lock:
            self.faults.add(Fault(route, kind, times, account, skip, retry_after_s, of, in_batch))

    def clear_faults(self) -> None:
        """Let every call and every history listing work again; nothing more happens between calls."""
        with self.lock:
            self.faults.clear()
            self.happenings.clear()
            for mailbox in self.world.mailboxes.values():
                mailbox.history.fault = None

    def after(
        self, route: str, act: Callable[[], None], *, account: str | None = None, skip: int = 0, times: int = 1
    ) -> None:
        """Do something once the answer to a call of the route is made, before the next call is read.

        With `skip=2` on `messages.list` that is between page 3 and page 4. Calls that fail are not counted.
        """
        with self.lock:
            self.happenings.add(Happening(route, act, account, skip, times))

    def expire_page_tokens(self, account: str) -> None:
        """Listings under way cannot go on: their page tokens give 400."""
        with self.lock:
            self.mailbox(account).page_tokens.expire()

    def add_send_as(self, account: str, alias: SendAs) -> None:
        """Let the account have one more address to write as, confirmed or still waiting for that."""
        with self.lock:
            self.mailbox(account).add_send_as(alias)

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

    def limit(self, units_per_minute: int | None, status: int = 429, prices: Mapping[str, int] | None = None) -> None:
        """Start (or with None end) counting quota units; `status` is 429 or 403, `prices` differ from UNITS."""
        with self.lock:
            self.world.quota = Quota(units_per_minute, status, dict(prices or {}))

    def rotate_refresh_tokens(self, rotates: bool = True) -> None:
        """Give a new refresh token with each access token, the old one then being of no use."""
        with self.lock:
            self.grants.rotates = rotates

    def ask_people(self, asks: bool = True) -> None:
        """Show a page to choose account and permissions on, instead of consenting at once."""
        with self.lock:
            self.grants.asks_people = asks

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
            self.happenings.clear()
            self.requests.clear()
            self.sent.forget()
            self.treatments.clear()
            self.subscription = None
            self.pusher.done.clear()
