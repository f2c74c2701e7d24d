"""One approved reply out of a Gmail account, once: a draft with our marker, then one drafts.send that consumes it.

Gmail replaces our Message-ID, so what left is recognised by the X-CA-Send-Id header, read from the raw mail.
"""

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from adapters.gmail_errors import LOOKED_UP, NotThere, refusal_of
from adapters.gmail_sync import decoded
from adapters.gmail_transport import GmailApi
from adapters.raw_headers import header, send_id
from tickets.errors import AnswerLost
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import Draft, Message, Thread

log = structlog.get_logger()

RECENT: Final = 20  # how many drafts or sent mails outside the reply's thread are looked through
PAGE_OF_DRAFTS: Final = 500


class GmailSender:
    """The three steps of sending."""

    def __init__(self, api: GmailApi) -> None:
        self._api = api

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Adopt the draft that bears the marker, else create it."""
        if draft := await self._marked_draft(outgoing):
            return RemoteDraft(draft["id"])
        try:
            return await self._create(outgoing, outgoing.provider_thread_id)
        except NotThere:
            # The customer's thread was deleted in Gmail: the reply begins a new one there.
            return await self._create(outgoing, None)

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Send the approved bytes, whatever the draft holds by now."""
        thread_id = await self._thread_for(draft, outgoing)
        body: Draft = {"id": draft.id, "message": _message(outgoing, thread_id)}
        sent = await self._api.write_once(lambda gmail: gmail.users().drafts().send(userId="me", body=body))
        message_id = await self._real_message_id(sent["id"], outgoing)
        return Receipt(sent["id"], message_id, sent.get("threadId"))

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Sent mails first: a draft that is being sent shows in both places for a moment."""
        if sent := await self._marked_sent(outgoing):
            message_id = header(decoded(sent), "Message-ID") or outgoing.message_id
            return Sent(Receipt(sent["id"], message_id, sent.get("threadId")))
        draft = await self._marked_draft(outgoing)
        return Waiting(RemoteDraft(draft["id"])) if draft else Absent()

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete the draft that bears the marker; deleting it twice is as good as once."""
        draft = await self._marked_draft(outgoing)
        if draft is None:
            return
        with suppress(NotThere):
            await self._api.read(lambda gmail: gmail.users().drafts().delete(userId="me", id=draft["id"]))

    async def senders(self) -> frozenset[str]:
        """The addresses Gmail lets this account write as: its own, and aliases whose owner confirmed them."""
        found = await self._api.read(lambda gmail: gmail.users().settings().sendAs().list(userId="me"))
        aliases = found.get("sendAs", [])
        return frozenset(
            alias["sendAsEmail"].casefold()
            for alias in aliases
            if alias.get("isPrimary") or alias.get("verificationStatus") == "accepted"
        )

    async def _create(self, outgoing: Outgoing, thread_id: str | None) -> RemoteDraft:
        body: Draft = {"message": _message(outgoing, thread_id)}
        # A draft whose answer is lost has sent nothing: the next attempt finds it by its marker.
        draft = await self._api.write_once(
            lambda gmail: gmail.users().drafts().create(userId="me", body=body), meaning=refusal_of
        )
        return RemoteDraft(draft["id"])

    async def _thread_for(self, draft: RemoteDraft, outgoing: Outgoing) -> str | None:
        """The customer's thread while it exists, wherever somebody has moved the draft by editing it.

        A draft that is gone may have been sent: AnswerLost.
        """
        try:
            found = await self._api.read(
                lambda gmail: gmail.users().drafts().get(userId="me", id=draft.id, format="minimal")
            )
        except NotThere as error:
            raise AnswerLost(f"The draft is gone from Gmail: the reply may have left. {LOOKED_UP}") from error
        lies_in, wanted = found["message"].get("threadId"), outgoing.provider_thread_id
        if wanted in (None, lies_in) or await self._thread(wanted) is None:
            return lies_in
        return wanted

    async def _thread(self, thread_id: str) -> "Thread | None":
        try:
            return await self._api.read(
                lambda gmail: gmail.users().threads().get(userId="me", id=thread_id, format="minimal")
            )
        except NotThere:
            return None

    async def _real_message_id(self, gmail_id: str, outgoing: Outgoing) -> str:
        """The Message-ID under which the mail left; the frozen one when it cannot be read now."""
        try:
            sent = await self._api.read(
                lambda gmail: gmail.users().messages().get(userId="me", id=gmail_id, format="raw"), patient=False
            )
            return header(decoded(sent), "Message-ID") or outgoing.message_id
        except Exception as error:
            # The mail is out: nothing that happens here may turn that into a failure.
            log.warning("sent_message_id_unread", send_id=str(outgoing.id), error=type(error).__name__)
            return outgoing.message_id

    async def _marked_draft(self, outgoing: Outgoing) -> "Draft | None":
        known = [outgoing.remote_draft_id] if outgoing.remote_draft_id else []
        candidates = await self._candidate_drafts(outgoing.provider_thread_id)
        for draft_id in dict.fromkeys(known + candidates):
            draft = await self._draft(draft_id)
            if draft and _is_ours(draft["message"], "DRAFT", outgoing):
                return draft
        return None

    async def _candidate_drafts(self, thread_id: str | None) -> list[str]:
        page = await self._api.read(lambda gmail: gmail.users().drafts().list(userId="me", maxResults=PAGE_OF_DRAFTS))
        drafts = page.get("drafts", [])
        in_thread = [draft["id"] for draft in drafts if draft["message"].get("threadId") == thread_id]
        return in_thread if thread_id else [draft["id"] for draft in drafts[:RECENT]]

    async def _draft(self, draft_id: str) -> "Draft | None":
        try:
            return await self._api.read(
                lambda gmail: gmail.users().drafts().get(userId="me", id=draft_id, format="raw")
            )
        except NotThere:
            return None

    async def _marked_sent(self, outgoing: Outgoing) -> "Message | None":
        in_thread = await self._sent_in_thread(outgoing.provider_thread_id)
        if found := await self._first_of_ours(in_thread, outgoing):
            return found
        page = await self._api.read(
            lambda gmail: gmail.users().messages().list(userId="me", labelIds=["SENT"], maxResults=RECENT)
        )
        elsewhere = [message["id"] for message in page.get("messages", []) if message["id"] not in in_thread]
        return await self._first_of_ours(elsewhere, outgoing)

    async def _sent_in_thread(self, thread_id: str | None) -> list[str]:
        """The ids of the sent mails of the thread, newest first."""
        thread = await self._thread(thread_id) if thread_id else None
        if thread is None:
            return []
        return [message["id"] for message in reversed(thread["messages"]) if "SENT" in message.get("labelIds", ())]

    async def _first_of_ours(self, ids: list[str], outgoing: Outgoing) -> "Message | None":
        messages = await self._api.raw_messages(ids)
        return next((message for message in messages if _is_ours(message, "SENT", outgoing)), None)


def _message(outgoing: Outgoing, thread_id: str | None) -> "Message":
    message: Message = {"raw": base64.urlsafe_b64encode(outgoing.mime).decode()}
    if thread_id:
        message["threadId"] = thread_id
    return message


def _is_ours(message: "Message", label: str, outgoing: Outgoing) -> bool:
    return label in message.get("labelIds", ()) and send_id(decoded(message)) == str(outgoing.id)
