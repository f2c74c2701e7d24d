"""The command that checks the record of who did what."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from entrypoints.cli_base import settings_of

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from persistence.record import Break


@click.group()
def audit() -> None:
    """The record of who did what, and when."""


@audit.command("verify")
def audit_verify() -> None:
    """Check every hash chain of the record; exit 1 and name the row when one does not hold."""
    settings, _ = settings_of(quiet=True)
    found = asyncio.run(_first_break(settings))
    if found is None:
        click.echo("The record is whole.")
        return
    where = "" if found.event_id is None else f"event {found.event_id}, chain {found.chain}: "
    click.echo(f"The record is broken: {where}{found.reason}. Compare the database with a backup.", err=True)
    sys.exit(1)


async def _first_break(settings: "Settings") -> "Break | None":
    from persistence.engine import open_database
    from persistence.record import first_break

    database = open_database(settings.database)
    try:
        return await first_break(database)
    finally:
        await database.close()
