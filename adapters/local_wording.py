"""Greetings, closings and acknowledgements of the local model, and when a display name is safe to greet."""

import re
from collections.abc import Mapping
from typing import Final

from adapters.local_words import fold, folded_words, word_set
from tickets.mail import Mail

_GREETINGS: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("Hello {name},", "Hello,"),
    "de": ("Guten Tag {name},", "Guten Tag,"),
    "fr": ("Bonjour {name},", "Bonjour,"),
    "es": ("Hola, {name}:", "Hola:"),
    "it": ("Buongiorno {name},", "Buongiorno,"),
    "nl": ("Goedendag {name},", "Goedendag,"),
}
_CLOSINGS: Final[Mapping[str, str]] = {
    "en": "Kind regards",
    "de": "Mit freundlichen Grüßen",
    "fr": "Cordialement",
    "es": "Un cordial saludo",
    "it": "Cordiali saluti",
    "nl": "Met vriendelijke groet",
}
_ACKNOWLEDGEMENTS: Final[Mapping[str, str]] = {
    "en": (
        "Thank you for your message. We have received it and will look into your matter carefully.\n\n"
        "A member of our team will get back to you. If there is anything to add in the meantime, simply reply to this"
        " message."
    ),
    "de": (
        "vielen Dank für Ihre Nachricht. Wir haben sie erhalten und sehen uns Ihr Anliegen sorgfältig an.\n\n"
        "Eine Kollegin oder ein Kollege meldet sich bei Ihnen. Wenn Sie in der Zwischenzeit etwas ergänzen möchten,"
        " antworten Sie einfach auf diese Nachricht."
    ),
    "fr": (
        "Nous vous remercions de votre message. Nous l'avons bien reçu et nous allons examiner votre demande avec soin."
        "\n\n"
        "Un membre de notre équipe reviendra vers vous. Si vous souhaitez ajouter quelque chose entre-temps, répondez"
        " simplement à ce message."
    ),
    "es": (
        "Gracias por su mensaje. Lo hemos recibido y estudiaremos su consulta con atención.\n\n"
        "Una persona de nuestro equipo se pondrá en contacto con usted. Si mientras tanto quiere añadir algo, responda"
        " simplemente a este mensaje."
    ),
    "it": (
        "grazie per il Suo messaggio. Lo abbiamo ricevuto ed esamineremo la Sua richiesta con attenzione.\n\n"
        "Una persona del nostro team La contatterà. Se nel frattempo desidera aggiungere qualcosa, risponda"
        " semplicemente a questo messaggio."
    ),
    "nl": (
        "Hartelijk dank voor uw bericht. Wij hebben het ontvangen en bekijken uw vraag zorgvuldig.\n\n"
        "Een medewerker van ons team neemt contact met u op. Als u intussen iets wilt toevoegen, kunt u gewoon op dit"
        " bericht antwoorden."
    ),
}
_NAME: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_NAME_LIMIT: Final = 40
_NOT_A_PERSON: Final = word_set(
    "gmbh ag kg ug ohg gbr mbh inc ltd llc plc corp sarl sas sa sl slu bv group gruppe team support service services"
    " kundenservice office buro sales vertrieb info kontakt contact admin billing newsletter noreply reply shop"
    " rechnung rechnungen buchhaltung accounting bank account hotline help helpdesk system mailer daemon marketing"
    " news solar energy energie energia"
)


def greeting(language: str, name: str | None) -> str:
    """The first line of a reply."""
    with_name, without = _GREETINGS.get(language, _GREETINGS["en"])
    return with_name.format(name=name) if name else without


def closing(language: str, desk_name: str) -> str:
    """The last lines of a reply."""
    return f"{_CLOSINGS.get(language, _CLOSINGS['en'])}\n{desk_name}".strip()


def acknowledgement(language: str) -> str:
    """Says that the mail arrived and that a person will answer; promises nothing else."""
    return _ACKNOWLEDGEMENTS.get(language, _ACKNOWLEDGEMENTS["en"])


def person_to_greet(mail: Mail) -> str | None:
    """The sender's name when it looks like a person's and the mail bears it out, else None.

    A display name is the sender's free text. It is greeted only when it has the shape of a name and one of its
    words also stands in the address or under the mail.
    """
    name = _in_spoken_order(" ".join(mail.sender.name.split()).strip("\"'"))
    words = name.split(" ")
    if not 2 <= len(words) <= 4 or len(name) > _NAME_LIMIT:
        return None
    if not all(_NAME.fullmatch(word) for word in words) or not _NOT_A_PERSON.isdisjoint(folded_words(name)):
        return None
    if not (words[0][0].isupper() and words[-1][0].isupper()):
        return None
    return name if _is_borne_out(words, mail) else None


def _in_spoken_order(name: str) -> str:
    """`Keller, Anna` is spoken `Anna Keller`."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma else name


def _is_borne_out(words: list[str], mail: Mail) -> bool:
    local_part = fold(mail.sender.address.split("@", maxsplit=1)[0])
    signed = set(folded_words(mail.text[-400:]))
    return any(len(word) > 2 and (fold(word) in local_part or fold(word) in signed) for word in words)
