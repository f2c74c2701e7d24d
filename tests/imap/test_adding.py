"""`mailbox add imap` tries the login before it keeps anything, and changes only what is named."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from adapters.imap_probe import probe
from adapters.imap_settings import ImapSettings
from tests.entrypoints.conftest import Console
from tests.entrypoints.conftest import console as console
from tests.imap.servers import PASSWORD, Servers
from tickets.errors import Unavailable


def added(console: Console, address: str, *words: str, password: str = PASSWORD) -> Result:
    return console.run("mailbox", "add", "imap", "--address", address, *words, "--password-stdin", stdin=password)


def options(servers: Servers, **changes: str) -> list[str]:
    return [word for name, value in (servers.settings() | changes).items() for word in ("--set", f"{name}={value}")]


def kept(console: Console) -> dict[str, dict[str, str]]:
    """The settings on record, by address."""
    file = console.data_dir / "desk.sqlite"
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT address, settings FROM mailboxes").fetchall()
    connection.close()
    return {address: json.loads(settings) for address, settings in rows}


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_login_that_works_is_kept(console: Console, servers: Servers) -> None:
    address = servers.new_address()

    result = added(console, address, *options(servers))

    assert (result.exit_code, result.stdout) == (0, f"Added {address}.\n"), result.stderr
    assert kept(console) == {address: servers.settings()}


def test_a_wrong_password_is_told_and_nothing_is_kept(console: Console, servers: Servers) -> None:
    address = servers.new_address()

    result = added(console, address, *options(servers), password="wrong")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Nothing was kept: 127.0.0.1 refused the login")
    assert "wrong" not in result.stderr
    assert kept(console) == {}


def test_a_server_that_does_not_answer_is_told_unless_nobody_asks(console: Console) -> None:
    nowhere = ("--imap-host", "127.0.0.1", "--set", "imap_port=1")

    refused, unasked = (
        added(console, "a@helios.example", *nowhere),
        added(console, "a@helios.example", *nowhere, "--no-check"),
    )

    assert refused.exit_code == 2
    assert "127.0.0.1:1 does not answer (ConnectionRefusedError). With --no-check" in refused.stderr
    assert unasked.exit_code == 0
    assert kept(console) == {"a@helios.example": {"imap_host": "127.0.0.1", "imap_port": "1"}}


def test_a_folder_that_is_not_there_is_named(console: Console, servers: Servers) -> None:
    result = added(console, servers.new_address(), *options(servers, folders="Orders"))

    assert result.exit_code == 2
    assert "no folder Orders" in result.stderr


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("imap_prot=993", "no setting imap_prot. There are: imap_host, imap_port"),
        ("imap_port=many", "imap_port must be a number"),
        ("imap_port", "NAME=VALUE"),
    ],
)
def test_what_is_no_setting_is_refused(console: Console, setting: str, says: str) -> None:
    result = added(console, "a@helios.example", "--imap-host", "mail.helios.example", "--set", setting, "--no-check")

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert says in result.stderr


def test_adding_again_changes_only_what_is_named(console: Console, servers: Servers) -> None:
    address = servers.new_address()
    added(console, address, *options(servers, aliases="sales@helios.example", saves_sent="yes"))

    again = added(console, address.upper(), "--set", "saves_sent=", "--set", "authserv_id=mx.helios.example")

    assert again.exit_code == 0, again.stderr
    changed = {"aliases": "sales@helios.example", "authserv_id": "mx.helios.example"}
    assert kept(console)[address] == servers.settings() | changed


def test_the_settings_of_another_kind_of_mailbox_are_not_taken_over(console: Console) -> None:
    maildir: Path = console.maildir()
    console.does("mailbox", "add", "maildir", str(maildir), "--address", "a@helios.example")

    result = added(console, "a@helios.example", "--imap-host", "mail.helios.example", "--no-check")

    assert result.exit_code == 0, result.stderr
    assert kept(console) == {"a@helios.example": {"imap_host": "mail.helios.example"}}


async def test_a_server_that_says_nothing_is_not_waited_for(silent: int) -> None:
    settings = ImapSettings.read({"imap_host": "127.0.0.1", "imap_port": str(silent)}, "a@helios.example")

    with pytest.raises(Unavailable, match=f"127.0.0.1:{silent}"):
        await probe(settings, PASSWORD, deadline_s=0.2)
