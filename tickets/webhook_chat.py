"""What a chat room reads of an event: one short text with links, as Slack and those like it take it."""

from collections.abc import Mapping
from typing import Any, Final

from tickets.notices import headline
from tickets.webhooks import WebhookEvent

_SAID: Final[Mapping[WebhookEvent, str]] = {
    WebhookEvent.TICKET_CREATED: "is new",
    WebhookEvent.DRAFT_READY: "has a draft to look at",
    WebhookEvent.APPROVED: "was approved",
    WebhookEvent.SENT: "was answered",
    WebhookEvent.FAILED: "has a reply that did not leave",
}


def chat_text(event: WebhookEvent, told: Mapping[str, Any], site: str) -> str:
    """`told` is what a signed webhook gets of the event: ids, numbers and states."""
    match event:
        case WebhookEvent.TEST:
            return f"This is a test of <{site}/boards|the desk>. Its notices will come like this one."
        case WebhookEvent.WAITING:
            return _waiting(told, site)
        case _:
            return f"{_linked(told, site)} {_SAID[event]}."


def _waiting(told: Mapping[str, Any], site: str) -> str:
    count, named = told["count"], told["tickets"]
    links = ", ".join(_linked(each, site) for each in named)
    more = f" and <{site}/boards/needs-action|{count - len(named)} more>" if count > len(named) else ""
    return f"{headline(count, told['after_min'])}: {links}{more}."


def _linked(told: Mapping[str, Any], site: str) -> str:
    return f"<{site}/boards/tickets/{told['ticket_id']}|#{told['number']}>"
