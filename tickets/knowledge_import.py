"""Use case: Markdown files that somebody uploads become articles, all of them or none, each with its own report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tickets.errors import BadInput
from tickets.knowledge_base import KeptArticle, KnowledgeBase, checked
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.ticket import Article
from tickets.wording import N_

MAX_FILES: Final = 500
MAX_FILE_BYTES: Final = 250_000
MAX_UPLOAD_BYTES: Final = 10 * 2**20
MAX_UNPACKED_BYTES: Final = 20 * 2**20


NO_MARKDOWN: Final = N_("This is no Markdown file.")
LEADS_OUT: Final = N_("Its name leads out of the archive. Pack the folder anew.")
ENCRYPTED: Final = N_("It is encrypted. Pack it without a password.")
DAMAGED: Final = N_("It is damaged in the archive. Pack it anew.")
TOO_LARGE: Final = N_("It is larger than 250 kB. Divide it.")
NO_TEXT: Final = N_("It is not UTF-8 text. Save it as UTF-8.")
TOO_DEEP: Final = N_("Its front matter is nested too deeply.")
SAME_ID: Final = N_("Another file of this upload has the same id.")


class Fate(StrEnum):
    """What becomes of a file; `LEFT_OUT` is none that an import reads, `WRONG` stops the whole import."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as it came: a Markdown file, or an archive of some."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was looked into. `says` is why it is wrong or left out."""

    name: str
    article: Article | None = None
    says: str = ""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file, or would."""

    name: str
    fate: Fate
    article_id: str | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`is_done`: the articles are in. Not when a file is wrong, or it was only asked."""

    files: tuple[FileReport, ...]
    is_done: bool = False

    @property
    def wrong(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.fate is Fate.WRONG)

    def number(self, fate: str) -> int:
        return sum(file.fate == fate for file in self.files)


ReadFiles = Callable[[Sequence[Uploaded]], Sequence[ReadFile]]
"""Unpack and read, within the limits above. Raises BadInput for more than they allow."""


@dataclass(frozen=True, slots=True)
class KnowledgeImport:
    """The same rules as the import of a folder on the server."""

    base: KnowledgeBase
    read: ReadFiles
    clock: Clock

    async def run(self, uploaded: Sequence[Uploaded], *, by: Actor, is_dry: bool = False) -> ImportReport:
        """Import them, unless one is wrong. Raises BadInput when there is nothing to read, or too much."""
        by.require(Scope.ADMIN)
        found = [_checked(file) for file in self.read(uploaded)]
        if not any(file.article or not file.is_left_out for file in found):
            raise BadInput("There is no Markdown file in this upload. Choose files whose names end in .md, or a .zip.")
        kept = {each.article.id: each for each in await self.base.kept()}
        report = ImportReport(tuple(_report(file, kept, found) for file in found))
        if report.wrong or is_dry:
            return report
        await self.base.take_in([file.article for file in found if file.article], by, self.clock.now())
        return replace(report, is_done=True)


def _checked(file: ReadFile) -> ReadFile:
    if file.article is None:
        return file
    try:
        return replace(file, article=checked(file.article))
    except BadInput as error:
        return ReadFile(file.name, says=str(error))


def _report(file: ReadFile, kept: dict[str, KeptArticle], found: Sequence[ReadFile]) -> FileReport:
    if file.article is None:
        return FileReport(file.name, Fate.LEFT_OUT if file.is_left_out else Fate.WRONG, says=file.says)
    article_id = file.article.id
    if sum(other.article is not None and other.article.id == article_id for other in found) > 1:
        return FileReport(file.name, Fate.WRONG, article_id, SAME_ID)
    before = kept.get(article_id)
    if before is None:
        return FileReport(file.name, Fate.ADDED, article_id)
    fate = Fate.UNCHANGED if before.article == file.article else Fate.CHANGED
    return FileReport(file.name, fate, article_id)
