"""`communication-agent doctor`: is every part in order, and if not, what to do."""

import asyncio
from collections.abc import Mapping
from typing import Final

from entrypoints.examining import Check, Finding, Says, in_words, machine_checks, model_check
from entrypoints.examining_mailboxes import mailbox_checks
from entrypoints.settings import Settings
from entrypoints.wiring import Parts, opened
from tickets.accounting import AlarmKind
from tickets.errors import DeskError

ACCOUNT_S: Final = 60.0

__all__ = ["Finding", "examine", "table"]


async def examine(settings: Settings, environ: Mapping[str, str], *, is_offline: bool = False) -> list[Finding]:
    """All findings; never raises for what an operator can mend. Checks that do not need each other run side by side."""
    machine = await _all(machine_checks(settings, environ, is_offline=is_offline))
    model = model_check(settings, environ, is_offline=is_offline, notice=None)
    try:
        async with opened(settings, environ) as parts:
            notice = parts.services.settings.model_notice
            model = model_check(settings, environ, is_offline=is_offline, notice=notice)
            inside = [Check("checkpoints", lambda: _checkpoints(parts)), model]
            inside += [Check("administrator", lambda: _administrator(parts))]
            return [*machine, *await _all(inside), *await _mailboxes(parts, is_offline=is_offline)]
    except DeskError as error:
        has_secret = all(found.is_ok for found in machine if found.name == "secret key")
        why = str(error) if has_secret else "the desk cannot be opened without its secret key; see there"
        return [*machine, *await _all([model]), Finding("start", False, why)]
    except OSError as error:
        return [*machine, *await _all([model]), Finding("start", False, in_words(error))]
    except Exception as error:  # whatever a broken part raises, what was found so far is told
        broken = Finding("start", False, f"the desk cannot be opened ({type(error).__name__}); look at the log")
        return [*machine, *await _all([model]), broken]


def table(findings: list[Finding]) -> list[str]:
    """The findings as lines for a console."""
    lines = [f"{'ok  ' if finding.is_ok else 'FIX '} {finding.name}: {finding.says}" for finding in findings]
    broken = sum(not finding.is_ok for finding in findings)
    return [*lines, "", f"{broken} to fix." if broken else "All is well."]


async def _all(checks: list[Check]) -> list[Finding]:
    return list(await asyncio.gather(*(check.run() for check in checks)))


async def _mailboxes(parts: Parts, *, is_offline: bool) -> list[Finding]:
    lines = await parts.boards.mailboxes()
    if not lines:
        return [Finding("mailboxes", False, "none; add one with `communication-agent mailbox add`")]
    checks = [check for line in lines for check in mailbox_checks(parts, line, is_offline=is_offline)]
    return await _all([*checks, Check("received mail", lambda: _account(parts), ACCOUNT_S)])


async def _checkpoints(parts: Parts) -> Says:
    says = (await parts.services.ready())["checkpoints"]
    return says == "ok", says


async def _administrator(parts: Parts) -> Says:
    has_admin = await parts.accounts.has_admin()
    return has_admin, "there is one" if has_admin else "none yet; run `communication-agent operator add`"


async def _account(parts: Parts) -> Says:
    """Every day there ever was, not only those that the boards watch."""
    reconciliation = parts.services.reconciliation
    assert reconciliation is not None
    await reconciliation.count_earlier()
    alarms = (await reconciliation.now()).alarms
    astray = [alarm for alarm in alarms if alarm.kind is AlarmKind.UNACCOUNTED]
    if astray:
        return False, f"{astray[0].address}: {astray[0].says} {astray[0].what_to_do}"
    return True, "all of it is accounted for"
