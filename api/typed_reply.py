"""What an operator had on the screen when a form of the draft was sent."""

from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from tickets.errors import BadInput
from tickets.ticket import Draft, Seen


@dataclass(frozen=True, slots=True)
class TypedReply:
    """The draft's form. `subject` is None when the form carried no text fields; revision 0 means there was no draft."""

    revision: int
    content_hash: str
    subject: str | None
    body: str
    confirmed: frozenset[str]

    @classmethod
    def of(cls, form: FormMultiDict) -> "TypedReply":
        """Raises BadInput when the revision is not a number."""
        revision = str(form.get("revision", "0"))
        if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
            raise BadInput("The form does not say which draft it is about. Reload the ticket and try again.")
        return cls(
            revision=int(revision),
            content_hash=str(form.get("content_hash", "")),
            subject=str(form["subject"]) if "subject" in form else None,
            body=_lines(str(form.get("body", ""))),
            confirmed=frozenset(str(flag) for flag in form.getall("confirm_flags", [])),
        )

    @property
    def seen(self) -> Seen:
        return Seen(self.revision, self.content_hash, self.confirmed)

    def is_text_of(self, draft: Draft | None) -> bool:
        """Whether nothing was changed: browsers send other line ends than the draft has."""
        if self.subject is None:
            return True
        return draft is not None and (self.subject.strip(), self.body) == (draft.subject.strip(), _lines(draft.body))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
