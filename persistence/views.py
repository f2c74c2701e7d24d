"""Saved views in their table."""

from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from persistence.engine import Database
from persistence.packing import Columns
from persistence.rows_boards import board_views
from persistence.unit import unit_of_work
from tickets.audit import AuditEvent
from tickets.boards import Board
from tickets.errors import BadInput, Conflict
from tickets.views import SavedView, ViewId
from tickets.wording import Sentence

_TAKEN = "You have a view of that name already. Choose another name."


class SqlViews:
    """The port SavedViews."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen_by(self, actor: str) -> tuple[SavedView, ...]:
        theirs = or_(board_views.c.owner == actor, board_views.c.is_shared)
        query = select(board_views).where(theirs).order_by(board_views.c.name_key, board_views.c.id)
        async with self._database.read() as connection:
            return tuple(_view_from(row) for row in await connection.execute(query))

    async def view(self, view_id: ViewId) -> SavedView | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(board_views).where(board_views.c.id == view_id))).first()
        return _view_from(row) if row else None

    async def add(self, view: SavedView, event: AuditEvent, *, at_most: int) -> None:
        own = select(func.count()).where(board_views.c.owner == view.owner)
        try:
            async with unit_of_work(self._database) as unit:
                if (await unit.connection.execute(own)).scalar_one() >= at_most:
                    raise BadInput(
                        Sentence("You have %(most)s views, and more are not kept. Delete one first.", most=at_most)
                    )
                await unit.connection.execute(insert(board_views), _columns(view))
                unit.events.append(event)
        except Conflict as error:
            raise Conflict(_TAKEN) from error

    async def change(self, view: SavedView, event: AuditEvent) -> None:
        try:
            async with unit_of_work(self._database) as unit:
                changed = update(board_views).where(board_views.c.id == view.id)
                await unit.connection.execute(changed.values(_columns(view)))
                unit.events.append(event)
        except Conflict as error:
            raise Conflict(_TAKEN) from error

    async def delete(self, view_id: ViewId, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(delete(board_views).where(board_views.c.id == view_id))
            unit.events.append(event)


def _columns(view: SavedView) -> Columns:
    own = {name: getattr(view, name) for name in SavedView.__dataclass_fields__}
    return {**own, "board": view.board.value, "name_key": view.name.casefold()}


def _view_from(row: Row[*tuple[Any, ...]]) -> SavedView:
    named = {name: getattr(row, name) for name in SavedView.__dataclass_fields__}
    return SavedView(**{**named, "board": Board(row.board)})
