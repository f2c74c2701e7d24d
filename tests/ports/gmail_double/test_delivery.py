"""What becomes of a mail that left: it reaches accounts of the double, it comes back, or it is refused at once."""

import base64
import json
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.request import urlopen

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.delivery import Treatment
from entrypoints.gmail_double.mailbox import SendAs
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.talking import SUPPORT, a_draft, call_once, encoded, mail, post, refused

ADA = "ada@customers.example"


def to_ada(**headers: str) -> bytes:
    return mail("Re: Inverter", "Please restart it.", sender=SUPPORT, to=f"Ada <{ADA}>", **headers)


def sent_from(client: Any, raw: bytes) -> Any:
    return client.messages().send(userId="me", body={"raw": encoded(raw)}).execute()


def parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


def inbox(gmail: RunningDouble, account: str = SUPPORT) -> list[Message]:
    mails = gmail.double.mailbox(account).newest_first()
    return [message_from_bytes(each.source.raw) for each in mails if "INBOX" in each.labels]


def test_a_mail_to_oneself_is_one_message_that_is_sent_and_received(gmail: RunningDouble, client: Any) -> None:
    sent = sent_from(client, mail(sender=SUPPORT, to=SUPPORT))

    assert sorted(sent["labelIds"]) == ["INBOX", "SENT", "UNREAD"]
    assert len(gmail.double.mailbox(SUPPORT).messages) == 1


def test_hidden_recipients_get_the_mail_and_are_shown_to_the_sender_only(gmail: RunningDouble, client: Any) -> None:
    gmail.double.add_account("boss@helios.example", "boss-token")

    sent = sent_from(client, to_ada(Bcc="boss@helios.example"))
    with urlopen(f"{gmail.url}/_double/delivered") as answer:
        [delivered] = json.load(answer)["mails"]

    own_copy = client.messages().get(userId="me", id=sent["id"], format="raw").execute()
    assert b"Bcc: boss@helios.example" in base64.urlsafe_b64decode(own_copy["raw"])
    assert b"Bcc" not in base64.urlsafe_b64decode(delivered["raw"])
    assert delivered["recipients"] == [ADA, "boss@helios.example"]
    [received] = inbox(gmail, "boss@helios.example")
    assert (received["Subject"], received["Bcc"]) == ("Re: Inverter", None)
    assert gmail.ledger()[0].recipients == (ADA, "boss@helios.example")


@pytest.mark.parametrize(("header", "message"), [("Cc", "Invalid Cc header"), ("Bcc", "Invalid Bcc header")])
def test_a_refused_recipient_keeps_the_mail_from_leaving(
    gmail: RunningDouble, client: Any, header: str, message: str
) -> None:
    gmail.double.recipient("bob@nowhere.example", Treatment("refused"))
    draft = a_draft(client, to_ada(**{header: "Bob <Bob@nowhere.example>"}))

    with pytest.raises(HttpError, match=message) as error:
        client.drafts().send(userId="me", body={"id": draft["id"]}).execute()

    assert refused(error) == (400, "invalidArgument")
    assert gmail.ledger() == []
    assert client.drafts().get(userId="me", id=draft["id"]).execute()["id"] == draft["id"]


@pytest.mark.parametrize(
    ("treatment", "action", "status"), [("bounces", "failed", "5.1.1"), ("delayed", "delayed", "4.4.1")]
)
def test_a_mail_that_cannot_be_delivered_comes_back_into_its_thread(
    gmail: RunningDouble, client: Any, treatment: str, action: str, status: str
) -> None:
    post(f"{gmail.url}/_double/recipients", {"address": ADA, "treatment": treatment})

    sent = sent_from(client, to_ada())
    thread = client.threads().get(userId="me", id=sent["threadId"]).execute()

    [report] = inbox(gmail)
    _, fields, returned = parts(report)
    about_server, about_recipient = parts(fields)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    assert report["X-Failed-Recipients"] == ADA
    assert about_server["Reporting-MTA"] == "dns; googlemail.com"
    assert about_recipient["Final-Recipient"] == f"rfc822; {ADA}"
    assert (about_recipient["Action"], about_recipient["Status"]) == (action, status)
    [original] = parts(returned)
    assert original["Message-ID"] == gmail.ledger()[0].message_id == report["In-Reply-To"]
    assert (thread["messages"][0]["id"], len(thread["messages"])) == (sent["id"], 2)


def test_a_bounce_comes_when_its_time_has_come(gmail: RunningDouble, client: Any) -> None:
    gmail.double.recipient(ADA, Treatment("bounces", after_s=60))
    sent_from(client, to_ada())

    before = inbox(gmail)
    gmail.double.move_clock(61)
    call_once(gmail.url, gmail.double.access_token(SUPPORT), "GET", "profile")

    assert (len(before), len(inbox(gmail))) == (0, 1)


@pytest.mark.parametrize(
    ("address", "is_verified", "leaves_as"),
    [("sales@helios.example", True, "sales@helios.example"), ("new@helios.example", False, SUPPORT)],
)
def test_only_a_confirmed_alias_may_stand_in_from(
    gmail: RunningDouble, client: Any, address: str, is_verified: bool, leaves_as: str
) -> None:
    gmail.double.add_send_as(SUPPORT, SendAs(address, is_verified=is_verified))

    sent = sent_from(client, mail(sender=f"Helios <{address}>", to=ADA))

    left = message_from_bytes(gmail.double.mailbox(SUPPORT).get(sent["id"]).source.raw)
    assert leaves_as in left["From"]
    assert left["X-Google-Original-From"] == (None if is_verified else f"Helios <{address}>")


def test_the_aliases_are_listed_with_what_their_confirmation_came_to(gmail: RunningDouble, client: Any) -> None:
    send_as = f"{gmail.url}/_double/send_as"
    post(send_as, {"account": SUPPORT, "address": "sales@helios.example", "name": "Sales", "is_default": True})
    post(send_as, {"account": SUPPORT, "address": "new@helios.example", "is_verified": False})

    listed = client.settings().sendAs().list(userId="me").execute()["sendAs"]
    one = client.settings().sendAs().get(userId="me", sendAsEmail="new@helios.example").execute()

    assert [(each["sendAsEmail"], each.get("verificationStatus"), each["isDefault"]) for each in listed] == [
        (SUPPORT, None, False),
        ("sales@helios.example", "accepted", True),
        ("new@helios.example", "pending", False),
    ]
    assert one == listed[2]
    with pytest.raises(HttpError) as error:
        client.settings().sendAs().get(userId="me", sendAsEmail="x@helios.example").execute()
    assert refused(error) == (404, "notFound")
