"""One authorised API call, as its handler sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from entrypoints.gmail_double.mailbox import Mailbox
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Refusal, Request

MOST_PER_PAGE = 500
Item = TypeVar("Item")


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


def page(call: Call, items: Sequence[Item], ids: Sequence[str]) -> tuple[Sequence[Item], dict[str, str]]:
    """The items after the one named in pageToken, and the nextPageToken entry if more follow.

    The token names the last item shown rather than a position: mail that arrives between two pages
    neither repeats nor hides another. Refusal 400 when that item is gone.
    """
    token = call.request.first("pageToken")
    start = 0
    if token:
        last = token.removeprefix("after-")
        if last not in ids:
            raise Refusal(400, "Invalid pageToken")
        start = ids.index(last) + 1
    end = start + call.page_size()
    more = {"nextPageToken": f"after-{ids[end - 1]}"} if end < len(items) else {}
    return items[start:end], more
