"""The command line: `communication-agent`. Heavy imports wait inside the commands, so that --help is quick."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from entrypoints.wiring import Parts

T = TypeVar("T")

SCOPES = ("tickets:read", "tickets:draft", "tickets:approve", "sync:run", "admin")


class Group(click.Group):
    """Turns our errors into one line that says the next step, and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from tickets.errors import DeskError

        try:
            return super().invoke(ctx)
        except DeskError as error:
            _fail(str(error))
        except UnicodeDecodeError:
            _fail("A settings file is not UTF-8 text. Save .env (or the file that a *_FILE names) as UTF-8.")
        except OSError as error:
            _fail(f"{error.filename or 'A file'}: {error.strerror}. Check the path, its permissions and the disk.")
        except KeyboardInterrupt:
            sys.exit(130)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="communication-agent")
def main() -> None:
    """Answers a company's customer e-mail: tickets, triage, drafts, a human's approval, one reply."""


@main.command()
def serve() -> None:
    """Run the desk: boards, REST API, sync and agent (CA_HOST, CA_PORT)."""
    from entrypoints.serve import serve as run

    settings, environ = _settings()
    asyncio.run(run(settings, environ))


@main.command()
@click.option("--mailbox", "addresses", multiple=True, help="Only this mailbox; may be repeated.")
def sync(addresses: tuple[str, ...]) -> None:
    """Pull new mail once, and let the agent work on it."""

    async def run(parts: "Parts") -> None:
        from entrypoints.console import report_lines
        from entrypoints.progress import with_bars
        from tickets.people import CONSOLE

        reports = await with_bars(parts.boards, lambda: parts.sync.run(set(addresses) or None, by=CONSOLE))
        for report in reports:
            for ticket_id in report.ticket_ids:
                await parts.drive.to_rest(ticket_id)
        for line in report_lines(reports):
            click.echo(line)
        if any(report.error for report in reports):
            sys.exit(1)

    _with_parts(run)


@main.command()
def migrate() -> None:
    """Bring the database up to date (SQLite does this by itself at every start)."""
    from persistence.migrate import upgrade

    settings, _ = _settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    click.echo("The database is up to date.")


@main.command()
@click.option("--offline", is_flag=True, help="Leave out what needs the network: model, clock, tokens, mailboxes.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of {name, is_ok, says} instead.")
def doctor(offline: bool, as_json: bool) -> None:
    """Check database, mailboxes, tokens, model, clock, secret and disk, and say what to do for each."""
    import json
    from dataclasses import asdict

    from entrypoints.doctor import examine, table

    settings, environ = _settings()
    findings = asyncio.run(examine(settings, environ, is_offline=offline))
    click.echo(json.dumps([asdict(finding) for finding in findings]) if as_json else "\n".join(table(findings)))
    sys.exit(0 if all(finding.is_ok for finding in findings) else 1)


@main.group()
def guide() -> None:
    """Step by step from nothing to a working part."""


@guide.command("gmail")
def guide_gmail() -> None:
    """From no Google project to a connected Gmail account, with this desk's own addresses."""
    from api.gmail_guide import as_text

    settings, _ = _settings()
    for line in as_text(settings.site):
        click.echo(line)


@main.command()
@click.option("--reset", is_flag=True, help="Start afresh: forget the demo's tickets, operator and mailbox.")
@click.option("--port", type=int, envvar="PORT", default=8000, show_default=True)
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
def demo(reset: bool, port: int, data_dir: Path) -> None:
    """A desk on a sample mailbox of a solar company, with an operator and an API token."""
    from entrypoints.demo import run_demo
    from entrypoints.log import configure
    from entrypoints.settings import environment

    configure("auto", "warning")
    run_demo(environment(), data_dir, port, reset=reset)


@main.command("gmail-double", context_settings={"ignore_unknown_options": True})
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8025, show_default=True)
@click.option("--address", default="support@helios.example", show_default=True)
@click.option("--ledger", type=click.Path(path_type=Path), help="Append one line for every mail it accepts.")
@click.option("--seed", help="A number of mails, or a folder of .eml files.")
@click.option("--units-per-minute", type=int, help="Enforce this quota.")
def gmail_double(**options: Any) -> None:
    """A stand-in for Gmail and Google's OAuth, for development and tests."""
    from entrypoints.gmail_double.server import run

    run(**options)


