"""Taking personal data out of a text before it is kept as an example: a placeholder stands for what was there.

Rules, no list of names: addresses, numbers and codes are known by their shape, people by what stands around them (a
greeting, a title, a closing) and by the names that the ticket itself knows. What is found once as a name goes
everywhere in the text. Short codes (an error `E07`, a model `SX 5`) and amounts stay: they say what the matter is.
"""

import re
from collections.abc import Iterable
from typing import Final

NAME, MAIL, PHONE, IBAN, CARD, NUMBER, PLACE, LINK = (
    f"[{kind}]" for kind in ("name", "email", "phone", "iban", "card", "number", "address", "link")
)


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


_UPPER: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽ"
_CAPITAL: Final = rf"[{_UPPER}][^\W\d_]*(?:['’\-][^\W\d_]+)*"
_PERSON: Final = (
    rf"{_CAPITAL}(?:[ \t]+(?:(?:von|van|de|der|den|del|la|le|di|zu)[ \t]+)*(?:[{_UPPER}]\.|{_CAPITAL})){{0,3}}"
)
_HOUSE: Final = r"\d{1,5}[ \t]?[a-zA-Z]?\b"
_CITY: Final = rf"{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,2}}"

_SHAPES: Final = tuple(
    (re.compile(shape, re.IGNORECASE if flags else 0), placeholder)
    for shape, flags, placeholder in (
        (r"\b(?:https?|ftp)://[^\s<>\"]+|\bwww\.[^\s<>\"]+", True, LINK),
        (r"[^\s<>,;:\"'()\[\]]+@[^\s<>,;:\"'()\[\]]+\.[^\W\d_]{2,}", False, MAIL),
        (
            r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|info|biz|eu|io|co|us|uk|de|at|ch|fr|es|it|nl|be|pl|se|no|dk|fi|pt|cz|cl|gr|hu|ie"
            r"|ru|au|nz|ca|br|mx|ar)\b(?:/[^\s<>\"]*)?",
            True,
            LINK,
        ),
        (r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", True, IBAN),
        (r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}\b(?!\.\d)|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", True, NUMBER),
        (r"(?<![\w.,+/-])\d(?:[ -]?\d){11,18}(?![\w])", False, CARD),
        (r"\b(?:P\.?[ ]?O\.?[ ]?Box|Postfach|boîte postale|apartado(?: de correos)?)[ \t]+\d+", True, PLACE),
    )
)
_DATE: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}")
_AMOUNT: Final = re.compile(r"\d{1,3}(?:[.,'\u202f\xa0]\d{3})*(?:[.,]\d{1,2})?|\d{1,3}(?: \d{3})?(?:[.,]\d{1,2})?")
_DIGITS: Final = re.compile(
    r"(?<![\w.,/-])(?:\+|\(\+?)?\d[\d \t()./-]{3,20}\d(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?(?![\w:])"
)
_CODE: Final = re.compile(
    r"(?<![\w/.,-])(?=[\dA-Z/#-]*[A-Z])(?=(?:[A-Z/#-]*\d){4})[A-Z\d][\dA-Z/#-]*[\dA-Z](?![\w-])", re.IGNORECASE
)

