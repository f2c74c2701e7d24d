"""What the page of a ticket is told, beside the ticket itself."""

from collections.abc import Sequence
from typing import Any, Final

from api.frame import Frame
from api.language import said
from api.mail_html import listed_files
from api.sender_notes import mail_notes
from api.stage import fingerprint, stage_of
from api.timeline import DETAILS
from api.typed_reply import TypedReply, written
from tickets.desk import TicketView
from tickets.desk_checks import default_subject, recipients
from tickets.errors import DeskError
from tickets.file_types import file_type
from tickets.letter import everyone_else
from tickets.mail import Address, MailId, Message
from tickets.reopening import ONLY_THANKS
from tickets.status import Status
from tickets.ticket import Conversation

FOLD_FROM: Final = 8  # mails: a shorter conversation shows them all
UNFOLDED: Final = 5

BOARD_OF = {
    Status.NEW: "/boards/new",
    Status.NEEDS_ACTION: "/boards/needs-action",
    Status.WAITING_OTHERS: "/boards/waiting",
    Status.DONE: "/boards/done",
}


def ticket_context(
    view: TicketView, around: Frame, refusal: DeskError | None, typed: TypedReply | None
) -> dict[str, Any]:
    """Everything the templates ask for that follows from one moment's view."""
    ticket = view.ticket
    return {
        "frame": around,
        "view": view,
        "ticket": ticket,
        "draft": view.draft,
        "stage": stage_of(view),
        "only_thanks": ticket.notice == ONLY_THANKS,
        "fingerprint": fingerprint(view),
        "notes": mail_notes(view),
        "folded": folded(view.messages),
        "fresh": _fresh_reply(view),
        "written": written,
        "said": said,
        "file_type": file_type,
        "listed_files": listed_files,
        "reachable": _reachable(view, frozenset(line.address.casefold() for line in around.mailboxes)),
        "refusal": refusal,
        "typed": typed if typed and not typed.is_text_of(view.draft) else None,
        "confirmed": typed.confirmed if typed else frozenset(),
        "details": DETAILS,
        "here": BOARD_OF[ticket.status],
    }


def folded(messages: Sequence[Message]) -> frozenset[MailId]:
    """The older mails of a long conversation, which show one line only; never the one that a reply answers."""
    if len(messages) <= FOLD_FROM:
        return frozenset()
    answered = next((message.id for message in reversed(messages) if message.is_from_customer), None)
    return frozenset(message.id for message in messages[:-UNFOLDED]) - {answered}


def _fresh_reply(view: TicketView) -> dict[str, object]:
    """To and Subject of a reply that is written without a draft."""
    conversation = Conversation(view.ticket, view.messages)
    return {"to": recipients(conversation), "subject": default_subject(conversation)}


def _reachable(view: TicketView, own: frozenset[str]) -> dict[str, tuple[Address, ...]]:
    """Whom a reply could go to, by choice: the sender, whom the mail asks to answer, and everybody else on it."""
    conversation = Conversation(view.ticket, view.messages)
    last = conversation.last_from_customer
    sender = recipients(conversation)
    asked = tuple(each for each in (last.mail.reply_to if last else ()) if each.address and each not in sender)
    return {"sender": sender, "reply_to": asked, "others": everyone_else(conversation, sender, own)}
