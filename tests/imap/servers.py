"""Dovecot and Exim of a test session's own, in one temporary folder, on free ports, without privileges.

Whatever Exim accepts for an address that has a mailbox here goes there, all else into one Maildir, the sink.
"""

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from string import Template
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.databases import lacking
from tests.service import eventually, free_port
from tickets.mail import SEND_ID_HEADER

DOVECOT: Final = shutil.which("dovecot") or "/usr/sbin/dovecot"
EXIM: Final = shutil.which("exim4") or "/usr/sbin/exim4"
PASSWORD: Final = "sunny-side-up"
START_S: Final = 20.0
SETTLE_S: Final = 20.0

_numbers = count(1)

_DOVECOT_CONF: Final = Template("""
base_dir = $root/run
state_dir = $root/state
log_path = $root/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <$root/certificate.pem
ssl_key = <$root/key.pem
mail_location = maildir:$root/mail/%u/Maildir
imap_capability = $capability
passdb {
  driver = static
  args = password=$password
}
userdb {
  driver = static
  args = uid=$uid gid=$gid home=$root/mail/%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox "Sent Mail" {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Junk {
    auto = subscribe
    special_use = \\Junk
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
  }
}
service anvil {
  chroot =
}
""")

_EXIM_CONF: Final = Template("""
primary_hostname = mail.helios.example
exim_user = $user
exim_group = $group
spool_directory = $root/spool
log_file_path = $root/exim-%slog
pid_file_path = $root/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = $smtp : $smtps
tls_on_connect_ports = $smtps
tls_advertise_hosts = *
tls_certificate = $root/certificate.pem
tls_privatekey = $root/key.pem
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
message_size_limit = 2M
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
smtp_accept_max = 0
keep_environment =
recipient_unqualified_hosts = *

begin acl
mail:
  deny message = you may not write as that address
       senders = ^forbidden@
  accept
rcpt:
  deny message = no such user here
       local_parts = ^refused
  defer message = come back later
       local_parts = ^later
  deny message = authenticate first
       !authenticated = *
  accept
data:
  deny message = this text is not wanted
       condition = $${if match{$$h_subject:}{NOT WANTED}}
  defer message = too busy for this text
       condition = $${if match{$$h_subject:}{NOT NOW}}
  accept

begin routers
mailbox:
  driver = accept
  condition = $${lookup{$$local_part@$$domain}dsearch,filter=dir{$root/mail}{yes}{no}}
  transport = mailbox
sink:
  driver = accept
  transport = sink

begin transports
mailbox:
  driver = appendfile
  maildir_format = true
  directory = $${lookup{$$local_part@$$domain}dsearch,ret=full,filter=dir{$root/mail}}/Maildir
  create_directory = true
sink:
  driver = appendfile
  maildir_format = true
  directory = $root/sink
  create_directory = true
  envelope_to_add = true
  return_path_add = true

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = $${if eq{$$auth3}{$password}}
  server_set_id = $$auth2
""")


