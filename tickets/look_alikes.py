"""Letters that are taken for others, and the ways to write a name or an address so that only people recognise it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Capitals first: a capital of another script may resemble another Latin letter than its small form does.
_CAPITALS: Final = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХҮԌՕՍ", "ABEZHIKMNOPTYXABESIJKMHOPCTYXYGOU")
_SMALL: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝьмнктвгпиүαβγεικνορτυχωօսհոցɡıłøđħꞌ",
    "aeopcyxijshdqwbmhktbrnuyabyeikvoptuxwouhnggilodh'",
)
_DIGITS: Final = str.maketrans("0135", "oles")
# Letters by their category, and yet nothing is drawn for them.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Me"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))

_NAME: Final = re.compile(r"[^\W_]+")
_CAPITAL_FOR_L: Final = re.compile(r"(?<=[a-z])I")
_MOST_WORDS: Final = 40  # of a shown name; more are no name
_SHORTEST_JOINED: Final = 6  # letters: shorter names written as one are words of their own

# An @ in parentheses is a comment to RFC 5322, and lost: `support(at)example.org` arrives as one word.
_ROLES: Final = r"(?:support|info|service|contact|kontakt|help|hello|hallo|office|team|sales|billing|mail)?"
_AT: Final = re.compile(
    r"\s{0,9}[(\[{<]\s{0,9}(?:at|@)\s{0,9}[)\]}>]\s{0,9}|\s{1,9}at\s{1,9}|[_-]at[_-]|\s{0,9}@\s{0,9}"
)
_DOT: Final = re.compile(
    r"\s{0,9}[(\[{<]\s{0,9}(?:dot|punkt|\.)\s{0,9}[)\]}>]\s{0,9}|\s{1,9}(?:dot|punkt)\s{1,9}|\s{0,9}\.\s{0,9}"
)


def without_unseen(text: str) -> str:
    """In its usual letters (NFKC), without characters that show nothing or turn the direction of reading."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(
        letter
        for letter in composed
        if letter not in _BLANK and (letter in "\t\r\n" or unicodedata.category(letter) not in _UNSEEN)
    )


def folded(text: str) -> str:
    """Small Latin letters for all that looks like them, without accents; digits stay."""
    plain = unicodedata.normalize("NFKD", without_unseen(text)).translate(_CAPITALS).casefold()
    return "".join(letter for letter in plain.translate(_SMALL) if unicodedata.category(letter) not in _UNSEEN)


def skeleton(label: str) -> str:
    """What is left of a part of a domain when look-alikes, digits and pairs are taken for what they look like."""
    plain = folded(label).translate(_DIGITS)
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain.replace("-", "")


def is_named_like(shown: str, name: str) -> bool:
    """Whether people read `name` in `shown`: its words in any order, or run together; a single word only alone."""
    wanted = _NAME.findall(folded(name))
    joined = "".join(wanted)
    for words in _readings(shown):
        if len(wanted) > 1 and set(wanted) <= set(words):
            return True
        if len(joined) < _SHORTEST_JOINED:
            continue
        if joined in (_runs(words) if len(wanted) > 1 else {"".join(words)}):
            return True
    return False


def shows_address_at(shown: str, domain: str) -> str | None:
    """The address at this domain that a name shows, however it writes the @ and the dots, or None."""
    wanted = re.escape(folded(domain))
    found = re.search(rf"[\w.+-]{{1,64}}@(?:[\w-]{{1,63}}\.){{0,9}}{wanted}(?![\w-]|\.\w)", _as_address(shown))
    return found.group() if found else None


def shows_domain(shown: str, domain: str) -> bool:
    """Whether a name shows this domain or one below it."""
    wanted = re.escape(folded(domain))
    return re.search(rf"(?<![\w-]){_ROLES}{wanted}(?![\w-]|\.\w)", _as_address(shown)) is not None


def _as_address(shown: str) -> str:
    return _DOT.sub(".", _AT.sub("@", folded(shown[:1_000])))


def _readings(shown: str) -> Iterator[list[str]]:
    """The words as they are, and with a capital I behind a small letter read as an l."""
    yield _NAME.findall(folded(shown))[:_MOST_WORDS]
    if (other := _CAPITAL_FOR_L.sub("l", without_unseen(shown))) != shown:
        yield _NAME.findall(folded(other))[:_MOST_WORDS]


def _runs(words: list[str]) -> set[str]:
    """Neighbouring words written as one."""
    return {"".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
