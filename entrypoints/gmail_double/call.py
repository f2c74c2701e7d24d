"""One authorised API call, as its handler sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entrypoints.gmail_double.mailbox import Mailbox, Message
from entrypoints.gmail_double.page_tokens import Key
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Request

MOST_PER_PAGE = 500


@dataclass(frozen=True)
class Call:
    """The request, the account's mailbox and the names found in the path."""

    double: Double
    mailbox: Mailbox
    request: Request
    path: Mapping[str, str]

    def names(self, parameter: str) -> tuple[str, ...]:
        """All values of a repeatable query parameter."""
        return tuple(self.request.query.get(parameter, ()))

    def page_size(self) -> int:
        """maxResults within Gmail's bounds (100 when absent, never above 500)."""
        return min(max(self.request.number("maxResults", 100), 1), MOST_PER_PAGE)


def page(call: Call, newest_first: Sequence[Message]) -> tuple[Sequence[Message], dict[str, str]]:
    """The page that pageToken asks for, and the nextPageToken entry if more follow."""
    tokens = call.mailbox.page_tokens
    start = tokens.start(call.request.first("pageToken"), newest_first, _key)
    end = start + call.page_size()
    more = {"nextPageToken": tokens.after(_key(newest_first[end - 1]))} if end < len(newest_first) else {}
    return newest_first[start:end], more


def _key(message: Message) -> Key:
    return message.internal_ms, int(message.id, 16)
