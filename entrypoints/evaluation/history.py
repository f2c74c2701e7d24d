"""Cases of a conversation that is over: each mail of the customer, as it lay there then, and what was answered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from adapters.local_language import is_certain, language_of
from entrypoints.evaluation.cases import Case, CaseBuilder, Expected, Letter
from tickets.mail import MailKind

OURS: Final = (MailKind.REPLY, MailKind.HUMAN_REPLY)
_PEOPLE: Final = (MailKind.CUSTOMER, *OURS)


def cases_of_letters(builder: CaseBuilder, name: str, letters: Sequence[Letter]) -> Iterator[Case]:
    """`letters` is the whole conversation, oldest first.

    The reply to a mail is the next thing that was said, if we said it. When the customer wrote once more before that,
    nobody knows whether the first mail needed a reply of its own. One after which nothing was said needed none.
    """
    for place, letter in enumerate(letters):
        if letter.kind is not MailKind.CUSTOMER:
            continue
        answer = next((each for each in letters[place + 1 :] if each.kind in _PEOPLE), None)
        yield Case(
            id=f"{name}/{place}",
            conversation=builder.conversation(f"{name}/{place}", letters[: place + 1]),
            expected=_expected(answer),
            at=letter.at,
            knows=letter.at,
        )


def _expected(answer: Letter | None) -> Expected:
    if answer is None:
        return Expected(needs_reply=False)
    if answer.kind not in OURS:
        return Expected()
    text = said_in(answer)
    expected = Expected(needs_reply=True, reference=text or None, answered_at=answer.at)
    return replace(expected, language=language_of(text)) if is_certain(text) else expected


def said_in(letter: Letter) -> str:
    """What its author wrote, without what they quoted."""
    return (letter.mail.visible_text.strip() or letter.mail.text.strip())[:20_000]
