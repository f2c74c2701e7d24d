"""What the owner of an IMAP account does to it with a mail program."""

import ssl
from datetime import datetime

from imapclient import IMAPClient

from tests.imap.servers import PASSWORD, Servers


class Hands:
    """A mail program of its own, logged in to one account."""

    def __init__(self, servers: Servers, address: str) -> None:
        context = ssl.create_default_context(cafile=str(servers.certificate))
        self.client = IMAPClient("127.0.0.1", port=servers.ports["imaps"], ssl_context=context, timeout=20)
        self.client.login(address, PASSWORD)

    def close(self) -> None:
        self.client.logout()

    def put(self, folder: str, raw: bytes, *flags: bytes, at: datetime | None = None) -> str:
        """Lay a mail into a folder; its id as the desk will name it."""
        answer = self.client.append(folder, raw, flags, at)
        _, validity, uid = answer[answer.index(b"[") + 1 : answer.index(b"]")].split()
        return f"{folder}:{validity.decode()}:{uid.decode()}"

    def remove(self, provider_id: str) -> None:
        """Delete it for good."""
        uid = self._opened(provider_id)
        self.client.delete_messages([uid])
        self.client.uid_expunge([uid])

    def mark(self, provider_id: str, flag: bytes) -> None:
        self.client.add_flags([self._opened(provider_id)], [flag])

    def unmark(self, provider_id: str, flag: bytes) -> None:
        self.client.remove_flags([self._opened(provider_id)], [flag])

    def flags(self, provider_id: str) -> tuple[bytes, ...]:
        uid = self._opened(provider_id)
        flags: tuple[bytes, ...] = self.client.get_flags([uid])[uid]
        return flags

    def texts(self, folder: str) -> list[bytes]:
        """Every mail of a folder, oldest first."""
        self.client.select_folder(folder)
        found = self.client.fetch(self.client.search(), ["BODY.PEEK[]"])
        return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def _opened(self, provider_id: str) -> int:
        folder, _, uid = provider_id.rsplit(":", 2)
        self.client.select_folder(folder)
        return int(uid)
