"""Words as the search compares them: without case, accents or umlauts, the same in every database and in highlights.

`Müller`, `mueller`, `MULLER` and `Muller` are one word; so are `Straße` and `strasse`, `Søren` and `Soren`.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST_WORD: Final = 60  # the rest of a key or a hash tells nothing

# Letters with a stroke or a tail have no accent that could be taken off.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t"}
)
_UMLAUT: Final = re.compile(r"([aou])e")
_IDEOGRAPHS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # written without spaces: each is a word
_WORD: Final = re.compile(rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])[^\W_])+")
_WRITTEN: Final = re.compile(rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])[^\W_]|[\u0300-\u036f])+")


def folded(text: str) -> str:
    """The text with the differences taken out that a search must not see."""
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain.translate(_PLAIN))
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
    return _UMLAUT.sub(r"\1", plain)


def words_of(text: str) -> list[str]:
    """The words of a text as they are indexed: letters and digits only. `ada@example.org` has three."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded(text))]


def composed(text: str) -> str:
    """The text with each letter and its accents in one character: the one that the places of `written_words` are in."""
    return unicodedata.normalize("NFC", text)


def written_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Each word of a composed text: where it begins and ends, and how it is compared."""
    for found in _WRITTEN.finditer(text):
        for word in words_of(found.group()):
            yield found.start(), found.end(), word
