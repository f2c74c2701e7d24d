"""A reply without a model: the best ready text without open fields, or an acknowledgement, and what feedback can do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local_triage import NOTE, WRITTEN_BY
from adapters.local_wording import acknowledgement, closing, greeting, person_to_greet
from adapters.local_words import Words
from tickets.mail import Mail, reply_subject
from tickets.ticket import Article, Draft, ProposedReply

_OPEN_SLOT: Final = re.compile(r"\{\{|\}\}|\[\[|<[A-Z_]{3,}>")
# "Tell her "we come on Tuesday"", "Schreib ihm: ...": an order to say, then the words in quotes or after a colon.
_ORDER_TO_SAY: Final = re.compile(
    r"(?P<denied>(?:\b(?:not|never|nicht|ne|no)|n['’]t)\s+)?"
    r"\b(?:write|say|tell|answer|reply|add|use|mention|schreib|sag|antwort|ergänz|füg|écri|dis|dites|répon|ajout|escrib|diga"
    r"|respond|añad)\w*[^\"“„«:]{0,60}"
    r"(?:[\"“„«](?P<quoted>[^\"“”„«»]{8,1500})[\"“”»]|:\s+(?P<rest>\S.{7,1500}))",
    re.IGNORECASE | re.DOTALL,
)
_SHORTER: Final = (
    "short*, brief*, concise, kürz*, knapp*, court, courte, bref, brève, raccourci*, corto, corta, breve, acort*"
)
_LANGUAGE_NAMES: Final = {
    "en": "in english, auf englisch, in englisch, en anglais, en inglés, in inglese, in het engels",
    "de": "in german, auf deutsch, in deutsch, en allemand, en alemán, in tedesco, in het duits",
    "fr": "in french, auf französisch, in französisch, en français, en francés, in francese, in het frans",
    "es": "in spanish, auf spanisch, in spanisch, en espagnol, en español, in spagnolo, in het spaans",
    "it": "in italian, auf italienisch, in italienisch, en italien, en italiano, in italiano, in het italiaans",
    "nl": "in dutch, auf niederländisch, in niederländisch, en néerlandais, en neerlandés, in olandese,"
    " in het nederlands",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One text that could be the answer; an acknowledgement has no source."""

    text: str
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What stays the same whichever text is chosen."""

    mail: Mail
    language: str
    desk_name: str

    def reply(self, candidate: Candidate, note: str = NOTE) -> ProposedReply:
        """The text between greeting and closing, ready to be approved."""
        head = greeting(self.language, person_to_greet(self.mail))
        body = f"{head}\n\n{candidate.text}\n\n{closing(self.language, self.desk_name)}\n"
        sources = (candidate.source_id,) if candidate.source_id else ()
        return ProposedReply(reply_subject(self.mail.subject), body, sources, WRITTEN_BY, note=note)


def has_open_slots(text: str) -> bool:
    """Whether somebody must still fill something in."""
    return bool(_OPEN_SLOT.search(text))


def asked_language(feedback: str | None) -> str | None:
    """The language that the operator's feedback names, if it names one."""
    words = Words(feedback or "")
    return next((language for language, names in _LANGUAGE_NAMES.items() if words.find_all(names)), None)


def candidates(ranked: Sequence[Article], language: str, category: str, *, is_clear: bool) -> tuple[Candidate, ...]:
    """What could be sent, best first. When the matter is not clear the acknowledgement comes before the ready texts."""
    ready = tuple(
        Candidate(article.body, article.id)
        for article in ranked
        if article.is_macro
        and (article.language, article.category) == (language, category)
        and not has_open_slots(article.body)
    )
    received = (Candidate(acknowledgement(language)),)
    return (*ready, *received) if is_clear else (*received, *ready)


def redraft(letter: Letter, offered: Sequence[Candidate], feedback: str, previous: Draft | None) -> ProposedReply:
    """What rules can make of feedback: say quoted words, shorten, change the language, or offer the next text."""
    if spoken := _spoken(feedback):
        return letter.reply(Candidate(spoken), f"{NOTE}; it says the words of your feedback, please check")
    if Words(feedback).find_all(_SHORTER):
        chosen = _current(offered, previous)
        short = Candidate(chosen.text.split("\n\n", maxsplit=1)[0], chosen.source_id)
        return letter.reply(short, f"{NOTE}; shortened to its first paragraph, please edit")
    if asked_language(feedback):
        return letter.reply(offered[0], f"{NOTE}; feedback was noted, please edit")
    return letter.reply(_after(offered, previous), f"{NOTE}; feedback was noted, please edit")


def _spoken(feedback: str) -> str | None:
    """The words an operator quotes, or writes after a colon."""
    orders = (order for order in _ORDER_TO_SAY.finditer(feedback) if not order["denied"])
    order = next(orders, None)
    return (order["quoted"] or order["rest"]).strip() if order else None


def _position(offered: Sequence[Candidate], previous: Draft | None) -> int | None:
    if previous is None:
        return None
    used = previous.sources[0].id if previous.sources else None
    return next((place for place, candidate in enumerate(offered) if candidate.source_id == used), None)


def _current(offered: Sequence[Candidate], previous: Draft | None) -> Candidate:
    return offered[_position(offered, previous) or 0]


def _after(offered: Sequence[Candidate], previous: Draft | None) -> Candidate:
    """The text after the one that was there, round and round."""
    place = _position(offered, previous)
    return offered[0] if place is None else offered[(place + 1) % len(offered)]
