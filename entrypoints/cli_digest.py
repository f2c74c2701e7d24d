"""The command `digest`: a week of the desk, as the draft of a mail."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from entrypoints.cli_base import with_parts

if TYPE_CHECKING:
    from entrypoints.wiring import Parts


@click.command()
@click.option("--week", help="As 2026-W47; the last whole week without.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of printing it.")
@click.option("--from", "sender", help="Whom the mail is from; the desk's first mailbox without.")
@click.option("--to", multiple=True, metavar="ADDRESS", help="Whom it is for; may be repeated.")
@click.option("--language", default="en", show_default=True, help="A language that the desk speaks.")
def digest(week: str | None, out: Path | None, sender: str | None, to: tuple[str, ...], language: str) -> None:
    """Write the draft of a mail that tells how a week went. Nothing is sent."""

    async def run(parts: "Parts") -> bytes:
        from entrypoints.digest import draft_for

        return await draft_for(parts, week, sender=sender, to=to, language=language)

    content = with_parts(run)
    if out is None:
        click.echo(content.decode(), nl=False)
        return
    out.write_bytes(content)
    click.echo(f"Written to {out}. Open it in a mail program to send it.")
