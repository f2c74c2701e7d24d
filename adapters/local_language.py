"""Which language a text is written in: a kept library says it, the desk's own function words about a few words alone.

English when nothing tells.
"""

import re
from collections.abc import Mapping
from typing import Final

from adapters.language_library import likely
from adapters.local_words import folded_words, word_set

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl")
DEFAULT: Final = "en"
_ENOUGH: Final = 4000  # characters; more text does not change the verdict
_FEW: Final = 5  # words, below which a library for prose guesses
_SURE: Final = 0.9
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_PROSE: Final = 12  # words of a paragraph that is heard on its own

_FUNCTION_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "en": word_set(
        "the and is are was were you your we our us my i it its this that these with from have has had been not but"
        " what"
        " when where which who how why can could would will should do does did there they their he she them of to in on"
        " at by for or an if as so please thanks thank dear hello hi regards kind sincerely since about after before"
        " yours any some all just only up out then than me be need want know get no yes"
    ),
    "de": word_set(
        "der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren wird werden wurde"
        " worden ich du er sie es wir ihr ihre ihren ihrem ihnen mein meine meinen meiner meinem unser unsere unseren"
        " unserer nicht kein keine mit von vom zu zum zur bei beim nach seit auf aus fur uber unter vor durch gegen"
        " ohne"
        " um bis im am auch noch schon nur sehr wenn weil dass ob als wie was wer wo wann warum bitte danke vielen dank"
        " guten tag hallo sehr geehrte geehrter grusse gruss grussen freundlichen mfg haben hat habe hatte kann konnen"
        " konnten mochte mochten wurden ja nein doch mal jetzt hier dann immer wieder mich mir uns sich diese dieser"
        " dieses diesem diesen alle alles"
    ),
    "fr": word_set(
        "le la les un une des du de et ou mais est sont etait etaient je tu il elle nous vous ils elles mon ma mes"
        " notre"
        " nos votre vos son sa ses leur leurs ce cet cette ces qui que quoi dont ou quand comment pourquoi ne pas plus"
        " avec sans pour par sur sous dans en au aux chez depuis avant apres entre bonjour bonsoir merci cordialement"
        " madame monsieur salutations veuillez s il l d j n c qu ai as avez avons ont etes sommes suis fait faire peut"
        " pouvez pourriez voudrais souhaite souhaitons bien tres aussi encore deja si oui non y a ete etre avoir"
        " toujours rien tout tous toute toutes lui me"
    ),
    "es": word_set(
        "el la los las un una unos unas y o pero es son era eran fue fueron soy estoy esta estan estaba yo tu usted"
        " ustedes nosotros mi mis su sus nuestro nuestra nuestros nuestras que quien cual cuando donde como por para"
        " con"
        " sin sobre entre desde hasta hace en de del al no si ya muy mas tambien todavia siempre hola buenos buenas"
        " dias"
        " tardes gracias saludo saludos cordial atentamente estimado estimada estimados senores favor puede pueden"
        " podria podrian quiero queria quisiera me nos les lo se le he ha han hay tengo tenemos tiene ser estar este"
        " estos estas eso esto porque pues ni algo nada todo todos toda todas"
    ),
    "it": word_set(
        "il lo gli i la le un uno una di del dello della dei degli delle da dal dalla nel nella nei sul sulla con per"
        " tra fra e ed o ma se non che chi cui come quando dove perche quale quanto questo questa questi queste quello"
        " quella sono sei siamo siete era erano sara ho hai ha abbiamo avete hanno io tu lui lei noi voi loro mi ti ci"
        " vi si mio mia miei nostro nostra nostri vostro vostra vostri suo sua grazie buongiorno buonasera salve ciao"
        " gentile gentili egregio spettabile cordiali saluti distinti prego vorrei vorremmo posso possiamo puo potete"
        " anche ancora gia molto piu sempre mai niente tutto tutti dopo prima senza"
    ),
    "nl": word_set(
        "de het een en of maar is zijn was waren wordt worden werd ik jij je u hij zij wij we jullie mijn ons onze uw"
        " haar hun dit dat deze die wie wat waar wanneer waarom hoe niet geen wel ook nog al maar van voor met aan op"
        " in uit bij naar over onder tegen tot sinds zonder om te als dan dus hallo beste geachte goedemorgen goedendag"
        " goedemiddag dank bedankt alvast vriendelijke groet groeten graag heb hebt heeft hebben had kan kunt kunnen"
        " moet wil willen zou zouden er hier daar nu weer meer zeer"
    ),
}
_MARKS: Final[Mapping[str, str]] = {"de": "äöüß", "fr": "çèêëîïœùàâû", "es": "ñ¿¡íóúá", "it": "ìò"}
_PIECES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("th", "ing ", "ght", "wh", "ness ", "sh", "ould", "tion ", "ly ", "ed ", "ck"),
    "de": ("sch", "ung ", "keit", "heit", "lich", "cht", "ein", "tz", "ei", "en ", "zw", "pf"),
    "fr": ("eau", "oi", "aux", "eux", "eur ", "ement ", "ique ", "ais ", "ait ", "ez ", "oui", "ou"),
    "es": ("cion ", "dad ", "mente ", "ando ", "iendo ", "ado ", "os ", "as ", "ll", "rr", "ue", "ar "),
    "it": ("zione ", "mente ", "gli", "zz", "tt", "are ", "che ", "ato ", "iamo "),
    "nl": ("ij", "aa", "oe", "uu", "ee", "sch", "heid ", "lijk", "en "),
}
_LEAD: Final = 1.4  # of the best language over the next
_WORD_POINTS, _MARK_POINTS, _PIECE_POINTS = 3.0, 1.0, 0.25


def language_of(text: str) -> str:
    """ISO 639-1, one of LANGUAGES."""
    start = text[:_ENOUGH]
    return _by_own_words(start)[0][0] if _is_short(start) else likely(start, LANGUAGES)[0][0]


def is_certain(text: str) -> bool:
    """Whether the best language leads clearly; short or mixed texts do not."""
    start = text[:_ENOUGH]
    (own, best), (_, second) = _by_own_words(start)[:2]
    if best < 4 * _WORD_POINTS or best < _LEAD * second or _is_short(start):
        return False
    found, share = likely(start, LANGUAGES)[0]
    return found == own and share >= _SURE and _is_one_language(start, found)


def _is_short(text: str) -> bool:
    return len(folded_words(text)) < _FEW


def _is_one_language(text: str, language: str) -> bool:
    """Whether no longer paragraph is in another one."""
    longer = (part for part in _PARAGRAPH.split(text) if len(folded_words(part)) >= _PROSE)
    return all(likely(part, LANGUAGES)[0][0] == language for part in longer)


def _by_own_words(text: str) -> list[tuple[str, float]]:
    """All languages with their points, best first; English wins a draw."""
    lower, words = text.casefold(), folded_words(text)
    line = f" {' '.join(words)} "
    points = [(language, _points(language, lower, words, line)) for language in LANGUAGES]
    return sorted(points, key=lambda scored: -scored[1])


def _points(language: str, lower: str, words: list[str], line: str) -> float:
    known = _FUNCTION_WORDS[language]
    from_words = sum(_WORD_POINTS for word in words if word in known)
    from_marks = sum(_MARK_POINTS * lower.count(mark) for mark in _MARKS.get(language, ""))
    from_pieces = sum(_PIECE_POINTS * line.count(piece) for piece in _PIECES[language])
    return from_words + from_marks + from_pieces
