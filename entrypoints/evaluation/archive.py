"""Cases of an archive of real mail: its mails put back into conversations, each mail of a customer as it lay then."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.importing import FileArchive, Kind
from adapters.parser import ProcessParser
from entrypoints.evaluation.cases import Case, CaseBuilder, Letter
from entrypoints.evaluation.history import cases_of_letters
from entrypoints.evaluation.runner import Advance
from tickets.automatic import is_from_a_machine, is_list
from tickets.errors import BadInput, Unreadable
from tickets.importing import Archived
from tickets.mail import Mail, MailKind, plain_subject
from tickets.matching import answered_ids
from tickets.portions import chunks

BEFORE: Final = timedelta(days=45)  # how long before the time that counts conversations are read
_SAME_SUBJECT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail of the archive, and when it came or left."""

    mail: Mail
    at: datetime


@dataclass(frozen=True, slots=True)
class ArchiveCases:
    """What was found. `own` are the addresses taken for the team's."""

    cases: tuple[Case, ...]
    own: frozenset[str]
    mails: int
    unreadable: int
    since: datetime
    until: datetime


def kind_of(path: Path) -> Kind:
    """A folder is a Maildir, a file an mbox."""
    return "maildir" if path.is_dir() else "mbox"


async def cases_of_archive(
    path: Path, own: frozenset[str], days: float | None, parser: ProcessParser, advance: Advance
) -> ArchiveCases:
    """The customers' mails of the last so many days before the newest mail; None for all. Raises BadInput."""
    archive = FileArchive(path, kind_of(path), own, now=lambda: datetime.now(UTC))
    contents = await archive.contents(lambda done, total: None)
    if not contents:
        raise BadInput(f"{path} holds no mail. Check the path.")
    until = contents[-1].at
    since = until - timedelta(days=days) if days is not None else contents[0].at
    wanted = [mail for mail in contents if mail.at >= since - BEFORE]
    mails, unreadable = await _read(archive, wanted, parser, advance)
    own = own or guessed_own(mails)
    if not own:
        raise BadInput("Which address is the team's cannot be seen in this archive. Name it with --address.")
    cases = (case for name, letters in conversations(mails, own) for case in _cases(name, letters, own))
    chosen = sorted((case for case in cases if case.at >= since), key=lambda case: (case.at, case.id))
    return ArchiveCases(tuple(chosen), own, len(contents), unreadable, since, until)


async def _read(
    archive: FileArchive, wanted: Sequence[Archived], parser: ProcessParser, advance: Advance
) -> tuple[list[ReadMail], int]:
    found, unreadable = [], 0
    for some in chunks(list(wanted)):
        for incoming in await archive.read(some):
            try:
                parsed = await parser.parse(incoming.raw)
            except Unreadable:
                unreadable += 1
            else:
                found.append(ReadMail(parsed.mail, incoming.received_at))
            advance(len(found) + unreadable, len(wanted))
        await asyncio.sleep(0)
    return found, unreadable


def guessed_own(mails: Iterable[ReadMail]) -> frozenset[str]:
    """The address that both writes and is written to most often: that of the team."""
    wrote, written_to = Counter[str](), Counter[str]()
    for each in mails:
        wrote[each.mail.sender.key] += 1
        written_to.update({address.key for address in (*each.mail.to, *each.mail.cc)})
    both = {
        key: (min(count, written_to[key]), count + written_to[key])
        for key, count in wrote.items()
        if key and written_to[key]
    }
    return frozenset({max(sorted(both), key=lambda key: both[key])}) if both else frozenset()


@dataclass(slots=True)
class _Threads:
    """Which conversation a mail belongs to: by what it says it answers, else by its subject and the other side."""

    own: frozenset[str]
    letters: dict[str, list[Letter]] = field(default_factory=dict)
    by_id: dict[str, str] = field(default_factory=dict)
    by_subject: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    def add(self, each: ReadMail) -> None:
        if each.mail.message_id in self.by_id:
            return  # a copy in another folder
        name = self._found(each) or sha256(each.mail.message_id.encode()).hexdigest()[:16]
        self.letters.setdefault(name, []).append(Letter(each.mail, kind_of_mail(each.mail, self.own), each.at))
        self.by_id[each.mail.message_id] = name
        for side in self._other_side(each.mail):
            self.by_subject[plain_subject(each.mail.subject).casefold(), side] = name, each.at

    def _found(self, each: ReadMail) -> str | None:
        answered = next((self.by_id[known] for known in answered_ids(each.mail) if known in self.by_id), None)
        subject = plain_subject(each.mail.subject)
        if answered or subject == each.mail.subject.strip():
            return answered
        for side in self._other_side(each.mail):
            name, at = self.by_subject.get((subject.casefold(), side), ("", each.at))
            if name and each.at - at <= _SAME_SUBJECT:
                return name
        return None

    def _other_side(self, mail: Mail) -> list[str]:
        is_ours = mail.sender.key in self.own
        return [address.key for address in mail.to] if is_ours else [mail.sender.key]


def conversations(mails: Iterable[ReadMail], own: frozenset[str]) -> Iterator[tuple[str, Sequence[Letter]]]:
    """Each conversation by a name that is the same in every run, its mails oldest first."""
    threads = _Threads(own)
    for each in sorted(mails, key=lambda each: each.at):
        threads.add(each)
    yield from threads.letters.items()


def kind_of_mail(mail: Mail, own: frozenset[str]) -> MailKind:
    """Whose it is."""
    if mail.bounce is not None:
        return MailKind.BOUNCE
    if mail.sender.key in own:
        return MailKind.HUMAN_REPLY
    return MailKind.AUTOMATIC if is_from_a_machine(mail) or is_list(mail) else MailKind.CUSTOMER


def _cases(name: str, letters: Sequence[Letter], own: frozenset[str]) -> Iterator[Case]:
    yield from cases_of_letters(CaseBuilder(min(own)), name, letters)
