"""Whether a mail says nothing but thank you. Whoever adds a word of their own says more than that.

What is no phrase of thanks, greeting, parting or the sender's own name makes it a mail to read: also "it works now",
which may be an answer, and "yes, thanks", which is one. A draft too many costs little, an overlooked request much.
"""

import re
import unicodedata
from typing import Final

from tickets.mail import Mail, plain_subject
from tickets.thanks_phrases import (
    EVERYBODY,
    GREETING,
    PARTING,
    SENT_FROM,
    THANKS,
    THANKS_WITHOUT_SPACES,
    TITLES,
)

_MAX_CHARACTERS: Final = 600
_MAX_NAME_LINES: Final = 3
_LOGO_BYTES: Final = 30_000  # a larger image in the text may be a photo that shows something
_SMILES: Final = re.compile(r"[:;]-?\)|[👍🙏😊🙂😀😃😄☺❤💪🎉🌞☀🤝👌💐🌻][\ufe0f\U0001f3fb-\U0001f3ff]*")
_THUMBS: Final = re.compile(r"\s*(?:👍[\ufe0f\U0001f3fb-\U0001f3ff]*\s*){1,5}")
_SIGNS: Final = frozenset(" \t\r\n.,!…'’*_–—-。，！、～~¡،·।")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NOT_SPACED: Final = re.compile(r"[।\s.,!…–—。，！、～~،·*_-]|[\u064b-\u0652]")  # signs, and the vowel marks of Arabic
_COMPANY_WORDS: Final = "gmbh mbh ag kg ug ek co ltd llc inc plc srl spa sarl sas bv nv ab as oy und and"
_COMPANY_FORMS: Final = frozenset(_COMPANY_WORDS.split())


def is_thanks(mail: Mail) -> bool:
    """Says thank you and nothing else: no question, no number, no file, no yes or no, no word beyond thanking."""
    said = unicodedata.normalize("NFC", (mail.visible_text or mail.text).strip())
    if not said or len(said) > _MAX_CHARACTERS or _has_a_file(mail) or _says_more_in_subject(mail):
        return False
    if _THUMBS.fullmatch(said):
        return True
    said = _SMILES.sub(" ", said)
    if not all(_is_plain(letter) for letter in said):
        return False
    names = frozenset(_words(mail.sender.name))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return _is_all_thanks(_without_greeting(_without_end(lines, names)), names)


def _is_plain(letter: str) -> bool:
    """No digit, no question mark, and nothing that a face or a symbol may say."""
    return letter in _SIGNS or unicodedata.category(letter)[0] in "LMZ"


def _has_a_file(mail: Mail) -> bool:
    return any(not part.is_inline or part.size > _LOGO_BYTES for part in mail.attachments)


def _says_more_in_subject(mail: Mail) -> bool:
    """A subject of the sender's own is a part of what they say; that of a reply is the old one."""
    own = mail.subject.strip()
    if not own or plain_subject(own) != own or mail.in_reply_to:
        return False
    lines = [own]
    return bool(_without_greeting(lines)) and not _is_all_thanks(lines, frozenset(_words(mail.sender.name)))


def _without_end(lines: list[str], names: frozenset[str]) -> list[str]:
    """Without the partings and what is signed below them. A line with a word more ends that: then nothing is cut."""
    end = len(lines)
    while end and SENT_FROM.fullmatch(_spaced(lines[end - 1])):
        end -= 1
    signed = end
    while signed and end - signed < _MAX_NAME_LINES and _is_signed(lines[signed - 1], names):
        signed -= 1
    while signed and _is_parting(lines[signed - 1], names):
        signed -= 1
    return lines[:signed]


def _is_signed(line: str, names: frozenset[str]) -> bool:
    """The sender's own name, whole or by its first letters, alone or as a company's."""
    words = _words(line)
    initials = {name[0] for name in names}
    known = [word for word in words if word in names or word in initials]
    return bool(known) and all(word in known or word in _COMPANY_FORMS for word in words)


def _is_parting(line: str, names: frozenset[str]) -> bool:
    return PARTING.fullmatch(_spaced(line)) is not None or PARTING.fullmatch(_unsigned(line, names)) is not None


def _without_greeting(lines: list[str]) -> list[str]:
    """Without `Hi`, `Hi Tom,` or `Dear Ms Keller,`; what follows the comma stays."""
    if not lines:
        return lines
    whole, comma, rest = lines[0].partition(",")
    if not comma:
        whole, comma, rest = lines[0].partition("!")
    if not _is_greeting(whole):
        return lines
    return [rest, *lines[1:]] if _WORD.search(rest) else lines[1:]


def _is_greeting(whole: str) -> bool:
    greeting = GREETING.match(whole)
    if greeting is None:
        return False
    whom = _WORD.findall(whole[greeting.end() :])
    has_title = any(word.casefold() in TITLES for word in whom)
    named = [word for word in whom if word.casefold() not in TITLES | EVERYBODY]
    return all(word[0].isupper() for word in named) and len(named) <= (2 if has_title else 1)


def _is_all_thanks(lines: list[str], names: frozenset[str]) -> bool:
    body = " ".join(lines)
    if THANKS_WITHOUT_SPACES.fullmatch(_NOT_SPACED.sub("", body)):
        return True
    return THANKS.fullmatch(_spaced(body)) is not None or THANKS.fullmatch(_unsigned(body, names)) is not None


def _unsigned(text: str, names: frozenset[str]) -> str:
    words = _words(text)
    while words and words[-1] in names:
        words.pop()
    return " ".join(words)


def _spaced(text: str) -> str:
    """Its words in lower case, one space between them, without signs."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
