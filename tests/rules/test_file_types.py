"""What kind of file an attachment is, and what to beware of."""

import pytest

from tickets.file_types import file_type
from tickets.mail import Attachment


def a_file(name: str, content_type: str = "application/octet-stream") -> Attachment:
    return Attachment(name, content_type, 10, "0" * 64)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "setup.exe",
            "invoice.pdf.exe",
            "INVOICE.PDF.EXE",
            "screen.scr",
            "run.bat",
            "a.js",
            "shortcut.lnk",
            "page.html",
        ),
        *("Vertrag.docm", "table.xlsm", "disk.iso", "photos.zip", "drawing.svg", "trailing.exe.", "spaces.exe  "),
        *("a.ps1", "x.hta", "mail.mht", "old.xll"),
    ],
)
def test_what_can_do_harm_when_it_is_opened_carries_a_warning(name: str) -> None:
    assert file_type(a_file(name)).warning


@pytest.mark.parametrize(
    ("name", "content_type", "word"),
    [
        ("Plan.pdf", "application/pdf", "PDF"),
        ("roof.JPG", "image/jpeg", "image"),
        ("letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"),
        ("part-3.eml", "message/rfc822", "e-mail"),
        ("smime.p7s", "application/pkcs7-signature", "S/MIME signature"),
        ("smime.p7m", "application/pkcs7-mime", "encrypted or signed part (S/MIME)"),
        ("signature.asc", "application/pgp-signature", "PGP signature"),
        ("encrypted.asc", "application/pgp-encrypted", "PGP-encrypted part"),
        ("readings.dat", "application/octet-stream", "dat"),
        ("unnamed", "image/tiff", "image"),
        ("unnamed", "application/octet-stream", "file"),
        ("", "", "file"),
    ],
)
def test_the_harmless_is_named_and_not_warned_about(name: str, content_type: str, word: str) -> None:
    named = file_type(a_file(name, content_type))

    assert (named.word, named.warning) == (word, None)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("photo.jpg", "application/x-msdownload"), ("report.pdf", "text/html"), ("note.txt", "text/javascript")],
)
def test_a_stated_type_can_only_make_it_worse(name: str, content_type: str) -> None:
    assert file_type(a_file(name, content_type)).warning


def test_a_harmless_stated_type_does_not_excuse_the_ending() -> None:
    assert file_type(a_file("photo.exe", "image/jpeg")).warning


def test_a_name_that_turns_its_ending_around_is_said_to_hide_it() -> None:
    named = file_type(a_file("Rechnung\u202efdp.exe", "application/pdf"))

    assert named.word == "program"
    assert named.warning
    assert "hides the real ending" in named.warning
