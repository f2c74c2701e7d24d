"""What the commands print, when they refuse, and with which exit code a script learns of it."""

import re
import socket
import sqlite3
import stat
import subprocess
import sys
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import click
import pytest
from click.testing import Result

from entrypoints.cli import main
from tests.entrypoints.conftest import Console
from tests.service import MaildirOf, a_mail

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "support@helios.example"
PASSWORD = "a long enough passphrase 17"
COMMANDS = {
    "serve", "sync", "migrate", "doctor", "demo", "gmail-double",
    "mailbox add maildir", "mailbox add gmail", "mailbox add imap", "mailbox pause", "mailbox resume",
    "connect gmail", "guide gmail", "import",
    "operator add", "token create", "token revoke", "search rebuild",
    "audit verify", "knowledge import", "knowledge export", "purge", "erase", "mcp",
    "prompts list", "prompts show", "prompts diff", "eval", "backtest",
    "digest",
}  # fmt: skip


def refusal(result: Result) -> str:
    """The one line with which a command refused; fails when it did not, or said more."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture
def desk(console: Console) -> Console:
    """A desk with one empty Maildir and no administrator."""
    console.does("mailbox", "add", "maildir", str(console.maildir()), "--address", ADDRESS)
    return console


def mailbox_of(desk: Console) -> MaildirOf:
    return MaildirOf(desk.folder / "mailbox", ADDRESS)


# --- help ----------------------------------------------------------------------------------------------------------


def commands_of(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Every command by the words that call it."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        found |= commands_of(command, words) if isinstance(command, click.Group) else {words: command}
    return found


def test_there_are_exactly_the_commands_that_are_promised() -> None:
    assert set(commands_of(main)) == COMMANDS


def test_help_lists_every_command_with_a_line_about_it(console: Console) -> None:
    commands = console.does("--help").partition("Commands:")[2]

    listed = dict(re.findall(r"^  ([a-z-]+) {2,}(\S.*)$", commands, re.MULTILINE))

    assert set(listed) == {words.split()[0] for words in COMMANDS}


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_command_explains_itself(console: Console, words: str) -> None:
    printed = console.does(*words.split(), "--help")

    assert printed.startswith(f"Usage: main {words}")
    assert len(printed.splitlines()) > 3


def test_every_command_that_a_message_or_a_page_names_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    sources = [file for package in ("tickets", "adapters", "persistence", "api", "entrypoints", "templates")
               for file in (ROOT / package).rglob("*") if file.suffix in (".py", ".html")]  # fmt: skip
    texts = [re.sub(r'"\s*\n\s*f?"', "", file.read_text()) for file in (*pages, *sources) if file.is_file()]

    named = {match for text in texts for match in re.findall(r"communication-agent ((?:[a-z][a-z-]* ?)+)", text)}

    assert len(named) > 5
    assert [words for words in sorted(named) if not _leads_somewhere(words.split())] == []


def _leads_somewhere(words: list[str]) -> bool:
    """Whether the words begin with a command or a group; what follows are its arguments."""
    command: click.Command = main
    for place, word in enumerate(words):
        if not isinstance(command, click.Group):
            return True
        if word not in command.commands:
            return place > 0 and place == len(words)
        command = command.commands[word]
    return True


def test_help_is_quick_because_nothing_heavy_is_loaded_for_it() -> None:
    heavy = "litestar", "langgraph", "sqlalchemy", "langchain_core", "googleapiclient", "pydantic"
    program = f"import sys; import entrypoints.cli; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


# --- tokens and people -----------------------------------------------------------------------------------------------


def test_a_new_token_is_printed_alone(console: Console) -> None:
    result = console.run("token", "create", "nightly", "--scope", "tickets:read", "--scope", "sync:run")

    assert result.exit_code == 0
    assert re.fullmatch(r"ca_[\w-]{43}\n", result.stdout)
    assert result.stderr == ""


def test_a_token_needs_a_scope_that_exists(console: Console) -> None:
    assert console.run("token", "create", "nightly").exit_code == 2
    assert console.run("token", "create", "nightly", "--scope", "everything").exit_code == 2


def test_two_live_tokens_do_not_share_a_name(console: Console) -> None:
    console.does("token", "create", "nightly", "--scope", "sync:run")

    assert "nightly" in refusal(console.run("token", "create", "nightly", "--scope", "sync:run"))


def test_a_revoked_token_is_gone_and_its_name_is_free(console: Console) -> None:
    first = console.does("token", "create", "nightly", "--scope", "sync:run")

    assert console.does("token", "revoke", "nightly") == "Revoked nightly.\n"

    assert refusal(console.run("token", "revoke", "nightly")) == "There is no token 'nightly'."
    assert console.does("token", "create", "nightly", "--scope", "sync:run") != first


def test_a_person_gets_an_account_with_the_password_from_standard_input(console: Console) -> None:
    words = ("operator", "add", "ada@helios.example", "--role", "admin", "--password-stdin")

    assert console.does(*words, stdin=f"{PASSWORD}\n") == "Added ada@helios.example as admin.\n"

    assert PASSWORD not in refusal(console.run(*words, stdin=f"{PASSWORD}\n"))


@pytest.mark.parametrize("password", ["short", ""])
def test_a_short_password_is_refused_and_not_repeated(console: Console, password: str) -> None:
    result = console.run(
        "operator", "add", "ada@helios.example", "--role", "admin", "--password-stdin", stdin=f"{password}\n"
    )

    said = refusal(result)
    assert "characters" in said
    assert not password or password not in said.split()


def test_a_password_is_never_an_argument(console: Console) -> None:
    result = console.run("operator", "add", "ada@helios.example", "--role", "admin", "--password", PASSWORD)

    assert result.exit_code == 2


# --- mailboxes -----------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_maildir_is_refused_with_what_it_lacks(console: Console) -> None:
    said = refusal(console.run("mailbox", "add", "maildir", "nowhere", "--address", ADDRESS))

    assert said.startswith("nowhere is no Maildir: it needs the folders ")
    assert not (console.data_dir / "desk.sqlite").exists()


def test_a_mailbox_needs_an_address(console: Console) -> None:
    said = refusal(console.run("mailbox", "add", "maildir", str(console.maildir()), "--address", "support"))

    assert "needs its e-mail address" in said


def test_a_mailbox_is_paused_and_resumed_by_its_address(desk: Console) -> None:
    mailbox_of(desk).deliver(a_mail("While it was paused"))

    paused = desk.does("mailbox", "pause", "Support@helios.example")
    skipped = desk.does("sync")
    desk.does("mailbox", "resume", ADDRESS)
    fetched = desk.does("sync")

    assert "approved replies still leave" in paused
    assert "mailbox resume" in skipped
    assert "opened 1" in fetched
    assert "no mailbox nobody@helios.example" in refusal(desk.run("mailbox", "pause", "nobody@helios.example"))


def test_a_gmail_token_that_did_not_come_is_asked_for(console: Console) -> None:
    said = refusal(console.run("mailbox", "add", "gmail", "--address", ADDRESS, "--refresh-token-stdin", stdin="\n"))

    assert "connect gmail" in said


def test_connecting_gmail_without_a_client_says_which_settings_are_missing(console: Console) -> None:
    said = refusal(console.run("connect", "gmail", "--address", ADDRESS))

    assert "CA_GOOGLE_CLIENT_ID" in said


# --- sync ----------------------------------------------------------------------------------------------------------


def test_a_sync_prints_a_line_a_mailbox_and_one_for_each_reason_to_skip(desk: Console) -> None:
    mail = a_mail()
    mailbox_of(desk).deliver(mail)
    mailbox_of(desk).deliver(mail)

    first, second = desk.does("sync"), desk.does("sync")

    assert first.splitlines() == [
        f"{ADDRESS}: opened 1, appended 0, automatic 0, skipped 1, quarantined 0, failed 0",
        "  skipped 1: already on record",
    ]
    assert second == f"{ADDRESS}: opened 0, appended 0, automatic 0, skipped 0, quarantined 0, failed 0\n"


def test_a_sync_that_fails_says_why_and_ends_with_one(desk: Console) -> None:
    (desk.folder / "mailbox").rename(desk.folder / "elsewhere")

    result = desk.run("sync")

    head, why = result.stdout.splitlines()
    assert result.exit_code == 1
    assert head.startswith(f"{ADDRESS}: opened 0")
    assert why.startswith("  ")
    assert "Traceback" not in result.output


def test_a_sync_without_a_mailbox_says_how_to_add_one(console: Console) -> None:
    assert "communication-agent mailbox add" in console.does("sync")


def test_a_sync_of_a_mailbox_that_does_not_exist_says_so(desk: Console) -> None:
    result = desk.run("sync", "--mailbox", "sales@helios.example")

    assert "No mailbox is configured" not in result.output, "there is one, with another address"


# --- doctor --------------------------------------------------------------------------------------------------------


def test_the_doctor_says_for_every_part_what_to_do(console: Console) -> None:
    result = console.run("doctor")

    lines = dict(re.findall(r"^(?:ok  |FIX ) (.+?): (.+)$", result.stdout, re.MULTILINE))
    assert result.exit_code == 1
    assert list(lines) == ["secret key", "disk", "database", "checkpoints", "model", "administrator", "mailboxes"]
    assert "FIX  administrator: none yet; run `communication-agent operator add`" in result.stdout
    assert "FIX  mailboxes: none; add one with `communication-agent mailbox add`" in result.stdout


def test_the_doctor_is_content_with_a_desk_that_is_complete(desk: Console) -> None:
    desk.does("operator", "add", "ada@helios.example", "--role", "admin", "--password-stdin", stdin=PASSWORD)

    printed = desk.does("doctor")

    assert "FIX" not in printed
    assert f"ok   {ADDRESS}: ok" in printed


def test_the_doctor_names_a_mailbox_that_failed_and_a_key_that_is_wrong(desk: Console) -> None:
    (desk.folder / "mailbox").rename(desk.folder / "elsewhere")
    desk.run("sync")

    astray, keyless = desk.run("doctor"), desk.run("doctor", CA_SECRET_KEY="short")

    assert (astray.exit_code, keyless.exit_code) == (1, 1)
    assert f"FIX  {ADDRESS}: " in astray.stdout
    assert "FIX  secret key: CA_SECRET_KEY must be 32 random bytes" in keyless.stdout


# --- serve ---------------------------------------------------------------------------------------------------------


def test_serving_on_a_taken_port_is_refused(console: Console) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = refusal(console.run("serve", CA_PORT=str(port)))

    assert said.startswith(f"Cannot listen on 127.0.0.1:{port}")
    assert "CA_PORT" in said
    assert not console.data_dir.exists()


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({}, "CA_BASE_URL=https://"),
        ({"CA_INSECURE_HTTP": "true"}, "CA_SECRET_KEY is not set"),
        ({"CA_BASE_URL": "https://desk.example"}, "CA_SECRET_KEY is not set"),
        ({"CA_INSECURE_HTTP": "true", "CA_SECRET_KEY": "A" * 43}, "operator add"),
    ],
    ids=["no https", "no secret", "no secret behind a proxy", "no administrator"],
)
def test_a_desk_that_others_can_reach_starts_only_when_it_is_safe(
    console: Console, settings: dict[str, str], advice: str
) -> None:
    result = console.run("serve", CA_HOST="0.0.0.0", CA_PORT="0", **settings)

    assert advice in refusal(result)


def test_a_process_of_its_own_refuses_in_the_same_way(console: Console) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", "serve"],
        env={"CA_HOST": "0.0.0.0", "PATH": "", "PYTHONPATH": str(ROOT)},
        cwd=console.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


# --- the data directory ----------------------------------------------------------------------------------------------


def test_what_a_desk_keeps_lies_in_its_data_directory(desk: Console) -> None:
    names = {file.name for file in desk.data_dir.iterdir()}

    assert {"desk.sqlite", "checkpoints.sqlite", "secret-key"} <= names
    assert stat.S_IMODE((desk.data_dir / "secret-key").stat().st_mode) == 0o600


def test_migrating_again_changes_nothing(console: Console) -> None:
    assert console.does("migrate") == console.does("migrate") == "The database is up to date.\n"


def test_the_index_of_the_search_can_be_built_anew(desk: Console) -> None:
    assert desk.does("search", "rebuild").startswith("The search knows all ")


# --- the record -------------------------------------------------------------------------------------------------------


def test_the_record_is_verified_and_a_changed_row_is_named(desk: Console) -> None:
    desk.does("operator", "add", "ada@helios.example", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    whole = desk.does("audit", "verify")
    with sqlite3.connect(desk.data_dir / "desk.sqlite") as database:
        database.execute("UPDATE audit_events SET actor = 'somebody else' WHERE kind = 'operator_added'")

    broken = desk.run("audit", "verify")

    assert whole == "The record is whole.\n"
    assert broken.exit_code == 1
    assert "chain desk: the event is not what was recorded" in broken.stderr


# --- the digest ------------------------------------------------------------------------------------------------------


def test_a_digest_is_written_as_the_draft_of_a_mail(desk: Console) -> None:
    printed = desk.does(
        "digest", "--week", "2026-W10", "--to", "team@helios.example", "--language", "de", "--out", "w.eml"
    )

    draft = BytesParser(policy=SMTP).parsebytes((desk.folder / "w.eml").read_bytes())
    assert "w.eml" in printed
    assert (draft["From"], draft["To"], draft["X-Unsent"]) == (ADDRESS, "team@helios.example", "1")
    assert "Vorwoche" in draft.get_body(("plain",)).get_content()


def test_a_digest_of_no_week_is_refused(desk: Console) -> None:
    assert "2026-W47" in refusal(desk.run("digest", "--week", "last"))
    assert "does not speak" in refusal(desk.run("digest", "--language", "tlh"))
