"""The languages a model may name, and how it may name them: a code, a tag, or a name in English or in the language."""

import re
from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final[Mapping[str, str]] = {
    "en": "english",
    "de": "german deutsch",
    "fr": "french français francais",
    "es": "spanish español espanol castellano",
    "it": "italian italiano",
    "nl": "dutch nederlands flemish",
    "pt": "portuguese português portugues",
    "pl": "polish polski",
    "cs": "czech čeština",
    "sk": "slovak slovenčina",
    "sl": "slovene slovenian slovenščina",
    "hr": "croatian hrvatski",
    "sr": "serbian srpski српски",
    "bs": "bosnian bosanski",
    "mk": "macedonian македонски",
    "bg": "bulgarian български",
    "ro": "romanian română",
    "hu": "hungarian magyar",
    "sq": "albanian shqip",
    "el": "greek ελληνικά",
    "tr": "turkish türkçe",
    "ru": "russian русский",
    "uk": "ukrainian українська",
    "be": "belarusian беларуская",
    "lt": "lithuanian lietuvių",
    "lv": "latvian latviešu",
    "et": "estonian eesti",
    "fi": "finnish suomi",
    "sv": "swedish svenska",
    "da": "danish dansk",
    "no": "norwegian norsk",
    "nb": "bokmål",
    "nn": "nynorsk",
    "is": "icelandic íslenska",
    "ga": "irish gaeilge",
    "cy": "welsh cymraeg",
    "lb": "luxembourgish lëtzebuergesch",
    "mt": "maltese malti",
    "ca": "catalan català",
    "gl": "galician galego",
    "eu": "basque euskara",
    "ar": "arabic العربية",
    "he": "hebrew עברית",
    "fa": "persian farsi فارسی",
    "ur": "urdu اردو",
    "hi": "hindi",
    "bn": "bengali bangla",
    "ta": "tamil",
    "th": "thai ไทย",
    "vi": "vietnamese",
    "id": "indonesian",
    "ms": "malay melayu",
    "tl": "tagalog filipino",
    "zh": "chinese mandarin 中文 汉语",
    "ja": "japanese 日本語",
    "ko": "korean 한국어",
    "sw": "swahili kiswahili",
    "af": "afrikaans",
    "hy": "armenian",
    "ka": "georgian",
    "az": "azerbaijani",
    "kk": "kazakh",
}
_CODES: Final = {name: code for code, names in _NAMES.items() for name in names.split()}
_TAG: Final = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*")
_WORD: Final = re.compile(r"[^\W\d_]+")
CODES: Final = tuple(_NAMES)  # ISO 639-1, the most likely first


def code_of(named: Any) -> str:
    """ISO 639-1 for "de", "DE", "de-AT", "German", "Deutsch (Österreich)"; empty for what is no known language."""
    text = named.strip().casefold() if isinstance(named, str) else ""
    if tag := _TAG.fullmatch(text):
        return tag.group(1) if tag.group(1) in _NAMES else ""
    return next((_CODES[word] for word in _WORD.findall(text) if word in _CODES), "")
