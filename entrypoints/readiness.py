"""Whether the desk can do its work, part by part, for /health/ready and `doctor`."""

from dataclasses import dataclass

from persistence.engine import Database
from tickets.accounting import AlarmKind
from tickets.boards import Boards
from tickets.errors import DeskError
from tickets.ports import Workflow
from tickets.reconciliation import Reconciliation
from tickets.storage import TicketStore


@dataclass(frozen=True, slots=True)
class Readiness:
    """Call it for component -> "ok" or what is wrong."""

    database: Database
    boards: Boards
    store: TicketStore
    workflow: Workflow
    model_name: str
    model_notice: str | None
    reconciliation: Reconciliation

    async def __call__(self) -> dict[str, str]:
        """Never raises; no address or secret is in what it says."""
        found = {"database": await self._database()}
        found["checkpoints"] = await self._checkpoints() if found["database"] == "ok" else "unknown"
        found["model"] = f"local ({self.model_notice})" if self.model_notice else self.model_name
        found["mailboxes"] = await self._mailboxes() if found["database"] == "ok" else "unknown"
        found |= await self._alarms() if found["database"] == "ok" else {}
        return found

    async def _database(self) -> str:
        try:
            await self.database.ping()
        except DeskError as error:
            return str(error)
        return "ok"

    async def _checkpoints(self) -> str:
        """Tried on a thread that waits for an approval: another secret key shows only when something is read."""
        try:
            for ticket_id in await self.store.unrested(1, None):
                await self.workflow.position(ticket_id)
        except DeskError as error:
            return str(error)
        except Exception as error:  # whatever a broken file makes the library raise
            return f"cannot be read ({type(error).__name__}); look at the log"
        return "ok"

    async def _mailboxes(self) -> str:
        lines = await self.boards.mailboxes()
        astray = [line for line in lines if line.is_ill]
        return f"{len(astray)} of {len(lines)} cannot be read; the boards say which and what to do" if astray else "ok"

    async def _alarms(self) -> dict[str, str]:
        """Whether mail keeps coming, and whether all that came is accounted for."""
        alarms = (await self.reconciliation.now()).alarms
        days = len([alarm for alarm in alarms if alarm.kind is AlarmKind.UNACCOUNTED])
        silent = len([alarm for alarm in alarms if alarm.kind is AlarmKind.SILENT])
        return {
            "sync": f"no good sync for too long in {silent} mailbox(es); the boards say which" if silent else "ok",
            "accounting": f"does not add up on {days} day(s); the mailboxes page has the mails" if days else "ok",
        }
