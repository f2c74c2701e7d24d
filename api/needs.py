"""What a handler may ask for by name, and how each is provided: from the services that stand behind the application.

What stands behind the names is checked by mypy, not by Litestar at run time: it cannot check a Protocol, and takes no
stand-in for a use case. The aliases here say so.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from api.auth import Caller, caller_of
from api.services import Services
from tickets.accounts import Session
from tickets.boards import Boards
from tickets.desk import Desk
from tickets.desk_settings import DeskSettings
from tickets.errors import NotAllowed
from tickets.people import Actor, Operator
from tickets.storage import TicketStore
from tickets.sync import Sync

ServicesNeed = NamedDependency[SkipValidation[Services]]
DeskNeed = NamedDependency[SkipValidation[Desk]]
SyncNeed = NamedDependency[SkipValidation[Sync]]
StoreNeed = NamedDependency[SkipValidation[TicketStore]]
BoardsNeed = NamedDependency[SkipValidation[Boards]]
DeskSettingsNeed = NamedDependency[SkipValidation[DeskSettings]]
ActorNeed = NamedDependency[SkipValidation[Actor]]
OperatorNeed = NamedDependency[SkipValidation[Operator]]
SessionNeed = NamedDependency[SkipValidation[Session]]


PARTS = ("desk", "sync", "store", "boards", "desk_settings")


def provided() -> dict[str, Provide]:
    """The services and the parts of them above; of the caller `actor`, `operator` and `session`."""
    return {
        "services": Provide(_services, sync_to_thread=False),
        **{name: _part(name) for name in PARTS},
        "actor": Provide(_actor, sync_to_thread=False),
        "operator": Provide(_operator, sync_to_thread=False),
        "session": Provide(_session, sync_to_thread=False),
    }


def _services(request: ASGIConnection[Any, Any, Any, Any]) -> Any:
    return request.app.state.services


def _part(name: str) -> Provide:
    def part(request: ASGIConnection[Any, Any, Any, Any]) -> Any:
        return getattr(_services(request), name)

    return Provide(part, sync_to_thread=False)


def _actor(request: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    return _caller(request).actor


def _operator(request: ASGIConnection[Any, Any, Any, Any]) -> Operator:
    return _session(request).operator


def _session(request: ASGIConnection[Any, Any, Any, Any]) -> Session:
    if session := _caller(request).session:
        return session
    raise NotAllowed("This page is for a person who is logged in. Open it in a browser.")


def _caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    if caller := caller_of(request):
        return caller
    raise NotAllowed("This address was opened without a caller. Log in and try again.")
