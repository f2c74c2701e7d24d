"""What `doctor` looks at of each mailbox: its permission, what that covers, and whether mail can really be read."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from entrypoints.examining import Check, Says
from entrypoints.settings import Settings
from entrypoints.wiring import Parts
from tickets.accounting import in_words
from tickets.boards import MailboxLine, MailboxState
from tickets.connecting import GMAIL
from tickets.errors import Disconnected, Unavailable

NETWORK_S: Final = 60.0
TESTING_ENDS_AFTER: Final = timedelta(days=7)
LOCAL_KINDS: Final = frozenset({"maildir"})


def mailbox_checks(parts: Parts, line: MailboxLine, *, is_offline: bool) -> list[Check]:
    """Every check of one mailbox, under its address."""
    checks = []
    if line.kind == GMAIL and line.state is not MailboxState.DISCONNECTED:
        checks.append(Check(f"{line.address} permission", lambda: _permission(parts, line, is_offline), NETWORK_S))
    return [*checks, Check(line.address, lambda: _reading(parts, line, is_offline), NETWORK_S)]


async def _permission(parts: Parts, line: MailboxLine, is_offline: bool) -> Says:
    """The token is renewed for real, which also tells what it covers."""
    token = await parts.mailboxes.refresh_token(line.id)
    if token is None:
        return False, "there is none; press Connect on the Mailboxes page, or run `communication-agent connect gmail`"
    age = await _age(parts, line)
    if is_offline:
        return True, f"{age}; not tried (--offline)"
    granted = await asyncio.to_thread(_granted, parts.settings, token, age)
    from adapters.google_oauth import SCOPE

    if SCOPE not in granted:
        return False, f"does not cover {SCOPE}; reconnect it and leave every box ticked"
    return True, f"works and covers what is needed; {age}"


def _granted(settings: Settings, token: str, age: str) -> frozenset[str]:
    from adapters.chat_probe import without_credentials
    from entrypoints.google import oauth_of

    try:
        return oauth_of(settings).granted(token)
    except Disconnected as error:
        raise Disconnected(
            f"Google withdrew it (invalid_grant; {age}). Its owner removed it or changed the password, it was not used "
            "for six months, or the application is External and in Testing, which ends it after seven days. Press "
            "Reconnect on the Mailboxes page; nothing is lost."
        ) from error
    except Unavailable as error:
        raise Unavailable(
            f"The token endpoint {without_credentials(settings.google_token_url)} did not renew the access "
            f"({type(error.__cause__ or error).__name__}). Check the network, and CA_GOOGLE_TOKEN_URL if it is set."
        ) from error


async def _age(parts: Parts, line: MailboxLine) -> str:
    given_at = await parts.mailboxes.connected_at(line.id)
    if given_at is None:
        return "when it was given is not on record"
    age = parts.services.clock.now() - given_at
    is_past_testing = " (so it outlived the seven days of an application in Testing)"
    return f"given {in_words(age)} ago{is_past_testing if age > TESTING_ENDS_AFTER else ''}"


async def _reading(parts: Parts, line: MailboxLine, is_offline: bool) -> Says:
    """Opens it and looks for something new, as a sync does, without keeping anything."""
    if line.state is MailboxState.DISCONNECTED:
        return True, "off the desk, as an administrator wished"
    if line.paused_at is not None:
        return True, "paused, as an administrator wished"
    last = f"last good sync {in_words(parts.services.clock.now() - line.last_ok_at)} ago" if line.last_ok_at else ""
    if is_offline and line.kind not in LOCAL_KINDS:
        is_ok = line.state is MailboxState.OK
        return is_ok, (last or "not synced yet") if is_ok else line.detail or "could not be read"
    listed = await _listed(parts, line)
    said = f"ok, {listed} new" if listed else "ok"
    if line.progress:
        said = f"{'full' if last else 'first'} sync under way: {line.progress.done:,} of {line.progress.total:,}"
    return True, f"{said}; {last}" if last else said


async def _listed(parts: Parts, line: MailboxLine) -> int:
    """How many mails the first look names that the desk does not know; none of them is fetched."""
    found: set[str] = set()

    async def unknown(ids: Sequence[str]) -> frozenset[str]:
        found.update(await parts.store.unknown_provider_ids(line.id, ids))
        return frozenset()

    mailbox = await parts.sync.open_mailbox(line.id)
    record = next(record for record in await parts.store.mailboxes() if record.id == line.id)
    async with aclosing(mailbox.changes(record.cursor, unknown)) as portions:  # type: ignore[type-var]
        async for _ in portions:
            break
    return len(found)
