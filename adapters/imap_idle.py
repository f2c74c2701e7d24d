"""Waiting for an IMAP server to say that there is new mail: IDLE (RFC 2177), or a look every half minute without it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from adapters.imap_folders import INBOX
from adapters.imap_line import ImapLine

if TYPE_CHECKING:
    from imapclient import IMAPClient

RENEW_S: Final = 25 * 60.0  # servers log an idle client out after half an hour
SLICE_S: Final = 1.0  # how long a closing or cancelled mailbox may still wait
_NEWS: Final = frozenset({b"EXISTS", b"EXPUNGE", b"VANISHED"})

Standing = tuple[int, int]
"""UIDVALIDITY and the UID that the next mail will get."""


class ImapIdle:
    """Watches INBOX on a line of its own. Other folders are read at the next regular sync."""

    def __init__(self, line: ImapLine, *, poll_every_s: float = 30.0) -> None:
        self._line = line
        self._poll_every_s = poll_every_s
        self._standing: Standing | None = None
        self._asked = 0

    async def announced(self, timeout_s: float) -> bool:
        """Also tells what came since the last call, so that nothing is missed while the caller syncs."""
        self._asked += 1
        mine, known = self._asked, self._standing
        try:
            has_moved, standing = await self._line.run(
                lambda client: self._wait(client, timeout_s, known, lambda: self._asked != mine)
            )
        finally:
            self._asked += 1  # a caller that was cancelled leaves the thread to the next one
        # Kept only now: what a cancelled caller was never told is told to the next.
        self._standing = standing
        return has_moved

    def _wait(
        self, client: "IMAPClient", timeout_s: float, known: Standing | None, is_over: Callable[[], bool]
    ) -> tuple[bool, Standing]:
        end = time.monotonic() + timeout_s
        standing = _standing(client)
        known = known or standing
        while standing == known and (left := end - time.monotonic()) > 0 and not self._is_over(is_over):
            if client.has_capability("IDLE"):
                _idle(client, min(left, RENEW_S), lambda: self._is_over(is_over))
            else:
                self._rest(min(left, self._poll_every_s), is_over)
            standing = _standing(client)
        return standing != known, standing

    def _is_over(self, is_over: Callable[[], bool]) -> bool:
        return self._line.is_closing.is_set() or is_over()

    def _rest(self, seconds: float, is_over: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not is_over():
            if self._line.is_closing.wait(min(left, SLICE_S)):
                return


def _standing(client: "IMAPClient") -> Standing:
    """Opening the folder anew is what makes every server look."""
    answer = client.select_folder(INBOX, readonly=True)
    return answer[b"UIDVALIDITY"], answer[b"UIDNEXT"]


def _idle(client: "IMAPClient", seconds: float, is_over: Callable[[], bool]) -> None:
    """Until the server tells of mail, at most that long."""
    end = time.monotonic() + seconds
    client.idle()
    while (left := end - time.monotonic()) > 0 and not is_over():
        slice_s, began = min(left, SLICE_S), time.monotonic()
        told = client.idle_check(timeout=slice_s)
        # Nothing, and too early: the server has hung up, which the next command will say.
        is_cut_off = not told and time.monotonic() - began < slice_s / 2
        if is_cut_off or any(_NEWS.intersection(_words(response)) for response in told):
            break
    client.idle_done()


def _words(response: tuple[object, ...]) -> list[bytes]:
    return [part for part in response if isinstance(part, bytes)]
