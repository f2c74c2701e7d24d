"""Sentences that remember what they were made of, so that they can be said in another language."""

from contextvars import copy_context
from pathlib import Path

from api.language import Languages, read_by, told
from templates import __file__ as templates
from tickets.errors import Conflict, FlagsOpen
from tickets.status import Event, IllegalMove, Status
from tickets.wording import Sentence

GERMAN = Languages.read(Path(str(templates)).parent / "locale").reader("de")


def in_german(error: Exception) -> str:
    def said() -> str:
        read_by(GERMAN)
        return told(error)

    return copy_context().run(said)


def test_an_error_that_carries_values_speaks_the_readers_language() -> None:
    error = Conflict(Sentence("There is a token '%(name)s' already. Revoke it or take another name.", name="nightly"))

    assert str(error) == "There is a token 'nightly' already. Revoke it or take another name."
    assert in_german(error).startswith("Es gibt bereits ein Token „nightly“.")


def test_several_sentences_are_said_one_by_one() -> None:
    error = FlagsOpen(["a", "b", "c"], blanks=1)

    assert str(error).startswith("2 statement(s) of this draft have no source. 1 blank(s) of a ready text")
    assert in_german(error).startswith("2 Aussage(n) dieses Entwurfs haben keine Quelle. 1 Lücke(n)")


def test_what_is_possible_instead_of_a_refused_move_is_said_too() -> None:
    error = IllegalMove(Status.DONE, Event.DRAFT_OFFERED)

    assert str(error).endswith("You can reopen it.")
    assert in_german(error).endswith("Sie können es wieder öffnen.")
