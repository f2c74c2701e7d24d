"""Handing one mail in at an SMTP server (RFC 6409), at most once, with a definite answer or AnswerLost."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from adapters.imap_settings import Security, Server
from tickets.errors import AnswerLost, Disconnected, MailboxError, Rejected, Unavailable

if TYPE_CHECKING:
    from aiosmtplib import SMTP

log = structlog.get_logger()

ANSWER_S: Final = 75.0  # filters look at the mail before the server answers; still well within a delivery's claim
_BCC: Final = re.compile(rb"^bcc[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, as the server is told; the headers may say otherwise (Bcc)."""

    sender: str
    recipients: tuple[str, ...]


class Submission:
    """One account at a submission server. Every mail gets a connection of its own."""

    def __init__(self, server: Server, username: str, password: str) -> None:
        self._server = server
        self._username = username
        self._password = password

    async def send(self, envelope: Envelope, mime: bytes) -> tuple[str, ...]:
        """Transmit it without its Bcc; the recipients that the server refused, beside others that it took.

        Raises Unavailable, Rejected and Disconnected when nothing left for certain, AnswerLost when that is unknown.
        """
        message = without_bcc(mime)
        client = await self._connected()
        try:
            refused = await self._address(client, envelope, message)
            await self._transmit(client, message)
        except BaseException:
            client.close()
            raise
        with suppress(Exception):  # the mail is out: how the server says goodbye changes nothing
            await client.quit(timeout=5)
        client.close()
        return refused

    async def _connected(self) -> "SMTP":
        from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException

        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=self._username,
            password=self._password,
            local_hostname="[127.0.0.1]",  # the machine's own name is nobody's business
            timeout=server.timeout_s,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=server.tls(),
        )
        try:
            await client.connect()
        except SMTPAuthenticationError as error:
            raise self._login_refused(error.code) from error
        except (SMTPException, OSError, ValueError) as error:
            raise self._unavailable(error) from error
        return client

    async def _address(self, client: "SMTP", envelope: Envelope, message: bytes) -> tuple[str, ...]:
        """MAIL and RCPT. Nothing has left before DATA, so every fault here is a definite one."""
        from aiosmtplib import SMTPException, SMTPResponseException

        people = [_wire(address) for address in (envelope.sender, *envelope.recipients)]
        options = self._options(client, people, message)
        encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
        try:
            await client.mail(people[0], options=options, encoding=encoding)
            return await self._recipients(client, people[1:], encoding)
        except SMTPResponseException as error:
            raise self._refused(f"a mail from {envelope.sender}", error.code, error.message) from error
        except (SMTPException, OSError) as error:
            raise self._unavailable(error) from error
        except ValueError as error:
            raise Rejected("A recipient's address cannot be written to. Correct it, then approve again.") from error

    async def _recipients(self, client: "SMTP", people: Sequence[str], encoding: str) -> tuple[str, ...]:
        from aiosmtplib import SMTPRecipientRefused

        refusals: dict[str, SMTPRecipientRefused] = {}
        for person in people:
            try:
                await client.rcpt(person, encoding=encoding)
            except SMTPRecipientRefused as error:
                refusals[person] = error
        for person, refusal in refusals.items():
            # One that is only put off would be left out for good if the others were written to now.
            if refusal.code < 500 or len(refusals) == len(people):
                raise self._refused(person, refusal.code, refusal.message) from refusal
        return tuple(refusals)

    async def _transmit(self, client: "SMTP", message: bytes) -> None:
        from aiosmtplib import SMTPDataError, SMTPException

        try:
            await client.data(message, timeout=ANSWER_S)
        except SMTPDataError as error:
            if error.code < 400:
                raise self._lost(error) from error
            raise self._refused("the mail", error.code, error.message) from error
        except (SMTPException, OSError, ValueError) as error:
            raise self._lost(error) from error

    def _options(self, client: "SMTP", people: Sequence[str], message: bytes) -> list[str]:
        """What MAIL has to announce. Raises Rejected for what this server cannot carry."""
        options: list[str] = []
        if client.supports_extension("size"):
            options.append(f"SIZE={len(message)}")
        if not all(person.isascii() for person in people):
            if not client.supports_extension("smtputf8"):
                raise Rejected(f"{self._server.host} cannot write to an address with such letters. Answer by hand.")
            options.append("SMTPUTF8")
        if not message.isascii() and client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        return options

    def _refused(self, what: str, code: int, said: str) -> MailboxError:
        words = " ".join(said.split())[:200]
        if code in (530, 535):
            return self._login_refused(code)
        if 500 <= code < 600:
            return Rejected(f"{self._server.host} refused {what} ({code} {words}). Put that right, then approve again.")
        return Unavailable(f"{self._server.host} put {what} off ({code} {words}). It is tried again by itself.")

    def _login_refused(self, code: int) -> MailboxError:
        if 400 <= code < 500:
            return Unavailable(f"{self._server.host} takes no login at the moment ({code}). It is tried again.")
        return Disconnected(
            f"{self._server.host} refused the login of {self._username} for sending ({code}). Run "
            "`communication-agent mailbox add imap` again with the right password; nothing is lost."
        )

    def _unavailable(self, error: Exception) -> Unavailable:
        where = f"{self._server.host}:{self._server.port}"
        kind = type(error.__cause__ or error).__name__
        return Unavailable(f"{where} could not be used for sending ({kind}). It is tried again by itself.")

    def _lost(self, error: Exception) -> AnswerLost:
        log.warning("smtp_answer_lost", error=type(error).__name__)
        return AnswerLost(
            f"{self._server.host} did not say whether it took the mail: it may have left. It is looked up next."
        )


def without_bcc(mime: bytes) -> bytes:
    """The message as recipients may see it; nothing below the header is looked at."""
    head, gap, body = _parted(mime)
    return _BCC.sub(b"", head) + gap + body


def _parted(mime: bytes) -> tuple[bytes, bytes, bytes]:
    """Header with its last line end, blank line, body."""
    end = re.search(rb"(?:\A|\n)(\r?\n)", mime)
    if end is None:
        return mime, b"", b""
    return mime[: end.start(1)], end[1], mime[end.end(1) :]


def _wire(address: str) -> str:
    """The address with its domain in the form that DNS knows."""
    local, at, domain = address.strip().rpartition("@")
    try:
        return f"{local}{at}{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Rejected("A recipient's address cannot be written to. Correct it, then approve again.") from error
