"""The commands `prompts`: what the language model is told, in every version."""

import click


@click.group()
def prompts() -> None:
    """The instructions of the language model, and their versions."""


@prompts.command("list")
def list_prompts() -> None:
    """Every version; the ones in use are marked with a star."""
    from adapters.prompt_versions import current, shipped

    in_use = set(current().chosen.values())
    for prompt in shipped():
        star = "*" if prompt in in_use else " "
        click.echo(f"{star} {prompt.mark}  {len(prompt.text):>6} characters")


@prompts.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the text of NAME: draft@1, or draft for the newest."""
    from adapters.prompt_versions import prompt_named

    click.echo(prompt_named(name).text)