@dataclass(frozen=True)
class Servers:
    """The running pair."""

    root: Path
    ports: dict[str, int]
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def certificate(self) -> Path:
        return self.root / "certificate.pem"

    def new_address(self, address: str | None = None) -> str:
        """A mailbox that nobody has used yet, and its address."""
        address = address or f"support{next(_numbers)}@helios.example"
        home = self.root / "mail" / address
        home.mkdir()
        os.chown(home, *_owner())
        return address

    def settings(self) -> dict[str, str]:
        """What the desk keeps of a mailbox on these servers."""
        return {
            "imap_host": "127.0.0.1",
            "imap_port": str(self.ports["imaps"]),
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self.ports["smtps"]),
            "smtp_security": "tls",
            "ca_file": str(self.certificate),
        }

    def in_the_clear(self, **changes: str) -> dict[str, str]:
        """Settings without encryption, so that a wire between can read along."""
        plain = {"imap_security": "plain", "smtp_security": "plain"}
        ports = {"imap_port": str(self.ports["imap"]), "smtp_port": str(self.ports["smtp"])}
        return plain | ports | changes

    def number_anew(self, address: str) -> None:
        """Let Dovecot forget every UID of the account, as after a restored backup."""
        for file in (self.root / "mail" / address / "Maildir").rglob("dovecot*"):
            if file.name.startswith(("dovecot-uidlist", "dovecot.index", "dovecot.list")):
                file.unlink()

    def left(self, address: str) -> list[bytes]:
        """What the SMTP server has delivered outside in the name of that address, once its queue is empty."""
        eventually(self._queue_is_empty, SETTLE_S, every_s=0.02)
        mails = [file.read_bytes() for file in sorted((self.root / "sink" / "new").glob("*"))]
        return [mail for mail in mails if f"Return-path: <{address}>".encode() in mail]

    def deliveries(self, address: str) -> list[tuple[str, str]]:
        """(recipient, send id) of each mail that left in the name of that address."""
        mails = [message_from_bytes(mail) for mail in self.left(address)]
        return [(str(mail["Envelope-to"]), str(mail[SEND_ID_HEADER])) for mail in mails]

    def _queue_is_empty(self) -> bool:
        return not any((self.root / "spool" / "input").rglob("*-H"))


@contextmanager
def running_servers(capability: str = "") -> Iterator[Servers]:
    """Start both; `capability` replaces what Dovecot says it can do. Skips by name where they are not installed."""
    missing = [name for name, path in (("dovecot-imapd", DOVECOT), ("exim4-daemon-light", EXIM)) if not _is_there(path)]
    if missing:
        lacking(f"IMAP: {' and '.join(missing)} not installed (apt-get install {' '.join(missing)})")
    root = Path(tempfile.mkdtemp(prefix="ca-mail-"))
    servers = Servers(root, {name: free_port() for name in ("imap", "imaps", "smtp", "smtps")})
    try:
        _lay_out(servers, capability)
        _start(servers)
        yield servers
    finally:
        for process in servers.processes:
            process.terminate()
            process.wait(20)
        shutil.rmtree(root, ignore_errors=True)


def _is_there(path: str) -> bool:
    return Path(path).exists()


def _owner() -> tuple[int, int]:
    """Whose the servers are: the developer's, or nobody's where tests run as root."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid
    return os.geteuid(), os.getegid()


def _lay_out(servers: Servers, capability: str) -> None:
    root, (uid, gid) = servers.root, _owner()
    _write_certificate(root)
    names = {"user": pwd.getpwuid(uid).pw_name, "group": grp.getgrgid(gid).gr_name, "uid": uid, "gid": gid}
    facts = {"root": root, "password": PASSWORD, "capability": capability, **names, **servers.ports}
    (root / "dovecot.conf").write_text(_DOVECOT_CONF.substitute(facts))
    (root / "exim.conf").write_text(_EXIM_CONF.substitute(facts))
    for folder in ("run", "state", "mail", "spool", "sink/new", "sink/cur", "sink/tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path in (root, *root.rglob("*")):
        os.chown(path, uid, gid)
    root.chmod(0o755)


def _start(servers: Servers) -> None:
    for words in ([DOVECOT, "-F", "-c", "dovecot.conf"], [EXIM, "-bdf", "-C", str(servers.root / "exim.conf")]):
        servers.processes.append(_started(words, servers.root))
    eventually(lambda: all(_listens(port) for port in servers.ports.values()), START_S)


def _started(words: list[str], root: Path) -> "subprocess.Popen[bytes]":
    with (root / "start.log").open("ab") as log:
        if os.geteuid() != 0:
            return subprocess.Popen(words, cwd=root, stdout=log, stderr=log)
        uid, gid = _owner()
        return subprocess.Popen(words, cwd=root, stdout=log, stderr=log, user=uid, group=gid, extra_groups=[])


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _write_certificate(root: Path) -> None:
    """A certificate for 127.0.0.1 that nobody but the tests trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Helios test mail")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(time.time_ns())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (root / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (root / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (root / "key.pem").chmod(0o600)
