"""`communication-agent doctor`: is every part in order, and if not, what to do."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from entrypoints.secret_key import secret_of
from entrypoints.settings import Settings
from entrypoints.wiring import opened
from persistence.migrate import is_current
from tickets.boards import MailboxState
from tickets.errors import DeskError

LITTLE_DISK: Final = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it is in order, and what was found or what to do."""

    name: str
    is_ok: bool
    says: str


async def examine(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """All findings; never raises for what an operator can mend."""
    findings = [_secret(settings), _disk(settings)]
    try:
        async with opened(settings, environ) as parts:
            current = await asyncio.to_thread(is_current, settings.database)
            advice = "up to date" if current else "is older than the program; run `communication-agent migrate`"
            findings.append(Finding("database", current, advice))
            checkpoints = (await parts.services.ready())["checkpoints"]
            findings.append(Finding("checkpoints", checkpoints == "ok", checkpoints))
            notice = parts.services.settings.model_notice
            findings.append(Finding("model", True, notice or parts.services.settings.model_name))
            has_admin = await parts.accounts.has_admin()
            advice = "there is one" if has_admin else "none yet; run `communication-agent operator add`"
            findings.append(Finding("administrator", has_admin, advice))
            lines = await parts.boards.mailboxes()
            if not lines:
                findings.append(Finding("mailboxes", False, "none; add one with `communication-agent mailbox add`"))
            for line in lines:
                is_ok = line.state is MailboxState.OK
                findings.append(Finding(line.address, is_ok, line.detail or "ok"))
    except DeskError as error:
        findings.append(Finding("start", False, str(error)))
    return findings


def _secret(settings: Settings) -> Finding:
    try:
        secret_of(settings)
    except DeskError as error:
        return Finding("secret key", False, str(error))
    return Finding("secret key", True, "32 bytes")


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    says = f"{free // 2**20} MB free in the data directory"
    return Finding("disk", free > LITTLE_DISK, says if free > LITTLE_DISK else f"{says}; make room")
