"""The commands that delete for good: old closed tickets, and everything of one customer."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from entrypoints.cli_base import with_parts

if TYPE_CHECKING:
    from entrypoints.wiring import Parts
    from tickets.erasing import Erasing


@click.command()
@click.option("--older-than", "days", type=click.IntRange(1, 36_500), required=True, metavar="DAYS")
@click.option("--yes", is_flag=True, help="Do it; without this, only what would go is counted.")
def purge(days: int, yes: bool) -> None:
    """Delete closed tickets that nothing has moved for DAYS days, with all their mail."""
    from tickets.people import CONSOLE

    async def run(erasing: "Erasing") -> str:
        if not yes:
            would = await erasing.would_purge(days)
            return f"{would.tickets} tickets with {would.mails} mails would be deleted. Add --yes to do it."
        done = await erasing.purge(days, CONSOLE)
        return f"{done.tickets} tickets with {done.mails} mails deleted; {done.waiting} left for a reply under way."

    click.echo(_with_erasing(run))


@click.command()
@click.option("--customer", required=True, metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Do it; without this, only what would go is counted.")
def erase(customer: str, yes: bool) -> None:
    """Delete every ticket that ADDRESS opened, and its mails anywhere else."""
    from tickets.people import CONSOLE

    async def run(erasing: "Erasing") -> str:
        if not yes:
            would = await erasing.would_erase(customer)
            return f"{would.tickets} tickets with {would.mails} mails would be deleted. Add --yes to do it."
        done = await erasing.erase_customer(customer, CONSOLE)
        left = f" {done.waiting} left for a reply under way: run it again later." if done.waiting else ""
        return f"{done.tickets} tickets and {done.mails} mails deleted.{left}"

    click.echo(_with_erasing(run))


def _with_erasing(use: Callable[["Erasing"], Awaitable[str]]) -> str:
    """Beside a running service too: each ticket goes in a transaction of its own."""

    async def run(parts: "Parts") -> str:
        from adapters.clock import SystemClock
        from entrypoints.secret_key import secret_of
        from persistence.checkpoints import open_saver
        from persistence.erasing import SqlErasure
        from tickets.erasing import Erasing
        from tickets.ticket import TicketId

        async with open_saver(parts.settings.checkpoints, secret_of(parts.settings)) as saver:

            async def end_thread(ticket_id: TicketId) -> None:
                await saver.adelete_thread(str(ticket_id))

            return await use(Erasing(SqlErasure(parts.database), end_thread, SystemClock()))

    return with_parts(run)
