"""Triage by rules and nearest examples: what a mail is about and what it asks for, with reasons in words."""

import re
from collections.abc import Sequence
from typing import Final

from adapters import local_signals as signals
from adapters.local_category import Verdict, category_of, names_a_matter
from adapters.local_reading import Reading
from adapters.local_words import Words
from tickets.automatic import must_not_be_answered
from tickets.categories import OTHER, Categories
from tickets.likeness import UNJUDGED, Judged
from tickets.ticket import Article, Category, Priority, Sentiment, Triage

WRITTEN_BY: Final = "local"
NOTE: Final = "written without a model"
NEW: Final = "Nothing like this mail was decided here before. Check its category."
_SUMMARY_LIMIT: Final = 160
_THANKS_WORDS: Final = 60  # a mail of thanks is short
_OPENING_WORDS: Final = 12  # and begins with them
# A sentence ends before a capital, so that "22. 10." and "ca. 10" stay whole.
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zß-ÿ]|[¿¡„«\"(])|\n+")
_GREETING: Final = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus"
    r"|sehr geehrte|liebe|bonjour|bonsoir|madame|monsieur|cher|chère|hola|buen\w+|estimad\w+|muy señor\w*)\b.{0,60}$",
    re.IGNORECASE,
)
_MACHINE_SENDER: Final = re.compile(
    r"^(?:(?:no|do-?not|never)[-_.]?reply|mailer-daemon|postmaster|newsletter|notifications?)\b", re.IGNORECASE
)
_MASS = "sent to many people, not to this desk"
_SPAM = "unasked advertising"
_ANNOUNCEMENT = "an announcement to everybody"
_AWAY = "an automatic notice"
_FRAUD = "asks for a payment or data as frauds do; do not answer"
_FOREIGN: Final = frozenset({_MASS, _SPAM, _ANNOUNCEMENT, _AWAY})


def triage_of(
    reading: Reading, examples: Sequence[Article], categories: Categories, judged: Judged = UNJUDGED
) -> Triage:
    """`examples` are the articles nearest to the mail, nearest first; they, decisions and the vocabulary vote."""
    verdict = category_of(reading, examples, categories, judged)
    silence = why_no_reply(reading)
    category = OTHER if silence in _FOREIGN else verdict.category
    priority, urgency = _priority(reading, category, needs_reply=silence is None)
    is_suspicious = bool(reading.everything.find_all(signals.INSTRUCTS_MACHINE))
    warning = ("contains instructions addressed to the machine",) if is_suspicious else ()
    return Triage(
        category=category,
        priority=priority,
        sentiment=_sentiment(reading),
        language=reading.language,
        needs_reply=silence is None,
        summary=summary_of(reading.text) or reading.mail.subject[:_SUMMARY_LIMIT],
        confidence=_confidence(verdict, reading, is_suspicious=is_suspicious),
        reasons=(*warning, *((silence,) if silence else ()), *urgency, *verdict.reasons),
        written_by=WRITTEN_BY,
        needs_human=is_suspicious or silence == _FRAUD or (verdict.is_new and silence is None),
        note=NEW if verdict.is_new else NOTE,
    )


def why_no_reply(reading: Reading) -> str | None:
    """The reason why nobody waits for an answer to this mail; None when somebody does."""
    words, mail = reading.everything, reading.mail
    if must_not_be_answered(mail) or (words.find_all(signals.AWAY) and not _asks(reading)):
        return _AWAY
    if len(words.find_all(signals.SPAM)) >= 2:
        return _SPAM
    if len(words.find_all(signals.MASS_MAIL)) >= 2:
        return _MASS
    if _is_fraud(reading):
        return _FRAUD
    if _MACHINE_SENDER.match(mail.sender.address) and not mail.reply_to:
        return _AWAY
    return None if _asks(reading) else _why_content(reading)


def _why_content(reading: Reading) -> str | None:
    """Why the author of a mail without a question or a request is content with silence; None when nothing says so."""
    if _only_thanks(reading):
        return "says thanks and asks nothing"
    if reading.everything.find_all(signals.NO_ANSWER_WANTED):
        return "wants no answer"
    return _ANNOUNCEMENT if reading.everything.find_all(signals.ANNOUNCES) else None


def _is_fraud(reading: Reading) -> bool:
    """Two marks of fraud and no question, or one mark when the sender's own domain disowns the mail."""
    is_disowned = "dmarc=fail" in reading.mail.headers.get("authentication-results", "").lower().replace(" ", "")
    marks = len(reading.everything.find_all(signals.PHISHING))
    return marks >= 1 if is_disowned else marks >= 2 and "?" not in reading.text


def _asks(reading: Reading) -> bool:
    return "?" in reading.text or bool(reading.body.find_all(signals.REQUEST))


def _only_thanks(reading: Reading) -> bool:
    """Short, thankful, and nothing left to do. "Thanks" below a report of a fault is a closing, not the message."""
    if len(reading.body) > _THANKS_WORDS or reading.body.find_all(signals.DOUBT):
        return False
    if reading.body.find_all(signals.SETTLED):
        opening = Words(" ".join(reading.text.split()[:_OPENING_WORDS]))
        return bool(opening.find_all(signals.THANKS)) or not names_a_matter(reading)
    return bool(reading.body.find_all(signals.THANKS)) and not names_a_matter(reading)


def _priority(reading: Reading, category: str, *, needs_reply: bool) -> tuple[Priority, tuple[str, ...]]:
    words = reading.everything
    if not needs_reply:
        return Priority.LOW, ()
    if found := words.find_stated(signals.DANGER):
        return Priority.URGENT, (f"danger: mentions '{found[0]}'",)
    if words.find_all(signals.UNHURRIED):
        return Priority.LOW if category == Category.SALES else Priority.NORMAL, ()
    if found := words.find_stated(signals.URGENT) or words.find_stated(signals.PRESSING):
        return Priority.HIGH, (f"pressing: mentions '{found[0]}'",)
    return (Priority.HIGH, ("a complaint",)) if category == Category.COMPLAINT else (Priority.NORMAL, ())


def _sentiment(reading: Reading) -> Sentiment:
    bad = len(reading.everything.find_all(signals.NEGATIVE))
    good = len(reading.everything.find_stated(signals.POSITIVE))
    if bad > good:
        return Sentiment.NEGATIVE
    return Sentiment.POSITIVE if good > bad else Sentiment.NEUTRAL


def summary_of(text: str) -> str:
    """The first sentences that say something, at most 160 characters; empty for an empty text."""
    picked = ""
    for sentence in _SENTENCE_END.split(_flowing(text)):
        longer = f"{picked} {' '.join(sentence.split())}".strip()
        if picked and len(longer) > _SUMMARY_LIMIT:
            break
        picked = longer
    whole = picked[:1].upper() + picked[1:]
    return whole if len(whole) <= _SUMMARY_LIMIT else whole[: _SUMMARY_LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _flowing(text: str) -> str:
    """Paragraphs as one line each, without the greeting."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for index, line in enumerate(lines) if index > 3 or not _GREETING.match(line)]
    return re.sub(r"(?<=\S)\n(?=\S)", " ", "\n".join(kept))


def _confidence(verdict: Verdict, reading: Reading, *, is_suspicious: bool) -> float:
    """0.2 for a guess up to 0.9 for a clear matter in a clear language."""
    confidence = 0.2 + 0.6 * verdict.clarity + (0.1 if reading.is_language_certain else 0.0)
    return round(confidence * (0.5 if is_suspicious else 1.0), 2)
