"""The one secret: given, or made once on a loopback desk."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.secret_key import secret_of
from entrypoints.settings import Settings
from tickets.errors import BadInput

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
PRINT_IT = """
import sys
from entrypoints.secret_key import secret_of
from entrypoints.settings import Settings
print("ready", flush=True)
sys.stdin.readline()
print(secret_of(Settings.read({"CA_DATA_DIR": sys.argv[1]})).hex())
"""


def a_desk(data_dir: Path, **more: str) -> Settings:
    return Settings.read({"CA_DATA_DIR": str(data_dir), **more})


def test_a_loopback_desk_makes_its_secret_once(tmp_path: Path) -> None:
    first = secret_of(a_desk(tmp_path))

    assert len(first) == 32
    assert secret_of(a_desk(tmp_path)) == first
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]


def test_two_desks_have_two_secrets(tmp_path: Path) -> None:
    assert secret_of(a_desk(tmp_path / "a")) != secret_of(a_desk(tmp_path / "b"))


def test_only_its_owner_may_read_the_secret(tmp_path: Path) -> None:
    secret_of(a_desk(tmp_path))

    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PRINT_IT, str(tmp_path)]
    starting = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]  # fmt: skip
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in starting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    secrets = {process.communicate()[0] for process in starting}

    assert secrets == {f"{secret_of(a_desk(tmp_path)).hex()}\n"}


def test_two_starts_in_one_process_agree_on_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, others = os.link, []

    def link_after_the_other(*names: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        others.append(secret_of(a_desk(tmp_path)))  # as a second thread does that starts at the same moment
        link(*names)

    monkeypatch.setattr(os, "link", link_after_the_other)

    assert [secret_of(a_desk(tmp_path))] == others


def test_a_given_secret_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert secret_of(a_desk(tmp_path, CA_SECRET_KEY=KEY)) == bytes(range(32))
    assert secret_of(a_desk(tmp_path, CA_SECRET_KEY=KEY.rstrip("="))) == bytes(range(32))
    assert list(tmp_path.iterdir()) == []


def test_a_desk_that_others_can_reach_makes_no_secret(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="CA_SECRET_KEY is not set"):
        secret_of(a_desk(tmp_path, CA_HOST="0.0.0.0"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["short", "=", "ä" * 43, base64.b64encode(bytes(16)).decode(), "A" * 100])
def test_a_secret_of_another_size_is_refused_and_not_repeated(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(BadInput, match="32 random bytes") as raised:
        secret_of(a_desk(tmp_path, CA_SECRET_KEY=wrong))

    assert wrong == "=" or wrong not in str(raised.value)


def test_a_broken_secret_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("half")

    with pytest.raises(BadInput):
        secret_of(a_desk(tmp_path))

    assert (tmp_path / "secret-key").read_text() == "half"
