"""Uploaded knowledge: what is read of files and archives, and what is refused however it is packed."""

import io
import zipfile

import pytest

from adapters import knowledge_upload
from adapters.knowledge_upload import read_uploads
from tickets.errors import BadInput
from tickets.knowledge_import import MAX_FILE_BYTES, MAX_FILES, MAX_UPLOAD_BYTES, Uploaded


def markdown(name: str = "terms", body: str = "Ten years.") -> bytes:
    return f"---\nid: {name}\ntitle: Terms\ncategory: warranty\nlanguage: en\n---\n{body}\n".encode()


def packed(entries: dict[str, bytes]) -> Uploaded:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return Uploaded("kb.zip", stream.getvalue())


def test_files_and_archives_are_read_alike() -> None:
    archive = packed({"en/returns.md": markdown("returns"), "en/": b"", "__MACOSX/._x.md": b"?", "logo.png": b"?"})

    found = read_uploads([Uploaded("terms.md", markdown()), archive])

    assert [file.article.id if file.article else None for file in found] == ["terms", "returns", None, None]
    assert [file.is_left_out for file in found] == [False, False, True, True]
    assert found[1].name == "kb.zip/en/returns.md"


@pytest.mark.parametrize("name", ["../terms.md", "/etc/terms.md", "a/../../terms.md", "C:/terms.md", "..\\terms.md"])
def test_a_name_that_leads_out_of_its_archive_is_wrong(name: str) -> None:
    (file,) = read_uploads([packed({name: markdown()})])

    assert (file.article, file.is_left_out) == (None, False)
    assert "leads out" in file.says


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no front matter", "front matter"),
        (b"---\nid: x\n---\nbody", "'title' is missing"),
        (b"---\n[" * 3 + b"---\nbody", ""),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"---\nid: !!python/object/apply:os.system [true]\n---\nbody", "python"),
        (markdown(body="x" * (MAX_FILE_BYTES + 1)), "larger than"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(content: bytes, says: str) -> None:
    (file,) = read_uploads([Uploaded("terms.md", content)])

    assert file.article is None
    assert says in file.says


def test_a_file_that_unpacks_to_more_than_its_limit_is_wrong_and_not_unpacked_further() -> None:
    (file,) = read_uploads([packed({"bomb.md": b"0" * (50 * 2**20)})])

    assert "larger than" in file.says


def test_many_files_that_unpack_to_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_upload, "MAX_UNPACKED_BYTES", 500_000)

    with pytest.raises(BadInput, match="larger than any"):
        read_uploads([packed({f"{number}.md": b"0" * MAX_FILE_BYTES for number in range(3)})])


def test_more_files_than_the_limit_are_refused_however_they_are_packed() -> None:
    with pytest.raises(BadInput, match="at most"):
        read_uploads([packed({f"{number}.png": b"" for number in range(MAX_FILES + 1)})])


def test_an_upload_beyond_its_limit_is_refused() -> None:
    with pytest.raises(BadInput, match="in parts"):
        read_uploads([Uploaded("a.md", b" " * (MAX_UPLOAD_BYTES + 1))])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\0" * 100])
def test_an_archive_that_is_none_is_refused_by_its_name(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"kb\.zip"):
        read_uploads([Uploaded("kb.zip", content)])


def test_an_encrypted_or_damaged_file_in_an_archive_is_wrong() -> None:
    archive = bytearray(packed({"terms.md": markdown()}).content)
    directory = archive.rindex(b"PK\x01\x02")
    locked = bytes(archive[: directory + 8]) + bytes([archive[directory + 8] | 1]) + bytes(archive[directory + 9 :])
    damaged = bytes(archive[:45]) + bytes([archive[45] ^ 0xFF]) + bytes(archive[46:])

    found = [read_uploads([Uploaded("kb.zip", content)])[0] for content in (locked, damaged)]

    assert "encrypted" in found[0].says
    assert (found[1].article, "damaged" in found[1].says) == (None, True)
