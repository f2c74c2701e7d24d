"""The command that counts expectations, on a folder of its own."""

import json

import pytest

from tests.expectations import __main__ as command

MAIL = "From: Ada <ada@example.org>\nSubject: Inverter\n\nIt shows E07.\n"
BOUNCE = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<ada@example.org>: 550 5.1.1 user unknown\n"


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "mail", "own/a.eml", MAIL, {"subject": "Inverter", "from_email": "bob@example.org", "mood": "sad"})
    write(tmp_path / "mail", "own/b.eml", BOUNCE, {"is_bounce": True, "hard": [True]}, kind=["bounce"])
    write(tmp_path / "reply", "own/c.txt", "Yes.\n\n> No?\n", {"reply_text": "Yes."})
    write(tmp_path / "reply", "own/d.html", "<p>Yes.</p><p>And no.</p>", {"reply_text_nows": "Yes.Andno."}, form="html")
    return tmp_path


def write(folder, name, text, expected, *, kind=(), form="plain"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    row = {"file": name, "kind": list(kind), "format": form, "expected": expected}
    with (folder / "manifest.jsonl").open("a") as manifest:
        manifest.write(json.dumps(row) + "\n")


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["expectations", *map(str, arguments)])
    code = command.main()
    return code, " ".join(capsys.readouterr().out.split())


def test_it_counts_what_holds_by_source_and_kind(folder, monkeypatch, capsys):
    code, shown = run(monkeypatch, capsys, folder)

    assert code == 0
    assert "own from_email 0 1" in shown
    assert "own subject 1 1" in shown
    assert "own hard 1 1" in shown
    assert "own reply_text 1 1 own reply_text_nows 1 1 all 2 2 100.0%" in shown
    assert "not checked: mood (1)" in shown
    assert "mails read 2 2 exceptions 0" in shown
    assert "bounces found 1 1 100.0%" in shown
    assert "bounces that are none 0 1 0.0%" in shown


def test_it_lists_what_does_not_hold_when_asked(folder, monkeypatch, capsys):
    monkeypatch.setenv("CA_EXPECTATIONS", str(folder))

    _, shown = run(monkeypatch, capsys, "--failed")

    assert "own/a.eml from_email wanted 'bob@example.org' found 'ada@example.org'" in shown


def test_an_exception_is_a_failure(folder, monkeypatch, capsys):
    write(folder / "mail", "own/bomb.eml", "Content-Type: message/rfc822\n\n" * 100, {"subject": "x"})

    code, shown = run(monkeypatch, capsys, folder)

    assert code == 1
    assert "exceptions 1 own/bomb.eml: Unreadable" in shown


def test_a_folder_of_something_else_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, capsys, tmp_path)
