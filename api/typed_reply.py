"""What an operator had on the screen when a form of the draft was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from litestar.datastructures import FormMultiDict, UploadFile

from api.typed_numbers import whole_number
from tickets.choices import AS_IT_IS, AnswerTo, Choices, typed_addresses
from tickets.errors import BadInput
from tickets.keeping import MAX_AROUND, Typed
from tickets.letter import Signing
from tickets.mail import Address
from tickets.ticket import Draft, Seen

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TypedChoices:
    """The fields around the words, as they were typed. "" in a choice among several means: as it is."""

    answer_to: str
    reply_all: bool
    cc: str
    bcc: str
    signing: str
    quotes: bool
    files: frozenset[str]

    @classmethod
    def of(cls, form: FormMultiDict) -> "TypedChoices":
        return cls(
            answer_to=str(form.get("answer_to", "")),
            reply_all=form.get("reply_all") == "on",
            cc=str(form.get("cc", "")),
            bcc=str(form.get("bcc", "")),
            signing=str(form.get("signing", "")),
            quotes=form.get("quote") == "on",
            files=frozenset(str(sha256) for sha256 in form.getall("file", [])),
        )

    def kept(self) -> dict[str, str]:
        """As plain fields, under the names that the form has."""
        words = {"answer_to": self.answer_to, "cc": self.cc, "bcc": self.bcc, "signing": self.signing}
        ticks = {"reply_all": "on" if self.reply_all else "", "quote": "on" if self.quotes else ""}
        return words | ticks | {"file": " ".join(sorted(self.files))}

    @classmethod
    def from_kept(cls, fields: Mapping[str, str]) -> "TypedChoices":
        """What `kept` gave."""
        return cls(
            answer_to=fields.get("answer_to", ""),
            reply_all=fields.get("reply_all") == "on",
            cc=fields.get("cc", ""),
            bcc=fields.get("bcc", ""),
            signing=fields.get("signing", ""),
            quotes=fields.get("quote") == "on",
            files=frozenset(fields.get("file", "").split()),
        )

    def read(self) -> Choices:
        """Raises BadInput for an address that is none."""
        return Choices(
            answer_to=_one_of(AnswerTo, self.answer_to),
            reply_all=self.reply_all,
            cc=typed_addresses(self.cc),
            bcc=typed_addresses(self.bcc),
            signing=_one_of(Signing, self.signing),
            quotes_original=self.quotes,
            files=self.files,
        )


@dataclass(frozen=True, slots=True)
class TypedReply:
    """The draft's form. `subject` is None when the form carried no text fields; revision 0 means there was no draft."""

    revision: int
    content_hash: str
    subject: str | None
    body: str
    confirmed: frozenset[str]
    around: TypedChoices | None = None
    uploads: tuple[UploadFile, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, form: FormMultiDict) -> "TypedReply":
        """Raises BadInput when the revision is not a number."""
        revision = whole_number(str(form.get("revision", "0")))
        if revision is None:
            raise BadInput("The form does not say which draft it is about. Reload the ticket and try again.")
        uploads = (each for each in form.getall("upload", []) if isinstance(each, UploadFile) and each.filename)
        return cls(
            revision=revision,
            content_hash=str(form.get("content_hash", "")),
            subject=str(form["subject"]) if "subject" in form else None,
            body=_lines(str(form.get("body", ""))),
            confirmed=frozenset(str(flag) for flag in form.getall("confirm_flags", [])),
            around=TypedChoices.of(form) if "around" in form else None,
            uploads=tuple(uploads),
        )

    def as_unsaved(self, version: int | None = None) -> Typed:
        """Everything but the files that were chosen, which no page can put back."""
        fields = self.around.kept() if self.around else {}
        bounded = {name: value[:MAX_AROUND] for name, value in fields.items()}
        return Typed(self.revision, self.subject or "", self.body, bounded, version)

    @property
    def seen(self) -> Seen:
        return Seen(self.revision, self.content_hash, self.confirmed)

    @property
    def choices(self) -> Choices:
        """Raises BadInput for an address that is none."""
        return self.around.read() if self.around else AS_IT_IS

    def keeps_recipients_of(self, draft: Draft) -> bool:
        """Whether the operator left alone whom the reply goes to."""
        return _same_recipients(self.choices, draft)

    def is_text_of(self, draft: Draft | None) -> bool:
        """Whether nothing was changed: browsers send other line ends than the draft has."""
        if self.subject is None:
            return True
        return draft is not None and self._is_worded_as(draft) and self._is_around_as(draft)

    def _is_worded_as(self, draft: Draft) -> bool:
        return (self.subject or "").strip() == draft.subject.strip() and self.body == _lines(draft.body)

    def _is_around_as(self, draft: Draft) -> bool:
        try:
            chosen = self.choices
        except BadInput:
            return False
        if self.uploads or chosen.signing is not None or not _same_recipients(chosen, draft):
            return False
        same_quote = chosen.quotes_original in (None, bool(draft.quote))
        return same_quote and chosen.files in (None, frozenset(file.sha256 for file in draft.attachments))


def written(addresses: tuple[Address, ...]) -> str:
    """Addresses as the form shows them, and reads them back as the same."""
    return ", ".join(f"{_quoted(each.name)} <{each.address}>" if each.name else each.address for each in addresses)


def _same_recipients(chosen: Choices, draft: Draft) -> bool:
    is_same = _keys(chosen.cc) in (None, _keys(draft.cc)) and _keys(chosen.bcc) in (None, _keys(draft.bcc))
    return is_same and chosen.answer_to is None and not chosen.reply_all


def _keys(addresses: tuple[Address, ...] | None) -> list[str] | None:
    return None if addresses is None else [each.key for each in addresses]


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _one_of(kind: type[E], text: str) -> E | None:
    return next((each for each in kind if each.value == text), None)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
