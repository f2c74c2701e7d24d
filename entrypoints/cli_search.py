"""The command `search`: the index by which operators find mail."""

from typing import TYPE_CHECKING

import click

from entrypoints.cli_base import with_parts

if TYPE_CHECKING:
    from entrypoints.wiring import Parts
    from tickets.search import Coverage


@click.group()
def search() -> None:
    """The index of the search."""


@search.command()
def rebuild() -> None:
    """Put every mail and note into the index anew. The desk may run meanwhile; a second call begins again."""

    async def run(parts: "Parts") -> "Coverage":
        from entrypoints.search_index import rebuild as put_in_anew
        from persistence.search_filling import SearchFilling

        return await put_in_anew(SearchFilling(parts.database), _show)

    known = with_parts(run)
    click.echo(f"The search knows all {known.total} mails on tickets.")


def _show(known: "Coverage") -> None:
    if known.indexed % 10_000 == 0:
        click.echo(f"{known.indexed} of {known.total} mails", err=True)
