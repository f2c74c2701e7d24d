"""One approved reply out of a Gmail account, once: a draft with our marker, then one drafts.send that consumes it.

Gmail replaces our Message-ID, so what left is recognised by the X-CA-Send-Id header, read from the raw mail.
"""

import base64
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from adapters.gmail_errors import LOOKED_UP, BadRequest, NotThere, outcome_of_send, refusal_of
from adapters.gmail_sync import decoded
from adapters.gmail_transport import GmailApi
from adapters.raw_headers import header, send_id
from tickets.errors import AnswerLost, MailboxError
from tickets.outbox import Absent, OutboxState, Outgoing, Receipt, RemoteDraft, Sent, Waiting

if TYPE_CHECKING:
    from googleapiclient._apis.gmail.v1.schemas import Draft, Message, Thread

log = structlog.get_logger()

RECENT: Final = 20  # how many drafts or sent mails outside the reply's thread are looked through
PAGE_OF_DRAFTS: Final = 500

_BAD_ADDRESS: Final = re.compile(r"\binvalid (to|cc|bcc)\b", re.IGNORECASE)
_NO_ADDRESS: Final = re.compile(r"\brecipient address required\b", re.IGNORECASE)


class GmailSender:
    """The three steps of sending."""

    def __init__(self, api: GmailApi) -> None:
        self._api = api

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Adopt the draft that bears the marker, else create it."""
        if drafts := await self._marked_drafts(outgoing):
            return RemoteDraft(drafts[0]["id"])
        try:
            return await self._create(outgoing, outgoing.provider_thread_id)
        except NotThere:
            # The customer's thread was deleted in Gmail: the reply begins a new one there.
            return await self._create(outgoing, None)

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Send the approved bytes, whatever the draft holds by now."""
        thread_id = await self._thread_for(draft, outgoing)
        body: Draft = {"id": draft.id, "message": _message(outgoing, thread_id)}
        sent = await self._api.write_once(
            lambda gmail: gmail.users().drafts().send(userId="me", body=body), meaning=_outcome
        )
        message_id = await self._real_message_id(sent["id"], outgoing)
        return _receipt(sent, message_id, outgoing)

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Sent mails first: a draft that is being sent shows in both places for a moment."""
        if sent := await self._marked_sent(outgoing):
            return Sent(_receipt(sent, header(decoded(sent), "Message-ID"), outgoing))
        drafts = await self._marked_drafts(outgoing)
        return Waiting(RemoteDraft(drafts[0]["id"])) if drafts else Absent()

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete every draft that bears the marker; deleting one twice is as good as once."""
        for draft in await self._marked_drafts(outgoing):
            await self._delete(draft["id"])

    async def _delete(self, draft_id: str) -> None:
        with suppress(NotThere):
            await self._api.read(lambda gmail: gmail.users().drafts().delete(userId="me", id=draft_id))

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
            lambda gmail: gmail.users().drafts().create(userId="me", body=body), meaning=_refusal
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

    async def _real_message_id(self, gmail_id: str, outgoing: Outgoing) -> str | None:
        """The Message-ID under which the mail left; None when it cannot be read now."""
        try:
            sent = await self._api.read(
                lambda gmail: gmail.users().messages().get(userId="me", id=gmail_id, format="raw"), patient=False
            )
            return header(decoded(sent), "Message-ID")
        except Exception as error:
            # The mail is out: nothing that happens here may turn that into a failure.
            log.warning("sent_message_id_unread", send_id=str(outgoing.id), error=type(error).__name__)
            return None

    async def _marked_drafts(self, outgoing: Outgoing) -> "list[Draft]":
        """More than one only when an earlier run died while Gmail did not show its draft yet."""
        known = [outgoing.remote_draft_id] if outgoing.remote_draft_id else []
        candidates = await self._candidate_drafts(outgoing.provider_thread_id)
        found = [await self._draft(draft_id) for draft_id in dict.fromkeys(known + candidates)]
        return [draft for draft in found if draft and _is_ours(draft["message"], "DRAFT", outgoing)]

    async def _candidate_drafts(self, thread_id: str | None) -> list[str]:
        """The drafts of the thread, and those that begin one: ours does when the customer's thread was deleted."""
        page = await self._api.read(lambda gmail: gmail.users().drafts().list(userId="me", maxResults=PAGE_OF_DRAFTS))
        drafts = page.get("drafts", [])
        if thread_id is None:
            return [draft["id"] for draft in drafts[:RECENT]]
        in_thread = [draft["id"] for draft in drafts if draft["message"].get("threadId") == thread_id]
        alone = [draft["id"] for draft in drafts if draft["message"].get("threadId") == draft["message"]["id"]]
        return in_thread + alone[:RECENT]

    async def _draft(self, draft_id: str) -> "Draft | None":
        try:
            return await self._api.read(
                lambda gmail: gmail.users().drafts().get(userId="me", id=draft_id, format="raw")
            )
        except NotThere:
            return None

    async def _marked_sent(self, outgoing: Outgoing) -> "Message | None":
        thread = await self._thread(outgoing.provider_thread_id) if outgoing.provider_thread_id else None
        in_thread = _sent_ids(thread)
        if found := await self._first_of_ours(in_thread, outgoing):
            return found
        if thread and outgoing.state is OutboxState.DRAFTING:
            return None  # nothing has tried to send it yet: twenty raw mails would be read for nothing
        page = await self._api.read(
            lambda gmail: gmail.users().messages().list(userId="me", labelIds=["SENT"], maxResults=RECENT)
        )
        elsewhere = [message["id"] for message in page.get("messages", []) if message["id"] not in in_thread]
        return await self._first_of_ours(elsewhere, outgoing)

    async def _first_of_ours(self, ids: list[str], outgoing: Outgoing) -> "Message | None":
        messages = await self._api.raw_messages(ids)
        return next((message for message in messages if _is_ours(message, "SENT", outgoing)), None)


def _sent_ids(thread: "Thread | None") -> list[str]:
    """The ids of the sent mails of the thread, newest first."""
    messages = thread["messages"] if thread else []
    return [message["id"] for message in reversed(messages) if "SENT" in message.get("labelIds", ())]


def _receipt(sent: "Message", message_id: str | None, outgoing: Outgoing) -> Receipt:
    known = message_id or outgoing.message_id
    return Receipt(sent["id"], known, sent.get("threadId"), is_read_back=message_id is not None)


def _outcome(error: Exception) -> MailboxError:
    return _refused_address(error) or outcome_of_send(error)


def _refusal(error: Exception) -> MailboxError:
    return _refused_address(error) or refusal_of(error)


def _refused_address(error: Exception) -> MailboxError | None:
    """What Gmail's 400 for a recipient says, in plain words; the address itself stays out of it."""
    from googleapiclient.errors import HttpError

    if not isinstance(error, HttpError) or error.status_code != 400:
        return None
    said = str(error.reason)
    if found := _BAD_ADDRESS.search(said):
        return BadRequest(f"Gmail does not accept an address in {found[1].capitalize()}: it may be misspelt.")
    return BadRequest("The reply has no recipient that Gmail accepts.") if _NO_ADDRESS.search(said) else None


def _message(outgoing: Outgoing, thread_id: str | None) -> "Message":
    message: Message = {"raw": base64.urlsafe_b64encode(outgoing.mime).decode()}
    if thread_id:
        message["threadId"] = thread_id
    return message


def _is_ours(message: "Message", label: str, outgoing: Outgoing) -> bool:
    return label in message.get("labelIds", ()) and send_id(decoded(message)) == str(outgoing.id)
