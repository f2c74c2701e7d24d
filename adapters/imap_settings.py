"""The settings of an IMAP mailbox with its SMTP submission, read once from the text they are stored as.

Encrypted by default, with the server's certificate verified; without encryption only on this machine itself.
"""

import json
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tickets.errors import BadInput, Disconnected

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
TIMEOUT_S: Final = 30.0
KNOWN: Final = (
    *("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security", "username"),
    *("folders", "sent_folder", "drafts_folder", "saves_sent", "aliases", "authserv_id", "ca_file"),
)
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"
    PLAIN = "plain"


_IMAP_PORT: Final = {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143}
_SMTP_PORT: Final = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 587}


@dataclass(frozen=True, slots=True)
class Server:
    """One server to log in to. `ca_file` names a certificate authority to trust beside none else."""

    host: str
    port: int
    security: Security
    ca_file: str | None = None
    timeout_s: float = TIMEOUT_S

    def tls(self) -> ssl.SSLContext | None:
        """A context that verifies; None for a connection in the clear. Raises BadInput for an unreadable `ca_file`."""
        if self.security is Security.PLAIN:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise BadInput(f"{self.ca_file} holds no certificates. Give the path of a PEM file.") from error


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where an address reads its mail and where it hands mail in.

    `folders` are read beside INBOX. `sent_folder` and `drafts_folder` are found by their special use (RFC 6154) when
    they are None. `saves_sent` says that the server itself files what is submitted, as Gmail and Microsoft 365 do.
    """

    imap: Server
    smtp: Server
    username: str
    folders: tuple[str, ...] = ()
    sent_folder: str | None = None
    drafts_folder: str | None = None
    saves_sent: bool = False
    aliases: tuple[str, ...] = ()
    authserv_id: str | None = None

    @classmethod
    def read(cls, settings: Mapping[str, str], address: str) -> "ImapSettings":
        """Raises BadInput with the name of the setting that cannot be used, or that does not exist."""
        require_known(settings)
        imap_host = settings.get("imap_host", "").strip()
        if not imap_host:
            raise BadInput("An IMAP mailbox needs imap_host, the name of its server.")
        smtp_host = settings.get("smtp_host", "").strip() or imap_host
        ca_file = settings.get("ca_file") or None
        sent, drafts = settings.get("sent_folder") or None, settings.get("drafts_folder") or None
        if sent and sent == drafts:
            raise BadInput("sent_folder and drafts_folder must differ: a draft there would pass for sent.")
        return cls(
            imap=_server(settings, "imap", imap_host, Security.TLS, _IMAP_PORT, ca_file),
            smtp=_server(settings, "smtp", smtp_host, Security.STARTTLS, _SMTP_PORT, ca_file),
            username=settings.get("username") or address,
            folders=_listed(settings.get("folders", "")),
            sent_folder=sent,
            drafts_folder=drafts,
            saves_sent=_flag(settings, "saves_sent"),
            aliases=_listed(settings.get("aliases", "")),
            authserv_id=settings.get("authserv_id") or None,
        )


def require_known(names: Iterable[str]) -> None:
    """Raises BadInput with the names that there are: a misspelt setting would silently do nothing."""
    if unknown := sorted(set(names) - set(KNOWN)):
        raise BadInput(f"An IMAP mailbox has no setting {', '.join(unknown)}. There are: {', '.join(KNOWN)}.")


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """The secrets of a mailbox; a representation of it shows none."""

    imap: str
    smtp: str

    @classmethod
    def read(cls, secret: str | None) -> "Passwords":
        """From the sealed text: a password, or JSON with `password` and, where it differs, `smtp_password`.

        Raises Disconnected when there is none.
        """
        if not secret:
            raise Disconnected("No password is on record. Run `communication-agent mailbox add imap` again.")
        try:
            stored = json.loads(secret)
            password = str(stored["password"])
            return cls(password, str(stored.get("smtp_password") or password))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(secret, secret)  # a password may well look like a number or a bracket


def _server(
    settings: Mapping[str, str],
    which: str,
    host: str,
    usual: Security,
    ports: Mapping[Security, int],
    ca_file: str | None,
) -> Server:
    security = _security(settings.get(f"{which}_security") or usual, which)
    if security is Security.PLAIN and host.casefold() not in LOOPBACK:
        raise BadInput(f"{which}_security plain would send the password in the clear. Use tls or starttls for {host}.")
    port = settings.get(f"{which}_port") or str(ports[security])
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadInput(f"{which}_port must be a number from 1 to 65535.")
    return Server(host, int(port), security, ca_file)


def _security(text: str, which: str) -> Security:
    try:
        return Security(text.strip().lower())
    except ValueError:
        raise BadInput(f"{which}_security must be tls, starttls or (on this machine only) plain.") from None


def _flag(settings: Mapping[str, str], name: str) -> bool:
    text = settings.get(name, "").strip().lower()
    if text not in _TRUE | _FALSE:
        raise BadInput(f"{name} must be yes or no.")
    return text in _TRUE


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
