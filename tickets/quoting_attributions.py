"""The line above a quote: `On ..., ... wrote:` in the languages and forms mail programs write it, folded or not.

What tells it from a sentence is its build, not its language: a date and a person, a verb of writing at its end or
before the name, a colon. Nothing looks at more than four lines, each cut to a fixed length.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from tickets.quoting_headers import ADDRESS, WHEN
from tickets.quoting_marks import LINE_LENGTH, is_quoted

_LOOK_BACK: Final = 3
_MAX_FOUND: Final = 500  # no mail quotes more often; a hostile one stays as it is
_MAX_WORDS: Final = 22
_MAX_NAME_WORDS: Final = 6
_EARLY: Final = 45  # characters within which an attribution that begins with its date has it

# Between the verb and the colon stands nothing, or a date or an address.
_LAST_VERBS: Final = (
    *("wrote", "wrote the following", "writes", "has written", "a écrit", "a ecrit", "écrivait", "escribió"),
    *("escribio", "escribió lo siguiente", "escribiu", "ha escrit", "va escriure", "ha scritto", "scrive"),
    *("scrisse", "escreveu", "geschrieben", "geschreven", "napisał", "napisała", "napisał(a)", "pisze", "napsal"),
    *("napsala", "napsal(a)", "píše", "napísal", "napísala", "napísal(a)", "napisao", "napisala", "napisao je"),
    *("napisala je", "je napisao", "je napisao/la", "napisal", "je napisal", "је написао", "је написао/ла"),
    *("написал", "написала", "написал(а)", "написав", "написав(ла)", "пишет", "пише", "написа", "yazdı", "yazmış"),
    *("írta", "a scris", "έγραψε", "έγραψαν", "kirjutas", "rašė", "rakstīja", "menulis", "đã viết", "כתב", "כתבה"),
    *("كتب", "نوشت"),
)
# The name follows these.
_INNER_VERBS: Final = (
    *("schrieb", "schreibt", "schreef", "schrijft", "skrev", "skriver", "kirjoitti", "kirjoittaa", "napisana przez"),
)
_EASTERN_VERBS: Final = ("写道", "寫道", "写到", "のメール", "書きました", "さんの投稿", "작성", "เขียนว่า")


def _any_of(phrases: Sequence[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


_LAST_VERB: Final = _any_of(_LAST_VERBS)
_INNER_VERB: Final = _any_of(_INNER_VERBS)
_EASTERN_VERB: Final = _any_of(_EASTERN_VERBS)
# The verbs proper, without their helpers: a set is asked before the long expressions are.
_VERB_WORDS: Final = frozenset(max(re.findall(r"[^\W\d_]+", phrase), key=len) for phrase in _LAST_VERBS + _INNER_VERBS)
_VERB: Final = re.compile(
    rf"(?<![\w'’])(?:{_LAST_VERB}|(?P<inner>{_INNER_VERB}))(?!\w)|(?P<eastern>{_EASTERN_VERB})", re.IGNORECASE
)
_ENDING: Final = re.compile(rf"(?:[:：>]|(?<!\w)(?:{_LAST_VERB})|(?:{_EASTERN_VERB}))$", re.IGNORECASE)
_QUOTING: Final = re.compile(r"^(?:quoting|zitat von|citando a?|citat från|citat fra|citace od)\s", re.IGNORECASE)

_CLOCK: Final = re.compile(r"(?<![\d.])\d{1,2}[:.h時点시] ?\d\d(?!\.?\d)")
_DATE_BEGINS: Final = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b")
_FULL_DATE: Final = re.compile(
    r"\d{1,2}[/.-] ?\d{1,2}[/.-] ?\d\d|\d{1,2}(?:st|nd|rd|th)?\D{1,16}20\d\d|20\d\d\D{1,12}\d{1,2}(?![\d:.h])"
)
_IN_BRACKETS: Final = re.compile(r"[<(\[][^<>()\[\]]{0,160}[>)\]]")
_BRACKETED: Final = re.compile(r"[<(\[]\s{0,2}(?:mailto:)?[^\s<>@()]{1,80}@[^\s<>@()]{2,80}")
_LAST_DIGIT: Final = re.compile(r"^.*\d", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]+")
_SENTENCE_END: Final = re.compile(r"[^\W\d_]{5,}[.!?]\s+[A-ZÀ-Þ][^\W\d_]|\?\s")
_UPPER_LINE_ENDS: Final = re.compile(r"(?:[^\W\d_]{5,}[.!?]|[!?:;])$")

# A person who tells what was written, not a mail program.
_TELLER: Final = re.compile(
    rf"(?<!\w)(?:(?:i|we|he|she|they|who|ich|wir|er|mir|uns|j['’]ai|nous|il|elle|on|ils|me|lui|ik|wij|hij|zij|jag|jeg"
    rf"|vi|han|hon|hun|mi|gli|ci|yo|nos|eu|ele|ela|я|мы|он|она)\s+(?:{_LAST_VERB}|{_INNER_VERB})"
    rf"|(?:{_INNER_VERB})\s+(?:ich|er|sie|wir|mir|uns|ihnen|du|ik|hij|zij|wij|u|je|jag|jeg|vi|han|hon|hun|minä))(?!\w)",
    re.IGNORECASE,
)
_OURS: Final = re.compile(
    r"(?<!\w)(?:our|my|your|their|unser\w{0,2}|mein\w{0,2}|ihre?[rnsm]?|notre|votre|nuestr[oa]|vuestr[oa]|onze|mijn"
    r"|nostr[oa]|vostr[oa]|nosso|nossa)(?!\w)",
    re.IGNORECASE,
)
# Small letters after an article; with a capital it may be a name: "the technician", "De Boer".
_ARTICLE: Final = re.compile(
    r"(?<!\w)(?:the|an?|der|die|das|eine?|les?|la|une?|el|los|il|lo|een|de) [a-zà-ÿ]{3,}(?![^\W\d_])"
)
_YOU: Final = re.compile(r"(?<!\w)(?:you|vous|usted|вы)(?!\w)", re.IGNORECASE)


class Strength(IntEnum):
    """How sure it is that a mail program wrote the line."""

    NONE = 0
    ABOVE_QUOTE = 1  # only if marked quotes follow
    SURE = 2


def attributions(lines: Sequence[str]) -> dict[int, tuple[int, Strength]]:
    """First line of each attribution -> its last line, and how sure it is."""
    found: dict[int, tuple[int, Strength]] = {}
    for end in range(len(lines)):
        if not _may_end(lines, end):
            continue
        start, strength = _found_at(lines, end)
        if strength:
            found.setdefault(start, (end, strength))
        if len(found) > _MAX_FOUND:
            return {}
    return found


def _may_end(lines: Sequence[str], end: int) -> bool:
    line = lines[end]
    if not line or (is_quoted(line) and not _closes_address(lines, end)):
        return False
    bare = _bare(line[-60:])
    return bare.endswith((":", "：", ">", *_EASTERN_VERBS)) or _last_word(bare) in _VERB_WORDS


def _last_word(text: str) -> str:
    return text[-40:].rpartition(" ")[2].lower()


def _closes_address(lines: Sequence[str], end: int) -> bool:
    """`> wrote:` is no quote when the line above it left an address open."""
    above = lines[end - 1] if end else ""
    return len(lines[end]) <= 24 and not is_quoted(above) and above.rfind("<") > above.rfind(">")


def _found_at(lines: Sequence[str], end: int) -> tuple[int, Strength]:
    """Where the attribution that ends on this line begins: with its date when it has one, else as low as possible."""
    best = (end, Strength.NONE)
    joined = ""
    for start in range(end, max(end - _LOOK_BACK, 0) - 1, -1):
        line = lines[start]
        if not line or (start < end and (is_quoted(line) or _UPPER_LINE_ENDS.search(line))):
            break
        # A line above belongs to it when it has what was still missing: the date, the address or its name.
        completes = _completes(line, joined)
        joined = f"{line} {joined}".strip()
        strength = Strength.SURE if _is_dashed(joined) else _strength(_bare(joined))
        if strength > best[1] or (strength and strength == best[1] and completes):
            best = (start, strength)
        if strength and _FULL_DATE.search(joined[:_EARLY]) and ADDRESS.search(joined):
            break
    return best


def _is_dashed(text: str) -> bool:
    """`---- Ada Lovelace wrote ----`, which nobody writes by hand."""
    if not text.startswith("---") or not text.endswith("--"):
        return False
    title = _bare(text)
    return len(_WORD.findall(title)) <= _MAX_NAME_WORDS and _last_word(title) in _VERB_WORDS


def _completes(above: str, joined: str) -> bool:
    if joined.startswith("<"):
        return True
    has_date = _FULL_DATE.search(joined[:_EARLY]) is not None
    if not has_date and WHEN.search(above):
        return _is_name(_words_after_digits(above))
    return ADDRESS.search(joined) is None and "<" in above and ADDRESS.search(above) is not None


def _bare(text: str) -> str:
    return text.strip(' \t*_-–—‐=|"”').removeprefix("> ")


def _strength(text: str) -> Strength:
    if len(text) > 2 * LINE_LENGTH or not _may_be(text):
        return Strength.NONE
    outside = _IN_BRACKETS.sub(" ", text)
    words = _WORD.findall(outside)
    if len(words) > _MAX_WORDS or not _ENDING.search(text[-60:]):
        return Strength.NONE
    if _TELLER.search(text) or _SENTENCE_END.search(outside):
        return Strength.NONE
    verb = _VERB.search(text)
    return _without_verb(text) if verb is None else _with_verb(text, verb, words)


def _may_be(text: str) -> bool:
    """A cheap look: there is an address, or a verb of writing before a colon."""
    if "@" in text or _QUOTING.match(text) or any(verb in text for verb in _EASTERN_VERBS):
        return True
    return text.endswith((":", "：")) and not _VERB_WORDS.isdisjoint(_WORD.findall(text.lower()))


def _with_verb(text: str, verb: re.Match[str], words: Sequence[str]) -> Strength:
    tail = text[verb.end() :].strip(" :：.,()>님이가は")
    has_when = WHEN.search(text) is not None
    has_address = ADDRESS.search(text) is not None
    is_named_after = verb.group("inner") is not None and len(tail.split()) <= _MAX_NAME_WORDS
    if tail and not is_named_after and not WHEN.search(tail) and not ADDRESS.search(tail):
        return Strength.NONE
    if not text.endswith((":", "：")) and not (has_when and has_address):
        return Strength.ABOVE_QUOTE if verb.group("eastern") else Strength.NONE
    if not _BRACKETED.search(text) and _names_somebody_else(text):
        return Strength.NONE
    if has_when and (has_address or _CLOCK.search(text)) and not _YOU.search(text):
        return Strength.SURE
    if has_when or has_address or _is_name(words, small_words=1):  # the verb
        return Strength.ABOVE_QUOTE
    return Strength.NONE


def _names_somebody_else(text: str) -> bool:
    """`our installer`, `the technician`: how people speak of others, never a display name."""
    return bool(_OURS.search(text) or _ARTICLE.search(_VERB.sub(" ", _LAST_DIGIT.sub("", text))))


def _is_name(words: Sequence[str], *, small_words: int = 0) -> bool:
    """Whether these can be a name: few words, none of them small but the short ones between names."""
    small = [word for word in words if word[0].islower() and len(word) > 4]
    return len(words) <= _MAX_NAME_WORDS + 2 and len(small) <= small_words


def _words_after_digits(text: str) -> list[str]:
    return _WORD.findall(_LAST_DIGIT.sub("", text))


def _without_verb(text: str) -> Strength:
    """`2026-03-04 16:32 GMT+01:00 Jane <jane@example.org>:` and the like, in any language."""
    address = ADDRESS.search(text)
    if _QUOTING.match(text) and text.endswith(":"):
        return Strength.ABOVE_QUOTE
    if address is None or WHEN.search(text) is None:
        return Strength.NONE
    if _DATE_BEGINS.match(text) and _BRACKETED.search(text) and text.rstrip(":").endswith(">"):
        return Strength.SURE
    if not text.endswith((":", "：")):
        return Strength.NONE
    if WHEN.search(text[:_EARLY]) and _is_person(text, address):
        return Strength.SURE
    has_moment = _CLOCK.search(text) is not None
    return Strength.SURE if has_moment and _BRACKETED.search(text) and _is_person(text, address) else Strength.NONE


def _is_person(text: str, address: re.Match[str]) -> bool:
    """Whether between the date and the address stands a name and not the words of a sentence."""
    return _is_name(_words_after_digits(text[: address.start()]))
