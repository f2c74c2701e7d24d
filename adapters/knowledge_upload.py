"""Uploaded Markdown files and archives, read in memory; a name in an archive is shown, never used as a path."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from adapters.knowledge import article_in
from tickets.errors import BadInput
from tickets.knowledge_import import (
    DAMAGED,
    ENCRYPTED,
    LEADS_OUT,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_UNPACKED_BYTES,
    MAX_UPLOAD_BYTES,
    NO_MARKDOWN,
    NO_TEXT,
    TOO_DEEP,
    TOO_LARGE,
    ReadFile,
    Uploaded,
)
from tickets.wording import Sentence

MAX_NAME: Final = 200


def read_uploads(uploaded: Sequence[Uploaded]) -> list[ReadFile]:
    """Every file of the upload, read or with the reason why not. Raises BadInput beyond a limit."""
    if sum(len(each.content) for each in uploaded) > MAX_UPLOAD_BYTES:
        raise BadInput(Sentence("An upload has at most %(most)s MB. Send it in parts.", most=MAX_UPLOAD_BYTES // 2**20))
    found: list[ReadFile] = []
    unpacked = 0
    for file in _unpacked(uploaded):
        if isinstance(file, Uploaded):
            unpacked += len(file.content)
            file = _read(file)
        found.append(file)
        if len(found) > MAX_FILES:
            raise BadInput(Sentence("An upload has at most %(most)s files. Send it in parts.", most=MAX_FILES))
        if unpacked > MAX_UNPACKED_BYTES:
            raise BadInput("Unpacked, this upload is larger than any knowledge base. Send the articles in parts.")
    return found


def _unpacked(uploaded: Sequence[Uploaded]) -> Iterator[Uploaded | ReadFile]:
    for file in uploaded:
        if file.name.casefold().endswith(".zip"):
            yield from _archive(file)
        else:
            yield Uploaded(_shown(file.name), file.content)


def _archive(file: Uploaded) -> Iterator[Uploaded | ReadFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield _entry(archive, entry, _shown(f"{file.name}/{entry.filename}"))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadInput(Sentence("%(name)s is no zip archive that can be read.", name=_shown(file.name))) from error


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Uploaded | ReadFile:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return ReadFile(name, says=LEADS_OUT)
    if parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts) or not parts[-1].lower().endswith(".md"):
        return ReadFile(name, says=NO_MARKDOWN, is_left_out=True)
    if entry.flag_bits & 0x1:
        return ReadFile(name, says=ENCRYPTED)
    try:
        with archive.open(entry) as stream:
            return Uploaded(name, stream.read(MAX_FILE_BYTES + 1))  # whatever size its header claims
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        return ReadFile(name, says=DAMAGED)


def _read(file: Uploaded) -> ReadFile:
    last = file.name.rpartition("/")[2].casefold()
    if not last.endswith(".md"):
        return ReadFile(file.name, says=NO_MARKDOWN, is_left_out=True)
    if len(file.content) > MAX_FILE_BYTES:
        return ReadFile(file.name, says=TOO_LARGE)
    try:
        return ReadFile(file.name, article_in(file.content.decode("utf-8")))
    except UnicodeDecodeError:
        return ReadFile(file.name, says=NO_TEXT)
    except RecursionError:
        return ReadFile(file.name, says=TOO_DEEP)
    except BadInput as error:
        return ReadFile(file.name, says=str(error))


def _shown(name: str) -> str:
    """A name as a page can show it."""
    clean = "".join(character if character.isprintable() else "?" for character in name)
    return clean if len(clean) <= MAX_NAME else f"…{clean[-MAX_NAME:]}"