@main.group()
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
        _fail(f"{path} is no Maildir: it needs the folders {' and '.join(FOLDERS)}. Create them, then add it again.")
    settings = {"path": str(path.resolve())} | ({"authserv_id": authserv_id} if authserv_id else {})
    _with_parts(lambda parts: add_mailbox(parts, "maildir", address, settings))
    click.echo(f"Added {address}.")


@mailbox_add.command("gmail")
@click.option("--address", required=True, help="The account's e-mail address.")
@click.option("--refresh-token-stdin", is_flag=True, required=True, help="Read an existing refresh token from stdin.")
def add_gmail(address: str, refresh_token_stdin: bool) -> None:
    """A Gmail account whose refresh token you have already; otherwise use `connect gmail`."""
    from entrypoints.accounts import add_mailbox

    token = sys.stdin.read().strip()
    if not token:
        _fail("No refresh token came on standard input. Pipe it in, or use `communication-agent connect gmail`.")
    _with_parts(lambda parts: add_mailbox(parts, "gmail", address, {}, token))
    click.echo(f"Added {address}.")


@main.group()
def connect() -> None:
    """Authorise the desk to use a mailbox."""


@connect.command("gmail")
@click.option("--address", help="The account to connect; any other is then refused.")
def connect_gmail(address: str | None) -> None:
    """Open Google's consent page in a browser and keep the permission, sealed."""
    from entrypoints.accounts import add_mailbox
    from entrypoints.google import oauth_of

    settings, _ = _settings()
    oauth = oauth_of(settings)
    token = oauth.connect(address, lambda url: click.echo(f"Open this in a browser here:\n\n{url}\n"))
    account = address or oauth.address_of(token)
    _with_parts(lambda parts: add_mailbox(parts, "gmail", account, {}, token))
    click.echo(f"Connected {account}.")


@main.group()
def operator() -> None:
    """People of the desk."""


@operator.command("add")
@click.argument("email")
@click.option("--name", default="", help="The name colleagues see.")
@click.option("--role", type=click.Choice(["viewer", "operator", "admin"]), required=True)
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def operator_add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Give a person an account."""
    from entrypoints.accounts import new_operator

    password = sys.stdin.readline().rstrip("\r\n")
    _with_parts(lambda parts: new_operator(parts, email, name, role, password))
    click.echo(f"Added {email} as {role}.")


@main.group()
def token() -> None:
    """API tokens for scripts."""


@token.command("create")
@click.argument("name")
@click.argument("more_scopes", type=click.Choice(SCOPES), nargs=-1, metavar="")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, metavar="SCOPE...")
def token_create(name: str, scopes: tuple[str, ...], more_scopes: tuple[str, ...]) -> None:
    """Print a new token, alone, this once. Scopes: tickets:read, tickets:draft, tickets:approve, sync:run, admin."""
    from entrypoints.accounts import new_token

    click.echo(_with_parts(lambda parts: new_token(parts, name, {*scopes, *more_scopes})))


@token.command("revoke")
@click.argument("name")
def token_revoke(name: str) -> None:
    """End a token; whoever uses it is refused from then on."""
    from entrypoints.accounts import end_token

    _with_parts(lambda parts: end_token(parts, name))
    click.echo(f"Revoked {name}.")


def _settings(*, quiet: bool = False) -> tuple["Settings", dict[str, str]]:
    from entrypoints.log import configure
    from entrypoints.settings import Settings, environment

    environ = environment()
    settings = Settings.read(environ)
    configure(settings.log_format, "warning" if quiet else settings.log_level)
    return settings, environ


def _with_parts(use: Callable[["Parts"], Awaitable[T]]) -> T:
    """Build the desk, use it once, take it down."""
    from entrypoints.wiring import opened

    settings, environ = _settings(quiet=True)

    async def run() -> T:
        async with opened(settings, environ) as parts:
            return await use(parts)

    return asyncio.run(run())


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
