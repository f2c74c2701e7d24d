"""Adding people, tokens and mailboxes from the console."""

from collections.abc import Collection, Mapping

from adapters.imap_settings import ImapSettings, Passwords
from api.accounts_use import add_operator, create_token
from entrypoints.wiring import Parts
from tickets.audit import AuditEvent, EventKind
from tickets.connecting import Connecting
from tickets.errors import BadInput, MailboxError, NotFound
from tickets.mail import MailboxId
from tickets.people import CONSOLE, Role, Scope


async def new_operator(parts: Parts, email: str, name: str, role: str, password: str) -> None:
    """Raises BadInput, Conflict."""
    now = parts.services.clock.now()
    await add_operator(parts.accounts, email, name, Role(role), password, by=CONSOLE, now=now)


async def new_token(parts: Parts, name: str, scopes: Collection[str]) -> str:
    """The token's text."""
    now = parts.services.clock.now()
    return await create_token(parts.accounts, name, [Scope(scope) for scope in scopes], by=CONSOLE, now=now)


async def end_token(parts: Parts, name: str) -> None:
    """Raises NotFound when no live token has that name."""
    tokens = [token for token in await parts.accounts.tokens() if token.name == name]
    if not tokens:
        raise NotFound(f"There is no token '{name}'.")
    for token in tokens:
        event = AuditEvent(EventKind.TOKEN_REVOKED, CONSOLE.name, parts.services.clock.now(), fields={"name": name})
        await parts.accounts.revoke_token(token.id, event)


async def add_mailbox(
    parts: Parts, kind: str, address: str, settings: Mapping[str, str], refresh_token: str | None = None
) -> None:
    """Add it, or bring it up to date; a fresh permission also ends its disconnection."""
    if "@" not in address.strip("@"):
        raise BadInput("A mailbox needs its e-mail address, like support@example.com.")
    now = parts.services.clock.now()
    event = AuditEvent(EventKind.MAILBOX_ADDED, CONSOLE.name, now, fields={"kind": kind})
    record = await parts.mailboxes.add(kind, address, settings, event)
    if refresh_token:
        on = AuditEvent(EventKind.MAILBOX_CONNECTED, CONSOLE.name, now, fields={"mailbox": str(record.id)})
        await parts.mailboxes.connected(record.id, refresh_token, on)


async def pause(parts: Parts, address: str) -> None:
    """Raises NotFound, Conflict."""
    await _connecting(parts).pause(await _mailbox_called(parts, address), by=CONSOLE)


async def resume(parts: Parts, address: str) -> None:
    """Raises NotFound, Conflict for one that needs its owner's consent."""
    await _connecting(parts).resume(await _mailbox_called(parts, address), by=CONSOLE)


def _connecting(parts: Parts) -> Connecting:
    assert parts.services.connecting is not None, "the wiring always builds it"
    return parts.services.connecting


async def _mailbox_called(parts: Parts, address: str) -> MailboxId:
    for record in await parts.store.mailboxes():
        if record.address.casefold() == address.strip().casefold():
            return record.id
    raise NotFound(f"There is no mailbox {address}. The Mailboxes page lists them all.")


async def add_imap(
    parts: Parts, address: str, changes: Mapping[str, str], password: str, *, is_tried: bool = True
) -> None:
    """Add it, or change only the settings that are named; one without a value goes back to its default.

    Unless told otherwise the login is tried first, and what fails is not kept. Raises BadInput.
    """
    settings = await _imap_settings(parts, address) | dict(changes)
    settings = {name: value for name, value in settings.items() if value}
    read = ImapSettings.read(settings, address)
    if is_tried:
        await _try(read, Passwords.read(password).imap)
    await add_mailbox(parts, "imap", address, settings, password)


async def _imap_settings(parts: Parts, address: str) -> dict[str, str]:
    """Those of the IMAP mailbox with that address; none when there is no such mailbox yet."""
    key = address.strip().casefold()
    known = [record for record in await parts.store.mailboxes() if record.address.casefold() == key]
    return dict(known[0].settings) if known and known[0].kind == "imap" else {}


async def _try(settings: ImapSettings, password: str) -> None:
    from adapters.imap_probe import probe

    try:
        await probe(settings, password)
    except MailboxError as error:
        says = str(error).removesuffix(" It is tried again by itself.")
        raise BadInput(f"Nothing was kept: {says} With --no-check it is kept without being tried.") from error
