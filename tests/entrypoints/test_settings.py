"""Where a setting comes from, and what is said about one that cannot be used."""

from pathlib import Path

import pytest

from entrypoints.settings import Settings, environment
from tests.entrypoints.conftest import Console
from tickets.errors import BadInput

KEY = "A" * 43


def test_the_environment_wins_over_the_env_file(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    (console.folder / ".env").write_text("CA_DESK_NAME=From the file\nCA_PORT=8001\n")
    monkeypatch.setenv("CA_DESK_NAME", "From the environment")

    settings = Settings.read(environment())

    assert (settings.desk_name, settings.port) == ("From the environment", 8001)


def test_without_either_the_default_holds(console: Console) -> None:
    settings = Settings.read(environment())

    assert (settings.port, settings.host, settings.undo_window_s) == (8000, "127.0.0.1", 10.0)
    assert not settings.allow_studio_approval


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_value_means_unset(console: Console, monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    (console.folder / ".env").write_text("CA_PORT=8001\n")
    monkeypatch.setenv("CA_PORT", empty)
    monkeypatch.setenv("CA_DATABASE_URL", empty)
    monkeypatch.setenv("CA_SECRET_KEY", empty)

    settings = Settings.read(environment())

    assert (settings.port, settings.database_url, settings.secret_key) == (8000, None, None)


@pytest.mark.parametrize("name", ["CA_SECRET_KEY", "CA_MODEL_API_KEY", "CA_GOOGLE_CLIENT_SECRET"])
def test_a_secret_may_lie_in_a_file(console: Console, name: str) -> None:
    (console.folder / "secret").write_text(f"{KEY}\n")

    settings = Settings.read({f"{name}_FILE": str(console.folder / "secret")})

    secret = getattr(settings, name.removeprefix("CA_").lower())
    assert secret.get_secret_value() == KEY
    assert KEY not in repr(settings)


def test_a_secret_itself_wins_over_its_file(console: Console) -> None:
    (console.folder / "secret").write_text("from the file")

    settings = Settings.read({"CA_SECRET_KEY": KEY, "CA_SECRET_KEY_FILE": str(console.folder / "secret")})

    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == KEY


def test_a_secrets_file_that_cannot_be_read_is_named(console: Console) -> None:
    with pytest.raises(BadInput, match=r"^CA_SECRET_KEY_FILE: nowhere cannot be read"):
        Settings.read({"CA_SECRET_KEY_FILE": str(console.folder / "nowhere")})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CA_PORT", "eighty"),
        ("CA_PORT", "70000"),
        ("CA_UNDO_WINDOW_S", "-1"),
        ("CA_SYNC_EVERY_S", "soon"),
        ("CA_LOG_LEVEL", "loud"),
        ("CA_LOG_FORMAT", "xml"),
        ("CA_ALLOW_STUDIO_APPROVAL", "perhaps"),
        ("CA_DRIVE_CONCURRENCY", "0"),
    ],
)
def test_a_bad_value_ends_every_command_with_one_line_that_names_the_variable(
    console: Console, name: str, value: str
) -> None:
    result = console.run("doctor", **{name: value})

    (line,) = result.stderr.splitlines()
    assert result.exit_code == 2
    assert line.startswith(f"{name}: ")
    assert line.endswith("Correct it in the environment or in .env.")


def test_paths_do_not_move_with_the_working_directory(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.read({"CA_DATA_DIR": "desk", "CA_KNOWLEDGE_DIR": "articles"})

    monkeypatch.chdir("/")

    assert settings.data_dir == console.folder / "desk"
    assert settings.knowledge_dir == console.folder / "articles"


def test_both_databases_are_files_of_their_own_unless_a_url_is_given(console: Console) -> None:
    local, team = Settings.read({}), Settings.read({"CA_DATABASE_URL": "postgresql://desk@db/desk"})

    assert local.database != local.checkpoints
    assert team.database == team.checkpoints == "postgresql://desk@db/desk"


@pytest.mark.parametrize(
    ("environ", "site"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"CA_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"CA_BASE_URL": "https://desk.example/"}, "https://desk.example"),
        ({"CA_HOST": "10.0.0.5"}, "http://10.0.0.5:8000"),
    ],
)
def test_the_site_is_where_browsers_find_the_desk(environ: dict[str, str], site: str) -> None:
    assert Settings.read(environ).site == site


@pytest.mark.parametrize(("host", "is_loopback"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])
def test_only_this_machine_is_loopback(host: str, is_loopback: bool) -> None:
    assert Settings.read({"CA_HOST": host}).is_loopback is is_loopback


def test_the_env_file_of_another_folder_is_not_read(console: Console, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".env").write_text("CA_PORT=8001\n")

    assert "CA_PORT" not in environment()
    assert environment(elsewhere)["CA_PORT"] == "8001"
