"""The commands around mailboxes: adding, connecting, the guide, and importing mail from archives."""

import sys
from pathlib import Path
from typing import Any

import click

from entrypoints.cli_base import fail, settings_of, with_parts


@click.group()
def mailbox() -> None:
    """Mailboxes of the desk."""


@mailbox.group("add")
def mailbox_add() -> None:
    """Add a mailbox."""


@mailbox_add.command("maildir")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--address", required=True, help="The mailbox's e-mail address.")
@click.option("--authserv-id", help="Name with which your own mail server signs Authentication-Results.")
def add_maildir(path: Path, address: str, authserv_id: str | None) -> None:
    """A folder of mail in Maildir format."""
    from adapters.maildir import FOLDERS
    from entrypoints.accounts import add_mailbox

    if not all((path / folder).is_dir() for folder in FOLDERS):
        fail(f"{path} is no Maildir: it needs the folders {' and '.join(FOLDERS)}. Create them, then add it again.")
    settings = {"path": str(path.resolve())} | ({"authserv_id": authserv_id} if authserv_id else {})
    with_parts(lambda parts: add_mailbox(parts, "maildir", address, settings))
    click.echo(f"Added {address}.")


@mailbox_add.command("gmail")
@click.option("--address", required=True, help="The account's e-mail address.")
@click.option("--refresh-token-stdin", is_flag=True, required=True, help="Read an existing refresh token from stdin.")
def add_gmail(address: str, refresh_token_stdin: bool) -> None:
    """A Gmail account whose refresh token you have already; otherwise use `connect gmail`."""
    from entrypoints.accounts import add_mailbox

    token = sys.stdin.read().strip()
    if not token:
        fail("No refresh token came on standard input. Pipe it in, or use `communication-agent connect gmail`.")
    with_parts(lambda parts: add_mailbox(parts, "gmail", address, {}, token))
    click.echo(f"Added {address}.")


@mailbox_add.command("imap")
@click.option("--address", required=True, help="The mailbox's e-mail address.")
@click.option("--imap-host", help="The server it is read from; needed the first time.")
@click.option("--smtp-host", help="The server it sends by; the same one when not given.")
@click.option("--username", help="The name to log in with; the address when not given.")
@click.option(
    "--set",
    "more",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any other setting of docs/imap.md; may be repeated. `NAME=` takes it back.",
)
@click.option("--no-check", is_flag=True, help="Keep it without trying the login.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def add_imap(more: tuple[str, ...], address: str, no_check: bool, password_stdin: bool, **given: str | None) -> None:
    """An account with IMAP and SMTP submission. Run it again to change only what is named."""
    from entrypoints.accounts import add_imap as add

    password = sys.stdin.read().rstrip("\r\n")
    if not password:
        fail("No password came on standard input. Pipe it in.")
    changes = {name: value for name, value in given.items() if value} | _named(more)
    with_parts(lambda parts: add(parts, address, changes, password, is_tried=not no_check))
    click.echo(f"Added {address}.")


@mailbox.command("pause")
@click.argument("address")
def pause_mailbox(address: str) -> None:
    """Fetch nothing from ADDRESS until it is resumed; approved replies still leave."""
    from entrypoints.accounts import pause

    with_parts(lambda parts: pause(parts, address))
    click.echo(f"Paused {address}. Nothing is fetched; approved replies still leave.")


@mailbox.command("resume")
@click.argument("address")
def resume_mailbox(address: str) -> None:
    """Read ADDRESS again, from where it was paused or taken off the desk."""
    from entrypoints.accounts import resume

    with_parts(lambda parts: resume(parts, address))
    click.echo(f"{address} is read again, with the next sync.")


def _named(more: tuple[str, ...]) -> dict[str, str]:
    """What --set says; BadInput for what is no setting."""
    from adapters.imap_settings import require_known

    if wrong := [each for each in more if "=" not in each]:
        fail(f"--set {wrong[0]} needs a value: NAME=VALUE, or NAME= to take it back.")
    named = {name.strip(): value.strip() for name, _, value in (each.partition("=") for each in more)}
    require_known(named)
    return named


@click.group()
def connect() -> None:
    """Authorise the desk to use a mailbox."""


@connect.command("gmail")
@click.option("--address", help="The account to connect; any other is then refused.")
def connect_gmail(address: str | None) -> None:
    """Open Google's consent page in a browser and keep the permission, sealed."""
    from entrypoints.accounts import add_mailbox
    from entrypoints.google import oauth_of

    settings, _ = settings_of()
    oauth = oauth_of(settings)
    token = oauth.connect(address, lambda url: click.echo(f"Open this in a browser here:\n\n{url}\n"))
    account = address or oauth.address_of(token)
    with_parts(lambda parts: add_mailbox(parts, "gmail", account, {}, token))
    click.echo(f"Connected {account}.")


@click.group()
def guide() -> None:
    """Step by step from nothing to a working part."""


@guide.command("gmail")
def guide_gmail() -> None:
    """From no Google project to a connected Gmail account, with this desk's own addresses."""
    from api.gmail_guide import as_text

    settings, _ = settings_of()
    for line in as_text(settings.site):
        click.echo(line)


@click.command("import")
@click.argument("kind", type=click.Choice(["mbox", "maildir"]))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--mailbox", "address", required=True, help="The mailbox of the desk that the mail belongs to.")
@click.option(
    "--answer-newer-than",
    "days",
    type=click.FloatRange(min=0),
    default=7.0,
    show_default=True,
    help="Days; older conversations become closed tickets, without a draft.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be read.")
def import_archive(kind: Any, path: Path, address: str, days: float, dry_run: bool) -> None:
    """Mail from an mbox or a Maildir becomes history at the desk."""
    from entrypoints.imports import bars, import_mail, summary

    with bars() as shown:
        report = with_parts(
            lambda parts: import_mail(
                parts, path, kind, address, report=shown, answer_newer_than_days=days, dry_run=dry_run
            )
        )
    for line in summary(report, dry_run=dry_run):
        click.echo(line)
