"""The part of Gmail's search language that the product uses."""

import re
from collections.abc import Callable

from entrypoints.gmail_double.mailbox import Mailbox, Message
from entrypoints.gmail_double.wire import Refusal

Test = Callable[[Message], bool]

_TERM = re.compile(r'(?P<no>-?)(?:(?P<field>[a-z0-9_]+):)?(?P<value>"[^"]*"|\S+)', re.IGNORECASE)
_FOLDERS = {"drafts": "DRAFT", "chats": "CHAT"}
_UNITS_S = {"d": 86_400, "m": 30 * 86_400, "y": 365 * 86_400, "h": 3_600}
_HIDDEN = frozenset({"SPAM", "TRASH"})


def search(mailbox: Mailbox, query: str, labels: tuple[str, ...], with_hidden: bool, now_ms: int) -> list[Message]:
    """Messages that fulfil all terms and bear all labels, newest first.

    Spam and trash appear only when asked for. An operator this double does not know is a 400, so
    that a test never passes because a term was ignored.
    """
    tests = [_term(mailbox, found, now_ms) for found in _TERM.finditer(query)]
    asks_hidden = re.search(r"(?<!-)\b(?:in|label):(?:anywhere|spam|trash)", query, re.IGNORECASE)
    if not (with_hidden or asks_hidden or _HIDDEN & set(labels)):
        tests.append(lambda message: not message.labels & _HIDDEN)
    tests.append(lambda message: message.labels.issuperset(labels))
    return [message for message in mailbox.newest_first() if all(test(message) for test in tests)]


def _term(mailbox: Mailbox, found: re.Match[str], now_ms: int) -> Test:
    test = _test(mailbox, (found["field"] or "").lower(), found["value"].strip('"'), now_ms)
    if found["no"]:
        return lambda message: not test(message)
    return test


def _test(mailbox: Mailbox, field: str, value: str, now_ms: int) -> Test:
    if field in ("in", "is", "label"):
        return _label_test(mailbox, field, value)
    if field in ("newer_than", "older_than", "after", "before"):
        return _time_test(field, value, now_ms)
    if field == "rfc822msgid":
        wanted = f"<{value.strip('<>')}>"
        return lambda message: message.source.message_id == wanted
    if field in ("from", "to", "cc", "subject"):
        return lambda message: value.casefold() in message.source.header(field).casefold()
    if field == "has" and value == "attachment":
        return lambda message: message.source.has_attachment
    if field:
        raise Refusal(400, f"The double does not know the search operator {field}:{value}")
    return lambda message: value.casefold() in message.source.subject.casefold()


def _label_test(mailbox: Mailbox, field: str, value: str) -> Test:
    if value.lower() == "anywhere":
        return lambda message: True
    if (field, value.lower()) == ("is", "read"):
        return lambda message: "UNREAD" not in message.labels
    named = {name.casefold(): label for label, name in mailbox.labels.items()}
    label = named.get(value.casefold(), _FOLDERS.get(value.lower(), value.upper()))
    return lambda message: label in message.labels


def _time_test(field: str, value: str, now_ms: int) -> Test:
    if field in ("newer_than", "older_than"):
        found = re.fullmatch(r"(\d+)([dmyh])", value)
        if not found:
            raise Refusal(400, f"Invalid search value {field}:{value}")
        edge = now_ms - int(found[1]) * _UNITS_S[found[2]] * 1000
    elif value.isdigit():
        edge = int(value) * 1000
    else:
        raise Refusal(400, f"The double knows {field}: with seconds since 1970 only")
    if field in ("newer_than", "after"):
        return lambda message: message.internal_ms >= edge
    return lambda message: message.internal_ms < edge
