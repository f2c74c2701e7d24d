"""The command that serves assistants. The protocol's own library is an extra, and is loaded only here."""

import click

from entrypoints.cli_base import fail, settings_of, with_parts


@click.command()
@click.option("--http", "over_http", is_flag=True, help="Serve streamable HTTP on /mcp instead of standard input.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address for --http.")
@click.option("--port", type=int, default=8765, show_default=True, help="Port for --http.")
def mcp(over_http: bool, host: str, port: int) -> None:
    """Serve assistants (MCP): search and read tickets, save drafts, read knowledge. Never approves.

    Over standard input CA_MCP_TOKEN is the API token that says what it may do; over HTTP every request shows one.
    """
    try:
        from entrypoints.mcp_server import serve_http, serve_stdio
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        fail("This needs the extra 'mcp'. Install it with `pip install communication-agent[mcp]`.")
    settings, _ = settings_of(quiet=True)
    secret = settings.mcp_token.get_secret_value() if settings.mcp_token else None
    with_parts(lambda parts: serve_http(parts, host, port) if over_http else serve_stdio(parts, secret))
