"""What stands with a mail on its ticket: doubts about its sender, words for machines, the reply a report is about."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.language import _
from tickets.cautions import GRAVE
from tickets.desk import TicketView
from tickets.mail import SEND_ID_HEADER, Mail, MailId, MailKind, Message, SenderVerdict


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at before believing or answering a mail. A grave one is confirmed before a reply leaves."""

    text: str
    is_grave: bool


@dataclass(frozen=True, slots=True)
class MailNotes:
    """`words` are short ones beside the sender; `reply` is the mail of ours that a delivery report is about."""

    doubts: tuple[Doubt, ...] = ()
    words: tuple[str, ...] = ()
    reply: MailId | None = None


def mail_notes(view: TicketView) -> Mapping[MailId, MailNotes]:
    """The notes of every mail that came in."""
    return {message.id: _notes(view, message) for message in view.messages if not message.is_ours}


def bounced_reply(view: TicketView, report: Mail) -> MailId | None:
    """Our mail that a report says it is about, when it is on this ticket."""
    bounce = report.bounce
    if bounce is None:
        return None
    for message in view.messages:
        send_id = message.mail.headers.get(SEND_ID_HEADER.lower(), "").strip()
        is_named = bounce.original_message_id == message.mail.message_id
        if message.is_ours and (is_named or (send_id and send_id == bounce.original_send_id)):
            return message.id
    return None


def _notes(view: TicketView, message: Message) -> MailNotes:
    return MailNotes(tuple(_doubts(view, message)), tuple(_words(view, message)), bounced_reply(view, message.mail))


def _doubts(view: TicketView, message: Message) -> list[Doubt]:
    found = [Doubt(each.text, each.kind in GRAVE) for each in view.warnings.get(message.id, ())]
    if message.is_from_customer and view.verdicts.get(message.id) is SenderVerdict.FAILED:
        said = _("The mail provider says this mail was not sent by whom it claims. Check before you answer.")
        found.insert(0, Doubt(said, is_grave=True))
    return found


def _words(view: TicketView, message: Message) -> list[str]:
    facts, away = view.facts.get(message.id), view.away.get(message.id)
    if facts is None or message.kind is MailKind.BOUNCE:
        return []
    words = [_("automatic reply")] if facts.is_auto_reply and not away else []
    words += [away.note] if away else []
    words += [_("sent to many")] if facts.is_list else []
    if facts.suppress_automatic_answer and not (facts.is_auto_reply or facts.is_list):
        words.append(_("wants no automatic answer"))
    return words
