"""Domains as people see them: which belong together, and which only look alike."""

import re
import unicodedata
from typing import Final

from tickets.look_alikes import skeleton

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

# What impostors put beside a company's name, in the languages of its customers.
_ADDED_WORDS: Final = (
    "account accounts admin app billing care center centre contact customer customers desk email group help helpdesk hq"
    " info invoice invoices login mail mailer my noreply office official online pay payment payments portal secure"
    " security service services shop sign support team ticket tickets update verify web"
    " abrechnung anfrage buchhaltung hilfe kunde kunden kundendienst kundenservice rechnung rechnungen sicherheit"
    " zahlung konto compte facture facturation client clients assistance aide cuenta factura soporte ayuda pago"
    " fattura assistenza supporto pagamento klantenservice factuur hulp com net org eu de at ch uk us"
)
_ADDED: Final = frozenset(skeleton(word) for word in _ADDED_WORDS.split())
_SHORTEST_ADDED: Final = 4  # without a hyphen, fewer letters make another word
_SHORTEST_OWN: Final = 4  # under other endings, three letters belong to strangers
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
    """Another domain that a hurried reader takes for `real`, whoever's that is."""
    theirs, ours = organization(in_letters(domain)), organization(in_letters(real))
    if not theirs or not ours or theirs == ours:
        return False
    if _stands_ahead(in_letters(domain), ours):
        return True
    name, ending = _split(theirs)
    real_name, real_ending = _split(ours)
    if skeleton(name) == skeleton(real_name):
        # The same name under another ending may well be somebody's own, unless the ending is no other to the eye.
        return name != real_name or skeleton(ending) == skeleton(real_ending)
    if name in _REAL_PROVIDERS or min(len(name), len(real_name)) < _SHORTEST:
        return False
    return skeleton(ending) == skeleton(real_ending) and _is_one_slip(name, real_name)


def poses_as(domain: str, own: str) -> bool:
    """A domain that only somebody who wants to be taken for the desk would use: its name with another ending, or with
    a word beside it. Of a provider's domain nothing is the desk's own, so there is nothing to pose as.
    """
    theirs, ours = organization(in_letters(domain)), organization(in_letters(own))
    (name, ending), (own_name, own_ending) = _split(theirs), _split(ours)
    if not name or not own_ending or theirs == ours or is_provider(own):
        return False
    if skeleton(name) == skeleton(own_name):
        return len(own_name) >= _SHORTEST_OWN
    if len(own_name) < _SHORTEST:
        return False
    beside = _beside(name, own_name)
    if len(beside) < _SHORTEST_ADDED and "-" not in name:
        return False
    return beside in _ADDED or beside == skeleton(own_ending) or (ending == own_ending and _is_extended(name, own_name))


def is_provider(domain: str) -> bool:
    """Whether strangers have their mailboxes at this domain."""
    return _split(organization(in_letters(domain)))[0] in _REAL_PROVIDERS


def _stands_ahead(domain: str, real: str) -> bool:
    """`example.org.attacker.net`: the real one is read first, and another one counts."""
    labels, wanted = [skeleton(label) for label in domain.split(".")], [skeleton(label) for label in real.split(".")]
    ahead = len(labels) - len(organization(domain).split("."))
    return len(wanted) > 1 and any(labels[at : at + len(wanted)] == wanted for at in range(ahead))


def _beside(name: str, own_name: str) -> str:
    """The rest of a name that begins or ends with one's own, as it looks; "" when it does neither."""
    looked, own = skeleton(name), skeleton(own_name)
    if looked.startswith(own):
        return looked.removeprefix(own)
    return looked.removesuffix(own) if looked.endswith(own) else ""


def _is_extended(name: str, own_name: str) -> bool:
    """One's own name and a hyphen ahead of whatever follows."""
    looked = [skeleton(word) for word in name.split("-")]
    own = [skeleton(word) for word in own_name.split("-")]
    return len(looked) > len(own) and looked[: len(own)] == own


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