_STREET_ENDS: Final = (
    r"stra(?:ß|ss)e|str\.?|stra(?:ß|ss)|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|straat|laan|plein|gatan|gata"
    r"|vägen|vegen|vei|gade|vej|katu|tie|braut"
)
_STREET_WORDS: Final = (
    r"Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Court|Ct\.?|Way|Close|Crescent|Terrace"
    r"|Square|Place|Highway|Hwy\.?|Parkway|Trail|Grove|Gardens|Hill|Row"
)
_STREET_BEGINS: Final = (
    r"rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|route|cours|square|calle|c/|avenida|avda\.?|plaza|paseo"
    r"|camino|carrera|via|viale|piazza|corso|strada|rua|praça|ul\.|ulica|ulice"
)
_UNIT: Final = r"(?:,?[ \t]*(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room)\.?[ \t]*#?\w+)?"
_TOWN_AFTER: Final = rf"(?:[ \t]*[,\n][ \t]*(?:[A-Z]{{1,2}}-)?\d{{4,5}}[ \t]+{_CITY})?"
_PLACES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"\b(?:\d{{1,5}}[ \t]+){{1,3}}(?:{_CAPITAL}[ \t]+){{1,4}}(?:{_STREET_WORDS})(?!\w){_UNIT}",
        rf"(?:\b\d{{1,5}}[ \t]+){{0,2}}\b[{_UPPER}][\w-]*(?i:{_STREET_ENDS})[ \t]*{_HOUSE}{_UNIT}{_TOWN_AFTER}",
        rf"\b(?:{_CAPITAL}[ \t])+(?i:stra(?:ß|ss)e|str\.|weg|platz|allee|ring|damm)[ \t]*{_HOUSE}{_TOWN_AFTER}",
        rf"\b\d{{1,5}}(?:[ \t]?(?:bis|ter))?,?[ \t]+(?i:{_STREET_BEGINS})[ \t]+[^\n,;.!?]{{2,40}}{_TOWN_AFTER}",
        rf"\b(?i:{_STREET_BEGINS})[ \t]+[^\n,;.!?\d]{{2,40}},?[ \t]*(?i:n[º°o.]+[ \t]*)?\d{{1,4}}\b{_TOWN_AFTER}",
        rf"\b(?:\d{{1,5}}[ \t]+){{1,2}}{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,2}}[ \t]+\d{{1,4}}\b{_UNIT}",
        r"\b(?:Unit|PSC|CMR)[ \t]+\d+,?[ \t]+Box[ \t]+\d+",
        r"\b(?i:zip(?:[ -]code)?|postal code|postcode|PLZ|code postal|código postal)"
        r"(?:[ \t]+(?:is|ist|est|es)|:)[ \t]+[A-Z]{0,2}-?\d{2,6}(?:[ -]\d{2,4})?\b",
        rf"\b(?:[A-Z]{{1,2}}-)?\d{{5}}[ \t]+{_CITY}\b",
        rf"\b{_CITY},[ \t]*[A-Z]{{2}}[ \t]+\d{{5}}(?:-\d{{4}})?\b",
        r"\b[A-Z]{2}[ \t]+\d{5}(?:-\d{4})?\b",
        r"\b[A-Z]{1,2}\d[\dA-Z]?[ ]?\d[A-Z]{2}\b",
        r"\b(?:Apt|Apartment|Suite|Flat)\.?[ \t]*#?\d+\w?\b",
    )
)
_STATED_PLACE: Final = re.compile(
    r"(?P<before>\b(?:address(?:[ \t]+of[ \t]+[^\n:]{2,40})?|Anschrift|Adresse|dirección|domicilio|adresse)"
    r"[ \t]*(?::|is|ist|lautet|est|es)[ \t]*\n?)(?P<place>[^\n?!;]*\d[^\n?!;]*(?:\n[ \t]*,?[^\n?!.;]{2,40}){0,3})",
    re.IGNORECASE,
)

