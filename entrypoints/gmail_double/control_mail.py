"""Control calls about accounts and their mail. Each takes the body of the call and gives the body of the answer."""

import base64
from dataclasses import asdict

from entrypoints.gmail_double.delivery import Treatment, as_delivered
from entrypoints.gmail_double.grants import MODIFY
from entrypoints.gmail_double.mailbox import Mailbox, SendAs
from entrypoints.gmail_double.payload import labelled
from entrypoints.gmail_double.state import DEFAULT_REFRESH_TOKEN, Double
from entrypoints.gmail_double.wire import Json, not_found


def account(double: Double, asked: Json) -> Json:
    address, scopes = asked["address"], tuple(asked.get("scopes", (MODIFY,)))
    double.add_account(address, asked.get("refresh_token", DEFAULT_REFRESH_TOKEN), scopes)
    return {"address": address, "access_token": double.access_token(address, scopes)}


def send_as(double: Double, asked: Json) -> Json:
    address = asked.pop("account")
    double.add_send_as(address, SendAs(**asked))
    return {"send_as": [asdict(alias) for alias in double.mailbox(address).send_as.values()]}


def receive(double: Double, asked: Json) -> Json:
    raw = asked["raw"].rstrip("=")
    message = double.receive(
        asked["account"],
        base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)),
        asked.get("labels", ("INBOX", "UNREAD")),
        asked.get("thread_id"),
        asked.get("at_ms"),
    )
    return {**labelled(message), "historyId": str(message.history_id)}


def relabel(double: Double, asked: Json) -> Json:
    mailbox = double.mailbox(asked["account"])
    add, remove = asked.get("add", ()), asked.get("remove", ())
    return {"mails": [labelled(mailbox.relabel(each, add, remove)) for each in _chosen(mailbox, asked)]}


def delete(double: Double, asked: Json) -> Json:
    mailbox = double.mailbox(asked["account"])
    chosen = _chosen(mailbox, asked)
    for message_id in chosen:
        mailbox.delete(message_id)
    return {"deleted": chosen}


def seed(double: Double, asked: Json) -> Json:
    every_s, replies_every = int(asked.get("every_s", 60)), int(asked.get("replies_every", 0))
    double.seed(asked["account"], int(asked["count"]), every_s, replies_every)
    return {"messages": len(double.mailbox(asked["account"]).messages)}


def recipient(double: Double, asked: Json) -> Json:
    treatment = Treatment(asked["treatment"], float(asked.get("after_s", 0)))
    double.recipient(asked["address"], treatment)
    return {"address": asked["address"], **asdict(treatment)}


def mails(double: Double, asked: Json) -> Json:
    mailboxes = double.world.mailboxes.values()
    return {
        mailbox.address: [{**labelled(each), "subject": each.source.subject} for each in mailbox.newest_first()]
        for mailbox in mailboxes
    }


def ledger(double: Double, asked: Json) -> Json:
    return {"mails": [asdict(line) for line in double.ledger()]}


def delivered(double: Double, asked: Json) -> Json:
    """Every mail of the ledger that still lies among the sent ones, as its recipients got it."""
    lines = [(line, double.world.mailboxes.get(line.account.casefold())) for line in double.ledger()]
    found = [(line, mailbox.messages.get(line.gmail_id)) for line, mailbox in lines if mailbox]
    return {
        "mails": [
            {"recipients": line.recipients, "raw": base64.urlsafe_b64encode(as_delivered(message)).decode()}
            for line, message in found
            if message
        ]
    }


def _chosen(mailbox: Mailbox, asked: Json) -> list[str]:
    """The ids named by `ids`, or the `newest` or `oldest` so many mails. Refusal 404 when there are none."""
    newest_first = [message.id for message in mailbox.newest_first()]
    if "newest" in asked:
        chosen = newest_first[: int(asked["newest"])]
    elif "oldest" in asked:
        chosen = newest_first[::-1][: int(asked["oldest"])]
    else:
        chosen = list(asked["ids"])
    if not chosen:
        raise not_found()
    return chosen
