"""What the scripted model says by default: plain answers derived from the request, so that a whole journey works."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.local_language import language_of
from adapters.local_wording import acknowledgement, closing, greeting

_WORDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "complaint": ("complain", "beschwer", "réclamation", "queja"),
    "warranty": ("warrant", "garant"),
    "billing": ("invoice", "rechnung", "facture", "factura", "payment", "mahnung"),
    "scheduling": ("appointment", "termin", "rendez-vous", "cita", "date"),
    "technical": ("error", "fehler", "erreur", "fault", "inverter", "wechselrichter", "onduleur", "inversor"),
    "sales": ("quote", "angebot", "devis", "presupuesto", "price", "preis"),
    "account": ("address", "umzug", "account", "konto", "cuenta", "compte"),
}


def default_answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for triage, a plan or a draft, told apart by the name of the schema."""
    wanted = _material(asked)
    answers: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"triage": _triage, "plan": _plan}
    return answers.get(_step(asked), _draft)(wanted)


def _step(asked: Mapping[str, Any]) -> str:
    """Without a schema in the request, its name stands in the instructions."""
    named = (asked.get("response_format") or {}).get("json_schema", {}).get("name")
    if named:
        return str(named)
    system = str(asked.get("messages", [{}])[0].get("content", ""))
    return next((step for step in ("triage", "plan", "draft") if f"'name': '{step}'" in system), "draft")


def _material(asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        material = json.loads(asked["messages"][-1]["content"])
    except (KeyError, IndexError, TypeError, ValueError):
        return {}
    return material if isinstance(material, dict) else {}


def _last_mail(material: Mapping[str, Any]) -> dict[str, Any]:
    mails = [mail for mail in material.get("messages", []) if mail.get("from") == "customer"]
    return mails[-1] if mails else {}


def _triage(material: dict[str, Any]) -> dict[str, Any]:
    mail = _last_mail(material)
    text = f"{mail.get('subject', '')}\n{mail.get('text', '')}"
    found = (category for category, words in _WORDS_OF.items() if any(word in text.casefold() for word in words))
    return {
        "category": next(found, "other"),
        "priority": "normal",
        "sentiment": "neutral",
        "language": language_of(text),
        "needs_reply": True,
        "summary": " ".join(str(mail.get("text", "")).split())[:150] or "An empty mail.",
        "reasons": ["scripted answer"],
    }


def _plan(material: dict[str, Any]) -> dict[str, Any]:
    articles = [str(article.get("title", "")) for article in material.get("articles", [])[:1]]
    steps = [{"action": "acknowledge", "detail": "Thank the customer.", "missing": []}]
    steps += [{"action": "inform", "detail": f"Use '{title}'.", "missing": []} for title in articles]
    return {"steps": steps}


def _draft(material: dict[str, Any]) -> dict[str, Any]:
    language = str(material.get("triage", {}).get("language", "en"))
    name = str(_last_mail(material).get("name", "")) or None
    said = [acknowledgement(language)]
    if feedback := material.get("operator_feedback"):
        said.append(f"[{feedback}]")
    return {
        "subject": f"Re: {material.get('subject', '')}",
        "body": "\n\n".join([greeting(language, name), *said, closing(language, "The scripted model")]),
        "used_source_ids": [article["id"] for article in material.get("articles", [])[:1]],
    }