_GREETING_WORDS: Final = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus|liebe[rs]?"
    r"|sehr geehrte[rs]?|bonjour|bonsoir|cher|chère|chers|hola|buen[oa]s (?:días|tardes|noches)|estimad[oa]s?"
    r"|querid[oa]"
)
_TITLES: Final = (
    r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herrn?|Frau|Familie|Fam|Monsieur"
    r"|Madame|Mademoiselle|Mme|Mlle|Señora?|Sra|Sr|Don|Doña|Sir|Lady"
)
_TITLED: Final = rf"(?:(?:{_TITLES})\.?[ \t]+)*"
_SAYS_WHO: Final = (
    r"my name is|name is|i am called|i['’]m called|mein name ist|ich heiße|je m['’]appelle|mon nom est|me llamo"
    r"|mi nombre es|name:|nom:|nombre:"
)
_CLOSINGS: Final = (
    r"(?:kind|best|warm|many)[ \t]+(?:regards|wishes)|regards|sincerely|cheers|yours(?:[ \t]+\w+)?"
    r"|thanks(?:[ \t]+\w+)?"
    r"|thank you|(?:mit[ \t]+)?(?:freundlich\w*|viele\w*|beste\w*|liebe\w*|schön\w*)[ \t]+gr(?:ü|ue)(?:ß|ss)en?"
    r"|gruß|mfg|lg|vg|cordialement|bien à vous|salutations|merci|saludos|(?:un[ \t]+)?(?:cordial[ \t]+)?saludo"
    r"|atentamente|gracias"
)
_SIGNED: Final = rf"{_CAPITAL}(?:[ \t]+[{_UPPER}]\.)?(?:[ \t]+{_CAPITAL}){{1,2}}"
_NAMES: Final = tuple(
    re.compile(shape, re.MULTILINE)
    for shape in (
        rf"^[ \t]*(?i:{_GREETING_WORDS})[ \t]+{_TITLED}(?P<name>{_PERSON})(?=[ \t]*[,:!.\n]|[ \t]*$)",
        rf"\b(?:{_TITLES})\b\.?[ \t]+(?P<name>{_PERSON})",
        rf"\b(?i:{_SAYS_WHO})[ \t]+{_TITLED}(?P<name>{_PERSON})",
        rf"^[ \t]*(?i:this is|hier ist|hier schreibt|ici)[ \t]+{_TITLED}(?P<name>{_PERSON})(?=[ \t]*[,.\n]| from\b)",
        rf"(?i:{_CLOSINGS})[ \t]*[,.!]?[ \t]*(?:\n[ \t]*)+{_TITLED}(?P<name>{_PERSON})[ \t]*$",
        rf"(?<=\n)[ \t]*(?P<name>{_SIGNED})[ \t]*(?=\n(?:.*\n){{0,5}}.*(?:\[phone\]|\[email\]))",
    )
)
# They begin a sentence or stand in a greeting, and are nobody.
_NOBODY: Final = _words(
    "name all team there everyone everybody sir madam support ladies gentlemen damen herren zusammen kundenservice"
    " madame monsieur messieurs mesdames equipo señores señor señora you for ihr sie i we the a an it my our this that"
    " please thank thanks customer service"
)
_LEAST: Final = 3  # letters of a name that is taken out wherever it stands


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """The text without personal data; `names` are of people on the ticket, as they stand in its addresses."""
    for shape, placeholder in _SHAPES:
        text = shape.sub(placeholder, text)
    text = _STATED_PLACE.sub(lambda found: f"{found['before']}{PLACE}", text)
    for shape in _PLACES:
        text = shape.sub(PLACE, text)
    text = _CODE.sub(NUMBER, text)
    text = _DIGITS.sub(_number, text)
    return _without_names(text, (*names, *_found_names(text)))


def _number(found: re.Match[str]) -> str:
    written = found[0].strip()
    digits = sum(letter.isdigit() for letter in written)
    if _DATE.fullmatch(written) or _AMOUNT.fullmatch(written) or digits < 7:
        return found[0] if digits < 5 or _DATE.fullmatch(written) or not written.isdigit() else NUMBER
    is_called = written.startswith(("+", "(", "0")) or re.search(r"[ ()./-]", written)
    return PHONE if is_called and digits <= 15 else NUMBER


def _found_names(text: str) -> Iterable[str]:
    return (found["name"] for shape in _NAMES for found in shape.finditer(text))


def _without_names(text: str, names: Iterable[str]) -> str:
    parts = {part.strip(".'’-") for name in names for part in re.split(r"[\s,.@]+", name)}
    wanted = sorted(
        (part for part in parts if len(part) >= _LEAST and part.casefold() not in _NOBODY), key=len, reverse=True
    )
    if not wanted:
        return text
    any_of = "|".join(re.escape(part) for part in wanted)
    one = rf"(?<!\w)(?:{any_of})(?!\w)"
    return re.sub(rf"{one}(?:[ \t]+(?:[{_UPPER}]\.[ \t]+)?{one})*", NAME, text, flags=re.IGNORECASE)
