"""What is in an mbox or a Maildir, byte for byte."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters import importing
from tests.agent.world import ADDRESS
from tests.importing.archives import TODAY, everything, letter, maildir, mbox, opened
from tickets.errors import BadInput


async def test_an_mbox_gives_every_mail_as_it_was_oldest_first(tmp_path: Path) -> None:
    letters = [letter(f"Mail {age}", days_ago=age) for age in (3, 20, 1)]

    mails = await everything(opened(mbox(tmp_path / "box", letters)))

    assert [mail.raw for mail in mails] == [letters[1], letters[0], letters[2]]
    assert [mail.received_at for mail in mails] == [TODAY - timedelta(days=age) for age in (20, 3, 1)]


@pytest.mark.parametrize(
    "body",
    [
        "From the roof it looks fine.",
        "Two lines.\n\nFrom Monday on: it beeps.\n\nBye",
        "> From the manual\n>From the quoted one\n>>From deeper",
        "Ends with blank lines.\n\n\n",
        "\n\nBegins with some.",
        "",
    ],
)
async def test_lines_that_look_like_separators_part_no_mail(tmp_path: Path, body: str) -> None:
    letters = [letter("First", body=body, days_ago=2), letter("Second", days_ago=1)]

    mails = await everything(opened(mbox(tmp_path / "box", letters)))

    assert [mail.raw for mail in mails] == letters


async def test_a_separator_that_was_not_quoted_parts_no_mail_unless_a_header_follows(tmp_path: Path) -> None:
    body = "One.\n\nFrom the installer I heard nothing.\nSo I ask.\n"
    (tmp_path / "box").write_bytes(b"From x\n" + letter(body=body))

    [mail] = await everything(opened(tmp_path / "box"))

    assert b"So I ask." in mail.raw


@pytest.mark.parametrize(
    "separator",
    [
        b"From ",
        b"From anna@example.net Mon Mar  2 09:00:00 2026",
        b"From 1234567890123456789@xxx Mon Mar 02 09:00:00 +0000 2026",
        b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\r",
    ],
)
async def test_the_separators_of_several_programs_are_known(tmp_path: Path, separator: bytes) -> None:
    box = mbox(tmp_path / "box", [letter("One", days_ago=2), letter("Two", days_ago=1)], separator)

    assert len(await everything(opened(box))) == 2


async def test_an_mbox_with_crlf_is_read_too(tmp_path: Path) -> None:
    box = mbox(tmp_path / "box", [letter("One", days_ago=2), letter("Two", days_ago=1)])
    box.write_bytes(box.read_bytes().replace(b"\n", b"\r\n"))

    mails = await everything(opened(box))

    assert [mail.raw for mail in mails] == [
        letter(name, days_ago=age).replace(b"\n", b"\r\n") for name, age in (("One", 2), ("Two", 1))
    ]


async def test_the_same_mail_has_the_same_id_in_every_archive_and_counts_once(tmp_path: Path) -> None:
    one = opened(mbox(tmp_path / "box", [letter(), letter()]))
    other = opened(maildir(tmp_path / "folder", [letter()]), "maildir")

    [first], [second] = await everything(one), await everything(other)

    assert first.provider_id == second.provider_id


async def test_a_mail_is_as_old_as_its_way_to_us_says_then_as_its_date(tmp_path: Path) -> None:
    way = "Received: from a by b;\n Sun, 01 Feb 2026 10:00:00 +0100\nReceived: from c; Sat, 31 Jan 2026 10:00:00 +0\n"
    travelled, nonsense = letter("Travelled", extra=way), letter("Nonsense", days_ago=-400)

    mails = await everything(opened(mbox(tmp_path / "box", [travelled, nonsense])))

    assert [mail.received_at.isoformat() for mail in mails] == ["2026-02-01T09:00:00+00:00", TODAY.isoformat()]


async def test_what_was_written_in_our_name_left_from_here_unless_it_has_travelled(tmp_path: Path) -> None:
    ours, labelled = letter("Ours", sender=f"Support <{ADDRESS.upper()}>"), "X-Gmail-Labels: Archived, Sent\n"
    forged = letter("Forged", sender=ADDRESS, extra="Received: from elsewhere by us; Sun, 01 Feb 2026 10:00:00 +0000\n")
    takeout = letter("Takeout", sender=ADDRESS, extra=f"Received: from a by b; Sun, 1 Feb 2026 1:00:00 +0\n{labelled}")

    mails = await everything(opened(mbox(tmp_path / "box", [ours, forged, takeout, letter(extra=labelled)])))

    assert {mail.raw: mail.is_sent for mail in mails} == {
        ours: True,
        forged: False,
        takeout: True,
        letter(extra=labelled): False,
    }


async def test_a_maildir_gives_its_folders_without_drafts_bin_and_junk(tmp_path: Path) -> None:
    root = maildir(tmp_path / "folder", [letter("In")])
    maildir(root, [letter("Half"), letter("Thrown away")], flags="DT")
    maildir(root / ".Sent", [letter("Out")])
    maildir(root / ".Archive.2025", [letter("Old")])
    for left_out in (".Drafts", ".Trash", ".INBOX.Spam"):
        maildir(root / left_out, [letter(left_out)])
    (root / "new" / "1770000000.link").symlink_to(tmp_path / "elsewhere")

    mails = await everything(opened(root, "maildir"))

    assert {mail.raw: mail.is_sent for mail in mails} == {
        letter("In"): False,
        letter("Out"): True,
        letter("Old"): False,
    }


async def test_an_oversized_mail_is_read_as_far_as_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_BYTES", 5_000)
    box = mbox(tmp_path / "box", [letter(body="x" * 20_000, days_ago=2), letter(days_ago=1)])

    large, small = await everything(opened(box))

    assert (len(large.raw), small.raw) == (5_001, letter(days_ago=1))


async def test_a_mail_that_vanishes_between_looking_and_reading_is_left_out(tmp_path: Path) -> None:
    root = maildir(tmp_path / "folder", [letter("One"), letter("Two")])
    archive = opened(root, "maildir")
    contents = await archive.contents(lambda done, total: None)
    next((root / "cur").iterdir()).unlink()

    assert len(await archive.read(contents)) == 1


@pytest.mark.parametrize("kind", ["mbox", "maildir"])
async def test_a_path_that_is_no_such_archive_is_said(tmp_path: Path, kind: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("Hello\n")

    for name in ("nowhere", "folder", "file"):
        with pytest.raises(BadInput, match="Check the path"):
            await everything(opened(tmp_path / name, kind))  # type: ignore[arg-type]


async def test_an_empty_mbox_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "box").touch()

    assert await everything(opened(tmp_path / "box")) == []
