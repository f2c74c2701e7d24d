"""The command line: `communication-agent`. Heavy imports wait inside the commands, so that --help is quick."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.cli_audit import audit
from entrypoints.cli_base import Group, settings_of, with_parts
from entrypoints.cli_digest import digest
from entrypoints.cli_erasing import erase, purge
from entrypoints.cli_evaluation import backtest, evaluate
from entrypoints.cli_knowledge import knowledge
from entrypoints.cli_mailboxes import connect, guide, import_archive, mailbox
from entrypoints.cli_mcp import mcp
from entrypoints.cli_prompts import prompts
from entrypoints.cli_search import search

if TYPE_CHECKING:
    from entrypoints.wiring import Parts

SCOPES = ("tickets:read", "tickets:draft", "tickets:approve", "sync:run", "admin")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="communication-agent")
def main() -> None:
    """Answers a company's customer e-mail: tickets, triage, drafts, a human's approval, one reply."""


@main.command()
def serve() -> None:
    """Run the desk: boards, REST API, sync and agent (CA_HOST, CA_PORT)."""
    from entrypoints.serve import serve as run

    settings, environ = settings_of()
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

    with_parts(run)


@main.command()
def migrate() -> None:
    """Bring the database up to date (SQLite does this by itself at every start)."""
    from persistence.migrate import upgrade

    settings, _ = settings_of()
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

    settings, environ = settings_of()
    findings = asyncio.run(examine(settings, environ, is_offline=offline))
    click.echo(json.dumps([asdict(finding) for finding in findings]) if as_json else "\n".join(table(findings)))
    sys.exit(0 if all(finding.is_ok for finding in findings) else 1)


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
    with_parts(lambda parts: new_operator(parts, email, name, role, password))
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

    click.echo(with_parts(lambda parts: new_token(parts, name, {*scopes, *more_scopes})))


@token.command("revoke")
@click.argument("name")
def token_revoke(name: str) -> None:
    """End a token; whoever uses it is refused from then on."""
    from entrypoints.accounts import end_token

    with_parts(lambda parts: end_token(parts, name))
    click.echo(f"Revoked {name}.")


_COMMANDS = (
    audit,
    mailbox,
    connect,
    guide,
    import_archive,
    search,
    knowledge,
    digest,
    purge,
    erase,
    mcp,
    prompts,
    evaluate,
    backtest,
)
for command in _COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
