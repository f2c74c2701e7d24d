"""Builds what the mailboxes page stands on: the account of received mail, connecting, and the notices of Google."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from api.gmail_guide import redirect_uri
from api.services import VerifyPush
from entrypoints.settings import Settings
from persistence.accounting import SqlAccounting
from persistence.engine import Database
from persistence.mailboxes import SqlMailboxes
from persistence.sealing import Sealer
from persistence.store import SqlStore
from tickets.boards import Boards
from tickets.connecting import Connecting, Consent
from tickets.errors import BadInput
from tickets.ports import Clock
from tickets.reconciliation import Reconciliation
from tickets.sync import OpenMailbox
from tickets.waking import Waking

CONSENTS = "consents"  # what the sealed cookie is sealed for
PATIENCE = 3  # a slow timer must not raise the alarm between two of its looks


def reconciliation_of(settings: Settings, database: Database, boards: Boards, clock: Clock) -> Reconciliation:
    """The account of received mail, which minds silence as the settings say."""
    log: Callable[..., object] = structlog.get_logger().warning
    longest_s = max(settings.sync_alarm_min * 60, PATIENCE * settings.sync_every_s)
    silent_after = timedelta(seconds=longest_s) if settings.sync_alarm_min else None
    return Reconciliation(SqlAccounting(database), boards, clock, silent_after, log)


def connecting_of(
    settings: Settings,
    secret: bytes,
    store: SqlStore,
    mailboxes: SqlMailboxes,
    open_mailbox: OpenMailbox,
    clock: Clock,
    ring: Callable[[str], None],
) -> Connecting:
    """What an administrator does to mailboxes; without an OAuth client it says what is missing."""
    wake_waiting = Waking(store, clock).wake_waiting
    envelope = Sealer(secret, CONSENTS)
    redirect = redirect_uri(settings.site)
    return Connecting(_consent(settings), mailboxes, store, open_mailbox, envelope, clock, redirect, ring, wake_waiting)


def verify_push_of(settings: Settings) -> VerifyPush | None:
    """None while no audience is set. Raises BadInput when only half of it is set."""
    if settings.gmail_push_audience is None:
        return None
    if settings.gmail_push_service_account is None:
        raise BadInput("CA_GMAIL_PUSH_AUDIENCE needs CA_GMAIL_PUSH_SERVICE_ACCOUNT: who signs the notices. Set both.")
    from adapters.google_push import PushVerifier

    return PushVerifier(
        settings.gmail_push_audience, settings.gmail_push_service_account, settings.google_certs_url
    ).address_of


def _consent(settings: Settings) -> Consent | None:
    if not settings.google_client_id or settings.google_client_secret is None:
        return None
    from adapters.google_consent import WebConsent
    from entrypoints.google import oauth_of

    return WebConsent(oauth_of(settings))
