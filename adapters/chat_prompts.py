"""What the language model is given to read. Mails are JSON strings: they can end no string, open no section.

The instructions before it are in `prompts/`.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from adapters.local_reading import written_text
from tickets.categories import Categories
from tickets.ticket import Article, Conversation, Draft, Plan, Triage

_LAST_MESSAGES: Final = 6
_MESSAGE_LIMIT: Final = 4000  # characters of one mail
_ARTICLE_LIMIT: Final = 3000
_ARTICLES: Final = 5
_FEEDBACK_LIMIT: Final = 2000


def triage_request(conversation: Conversation) -> str:
    """The thread alone."""
    return _as_json(_thread(conversation))


def plan_request(conversation: Conversation, triage: Triage, articles: Sequence[Article]) -> str:
    """The thread, what triage found, and the articles."""
    return _as_json(_thread(conversation) | {"triage": _triage(triage), "articles": _articles(articles)})


def draft_request(
    conversation: Conversation,
    triage: Triage,
    plan: Plan,
    articles: Sequence[Article],
    feedback: str | None,
    previous: Draft | None,
) -> str:
    """All that a reply may rest on."""
    wanted: dict[str, Any] = _thread(conversation) | {
        "triage": _triage(triage),
        "plan": [{"action": s.action, "detail": s.detail, "missing": list(s.missing)} for s in plan.steps],
        "articles": _articles(articles),
    }
    if feedback:
        wanted["operator_feedback"] = feedback[:_FEEDBACK_LIMIT]
    if previous is not None:
        wanted["previous_draft"] = previous.body[:_MESSAGE_LIMIT]
    return _as_json(wanted)


def named(categories: Categories) -> str:
    """The keys to choose from, each with what the desk says of it."""
    return ", ".join(f"{entry.key} ({entry.description or entry.title})" for entry in categories.active)


def _thread(conversation: Conversation) -> dict[str, Any]:
    return {
        "subject": conversation.ticket.subject[:300],
        "messages": [
            {
                "from": "us" if message.is_ours else "customer" if message.is_from_customer else "a machine",
                "name": message.mail.sender.name[:80],
                "sent_at": message.at.isoformat(),
                "subject": message.mail.subject[:300],
                "text": written_text(message.mail)[:_MESSAGE_LIMIT],
                "attachments": [attachment.filename[:80] for attachment in message.mail.attachments[:10]],
            }
            for message in conversation.messages[-_LAST_MESSAGES:]
        ],
    }


def _triage(triage: Triage) -> dict[str, Any]:
    return {
        "category": triage.category,
        "priority": triage.priority,
        "sentiment": triage.sentiment,
        "language": triage.language,
        "summary": triage.summary,
    }


def _articles(articles: Sequence[Article]) -> list[dict[str, str]]:
    return [
        {"id": article.id, "title": article.title, "language": article.language, "text": article.body[:_ARTICLE_LIMIT]}
        for article in articles[:_ARTICLES]
    ]


def _as_json(wanted: dict[str, Any]) -> str:
    return json.dumps(wanted, ensure_ascii=False, indent=1)
