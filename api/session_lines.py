"""Where somebody is logged in, as pages and REST show it: in words, and without what would let anybody in."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from api.origins import short_address
from api.services import Services
from tickets.accounts import Session
from tickets.people import OperatorId

HANDLE_LENGTH: Final = 16


class SessionLine(Struct, frozen=True, rename={"handle": "id"}):
    """One login of a browser."""

    handle: str
    device: str
    address: str
    logged_in_at: datetime
    last_seen_at: datetime
    is_current: bool


async def session_lines(
    services: Services, operator_id: OperatorId, *, current: Session | None = None
) -> list[SessionLine]:
    """The live ones, the one used last first."""
    now, settings = services.clock.now(), services.settings
    idle, age = timedelta(seconds=settings.session_idle_s), timedelta(seconds=settings.session_max_s)
    return [
        SessionLine(
            handle=session.id_hash[:HANDLE_LENGTH],
            device=session.device or "Unknown device",
            address=short_address(session.address),
            logged_in_at=session.created_at,
            last_seen_at=session.last_seen_at,
            is_current=current is not None and session.id_hash == current.id_hash,
        )
        for session in await services.access.staff.sessions(operator_id)
        if now - session.last_seen_at <= idle and now - session.created_at <= age
    ]
