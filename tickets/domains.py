"""Domains as people see them: which belong together, and which only look alike."""

import re
import unicodedata
from typing import Final

# Second levels under which others register: two domains below `co.uk` have nothing in common.
_SHARED_SECOND_LEVELS: Final = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "gv", "ne", "net", "nom", "or", "org"}
)

# Providers whose names resemble each other and are all real.
_REAL_PROVIDERS: Final = frozenset(
    {
        "aol",
        "email",
        "fastmail",
        "gmail",
        "gmx",
        "googlemail",
        "hotmail",
        "icloud",
        "live",
        "mail",
        "mailbox",
        "outlook",
    }
    | {"posteo", "proton", "protonmail", "rocketmail", "t-online", "web", "yahoo", "ymail", "zoho", "freenet", "orange"}
)

# Letters of other scripts, digits and pairs that are taken for Latin letters.
_LOOKS_LIKE: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝьмнктвгпиαβγεικνορτυχωɡıłøđħ0135",
    "aeopcyxijshdqwbmhktbrnuabyeiknoptuxwgilodholes",
)
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SHORTEST: Final = 5  # a shorter name is one letter away from too many others
_SCRIPTS: Final = re.compile(r"LATIN|CYRILLIC|GREEK|ARMENIAN|CHEROKEE|HEBREW|ARABIC")


def domain_of(address: str) -> str:
    """The part behind the @, as it is compared; "" without one."""
    return address.rpartition("@")[2].strip(" .").casefold() if "@" in address else ""


def organization(domain: str) -> str:
    """`mail.shop.example.co.uk` is `example.co.uk`: the part that somebody registered, as far as can be told."""
    labels = domain.split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND_LEVELS else 2
    return ".".join(labels[-count:])


def belong_together(one: str, other: str) -> bool:
    """Of one organisation (relaxed alignment, RFC 7489 section 3.1)."""
    one, other = in_letters(one), in_letters(other)
    return bool(one and "." in one) and organization(one) == organization(other)


def is_above_or_below(one: str, other: str) -> bool:
    """The same, or one inside the other. Neighbours do not count: hosts give those to strangers."""
    one, other = in_letters(one), in_letters(other)
    return belong_together(one, other) and (f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}"))


def in_letters(domain: str) -> str:
    """Its international form: `xn--mller-kva.example` is `müller.example`."""
    return ".".join(_label_in_letters(label) for label in domain.casefold().split("."))


def in_ascii(domain: str) -> str:
    """As it goes over the wire, which shows what look-alike letters hide."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain.encode("punycode").decode("ascii")


def mixes_scripts(domain: str) -> bool:
    """A label with letters of more than one alphabet."""
    return any(len(_scripts(label)) > 1 for label in in_letters(domain).split("."))


def looks_like(domain: str, real: str) -> bool:
    """Another domain that a hurried reader takes for `real`."""
    theirs, ours = organization(in_letters(domain)), organization(in_letters(real))
    if not theirs or not ours or theirs == ours:
        return False
    name, ending = _split(theirs)
    real_name, real_ending = _split(ours)
    if _skeleton(name) == _skeleton(real_name):
        # The same name under another ending may well be somebody's own.
        return name != real_name
    if name in _REAL_PROVIDERS or ending != real_ending or min(len(name), len(real_name)) < _SHORTEST:
        return False
    return _is_one_slip(name, real_name)


def _label_in_letters(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").casefold()
    except UnicodeError:
        return label


def _scripts(label: str) -> set[str]:
    named = (_SCRIPTS.match(unicodedata.name(letter, "")) for letter in label if letter.isalpha())
    return {found.group() for found in named if found}


def _split(organized: str) -> tuple[str, str]:
    name, _, ending = organized.partition(".")
    return name, ending


def _skeleton(name: str) -> str:
    """What is left when look-alikes are taken for what they look like."""
    looked = name.translate(_LOOKS_LIKE)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", looked) if not unicodedata.combining(letter))
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain.replace("-", "")


def _is_one_slip(one: str, other: str) -> bool:
    """One letter added, left out, changed, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if len(one) == len(other):
        swapped = len(one) > 1 and (one[1], one[0], one[2:]) == (other[0], other[1], other[2:])
        return one[1:] == other[1:] or swapped
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[1:] == shorter
