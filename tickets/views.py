"""Saved views: a board with its filters under a name, of one person or shared with the whole desk."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NewType, Protocol
from uuid import UUID, uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.boards import Board
from tickets.errors import BadInput, NotAllowed, NotFound
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.wording import Sentence

ViewId = NewType("ViewId", UUID)

MAX_NAME: Final = 60
MAX_QUERY: Final = 2_000
MAX_VIEWS: Final = 50


@dataclass(frozen=True, slots=True)
class SavedView:
    """`owner` is the actor who saved it; `query` are the filters as the address of the board bears them."""

    id: ViewId
    name: str
    owner: str
    is_shared: bool
    board: Board
    query: str
    created_at: datetime


class SavedViews(Protocol):
    """Where views are kept. Each change is one transaction with its event."""

    async def seen_by(self, actor: str) -> Sequence[SavedView]:
        """The actor's own and the shared ones, by name."""
        ...

    async def view(self, view_id: ViewId) -> SavedView | None: ...
    async def add(self, view: SavedView, event: AuditEvent, *, at_most: int) -> None:
        """Raises Conflict for a name that its owner has used, BadInput for one more than `at_most`."""
        ...

    async def change(self, view: SavedView, event: AuditEvent) -> None:
        """Raises Conflict for a name that its owner has used."""
        ...

    async def delete(self, view_id: ViewId, event: AuditEvent) -> None: ...


@dataclass(frozen=True, slots=True)
class Views:
    """What people do with views. Reading is enough to have some: they change no ticket."""

    views: SavedViews
    clock: Clock

    async def seen_by(self, actor: Actor) -> Sequence[SavedView]:
        return await self.views.seen_by(actor.name)

    async def save(self, name: str, board: Board, query: str, *, is_shared: bool, by: Actor) -> SavedView:
        """Raises BadInput, Conflict for a name in use; sharing asks for the right to work on tickets."""
        by.require(Scope.DRAFT if is_shared else Scope.READ)
        if len(query) > MAX_QUERY:
            raise BadInput("These filters are too long to be kept. Take some out.")
        view = SavedView(ViewId(uuid4()), _name(name), by.name, is_shared, board, query, self.clock.now())
        await self.views.add(view, self._event(EventKind.VIEW_SAVED, view, by), at_most=MAX_VIEWS)
        return view

    async def change(
        self, view_id: ViewId, *, name: str | None = None, is_shared: bool | None = None, by: Actor
    ) -> SavedView:
        """Rename it, share it or keep it to oneself. Raises NotFound, NotAllowed, Conflict for a name in use."""
        view = await self._own(view_id, by)
        changed = replace(
            view,
            name=view.name if name is None else _name(name),
            is_shared=view.is_shared if is_shared is None else is_shared,
        )
        by.require(Scope.DRAFT if changed.is_shared else Scope.READ)
        await self.views.change(changed, self._event(EventKind.VIEW_CHANGED, changed, by))
        return changed

    async def delete(self, view_id: ViewId, *, by: Actor) -> None:
        """Raises NotFound, NotAllowed."""
        view = await self._own(view_id, by)
        await self.views.delete(view_id, self._event(EventKind.VIEW_DELETED, view, by))

    async def _own(self, view_id: ViewId, by: Actor) -> SavedView:
        view = await self.views.view(view_id)
        if view is None or not (view.is_shared or view.owner == by.name):
            raise NotFound("There is no such view any more. Choose another one.")
        if not may_change(view, by):
            raise NotAllowed("This view is somebody else's. They or an administrator can change it.")
        return view

    def _event(self, kind: EventKind, view: SavedView, by: Actor) -> AuditEvent:
        fields: Fields = {"view_id": str(view.id), "is_shared": view.is_shared}
        return AuditEvent(kind, by.name, self.clock.now(), fields=fields)


def may_change(view: SavedView, actor: Actor) -> bool:
    """Its owner may, and for a shared one an administrator."""
    return view.owner == actor.name or (view.is_shared and Scope.ADMIN in actor.scopes)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME or any(ord(sign) < 32 for sign in name):
        raise BadInput(Sentence("A view needs a name of up to %(max_name)s characters. Correct it.", max_name=MAX_NAME))
    return name
