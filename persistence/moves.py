"""Moving mails and notes between tickets, as part of a transaction, and the reads beside it."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, case, delete, func, insert, null, or_, select, update

from persistence import reading
from persistence.engine import Database
from persistence.packing import Columns, event_from, message_from, snippet
from persistence.related import SHOWN, related_from
from persistence.rows import audit_events, mails, ticket_participants, tickets
from persistence.rows_moves import moves
from persistence.rows_notes import mentions, notes
from persistence.transaction_mail import MOVES_NOTHING, participants_of
from persistence.unit import Unit
from tickets.audit import AuditEvent
from tickets.mail import MailId, MailKind, Message, SenderVerdict
from tickets.notes import NoteId
from tickets.regrouping import Before, Move, MoveKind, MoveLine
from tickets.status import Status
from tickets.ticket import CameBack, DecisionId, TicketId

_IDS: Final = ("mails", "notes")


class MoveTransaction:
    """The part of a transaction that moves mails between tickets. The caller holds both tickets' rows."""

    _unit: Unit
    _connection: Any

    async def messages(self, ticket_id: TicketId) -> tuple[Message, ...]:
        return await reading.messages(self._connection, ticket_id)

    async def recorded_on(self, ticket_id: TicketId) -> tuple[AuditEvent, ...]:
        query = select(audit_events).where(audit_events.c.chain == str(ticket_id)).order_by(audit_events.c.seq)
        return tuple(event_from(row) for row in await self._connection.execute(query))

    async def keep_move(self, move: Move) -> None:
        await self._connection.execute(insert(moves), _pack(move))

    async def standing_moves(self, ticket_id: TicketId) -> tuple[Move, ...]:
        query = select(moves).where(_stands_on(ticket_id)).order_by(moves.c.at, moves.c.id)
        return tuple(_move(row) for row in await self._connection.execute(query))

    async def undo_move(self, move: Move, by: str, at: datetime) -> None:
        this = (moves.c.id == move.id) & moves.c.undone_at.is_(None)
        await self._connection.execute(update(moves).where(this).values(undone_by=by, undone_at=at))

    async def split_off_from(self, ticket_id: TicketId) -> frozenset[TicketId]:
        found: set[TicketId] = set()
        here: UUID | None = ticket_id
        while here is not None:
            is_split = (moves.c.into == here) & (moves.c.kind == MoveKind.SPLIT.value) & moves.c.undone_at.is_(None)
            here = (await self._connection.execute(select(moves.c.source).where(is_split))).scalar()
            if here is None or here in found:
                break
            found.add(TicketId(here))
        return frozenset(found)

    async def put_mails(self, mail_ids: Collection[MailId], source: TicketId, into: TicketId) -> None:
        those = (mails.c.ticket_id == source) & mails.c.id.in_(sorted(mail_ids))
        await self._connection.execute(update(mails).where(those).values(ticket_id=into))
        for ticket_id in (source, into):
            await self._retell(ticket_id)

    async def put_notes(
        self, source: TicketId, into: TicketId, those: Collection[NoteId] | None = None
    ) -> tuple[NoteId, ...]:
        which = notes.c.ticket_id == source
        if those is not None:
            which &= notes.c.id.in_(sorted(those))
        origin = func.coalesce(notes.c.came_from, notes.c.ticket_id)
        came_from = case((origin == into, null()), else_=origin)
        put = update(notes).where(which).values(ticket_id=into, came_from=came_from).returning(notes.c.id)
        moved = tuple(NoteId(found) for found in (await self._connection.execute(put)).scalars())
        follow = update(mentions).where(mentions.c.note_id.in_(moved)).values(ticket_id=into)
        await self._connection.execute(follow)
        return moved

    async def are_on(self, mail_ids: Collection[MailId], ticket_id: TicketId) -> bool:
        elsewhere = mails.c.id.in_(sorted(mail_ids)) & mails.c.ticket_id.is_distinct_from(ticket_id)
        return (await self._connection.execute(select(mails.c.id).where(elsewhere).limit(1))).first() is None

    async def _retell(self, ticket_id: TicketId) -> None:
        """People, counts and last words of a ticket, from the mails that it has now."""
        query = select(mails).where(mails.c.ticket_id == ticket_id).order_by(mails.c.at, mails.c.id)
        rows = (await self._connection.execute(query)).all()
        people = {
            person.key
            for row in rows
            for person in participants_of(MailKind(row.kind), SenderVerdict(row.verdict), message_from(row, ()).mail)
            if person.key
        }
        theirs = ticket_participants.c.ticket_id == ticket_id
        await self._connection.execute(delete(ticket_participants).where(theirs))
        if people:
            written = [{"ticket_id": ticket_id, "address_key": key} for key in sorted(people)]
            await self._connection.execute(insert(ticket_participants), written)
        await self._connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(_told(rows)))


def _told(rows: list[Row[Any]]) -> Columns:
    """What boards show of a ticket's mails. An emptied ticket keeps its last words."""
    told: Columns = {"mails": len(rows)}
    if spoken := [row for row in rows if MailKind(row.kind) not in MOVES_NOTHING]:
        told |= {"snippet": snippet(message_from(spoken[-1], ()).mail), "spoken_at": spoken[-1].at}
    if customers := [row for row in rows if row.kind == MailKind.CUSTOMER.value]:
        told["sender_failed"] = customers[-1].verdict == SenderVerdict.FAILED.value
    return told


class MoveStore:
    """The store's reads of what was merged and split."""

    _database: Database

    async def moves(self, ticket_id: TicketId) -> tuple[MoveLine, ...]:
        is_other = case((moves.c.source == ticket_id, moves.c.into), else_=moves.c.source)
        shown = [column.label(f"other_{column.name}") for column in SHOWN]
        query = (
            select(moves, *shown)
            .join(tickets, tickets.c.id == is_other)
            .where(_stands_on(ticket_id))
            .order_by(moves.c.at.desc(), moves.c.id)
        )
        async with self._database.read() as connection:
            return tuple(_line(row, ticket_id) for row in await connection.execute(query))


def _stands_on(ticket_id: TicketId) -> Any:
    return and_(or_(moves.c.source == ticket_id, moves.c.into == ticket_id), moves.c.undone_at.is_(None))


def _line(row: Row[Any], ticket_id: TicketId) -> MoveLine:
    return MoveLine(
        id=row.id,
        kind=MoveKind(row.kind),
        is_source=row.source == ticket_id,
        other=related_from(row, "other_"),
        by=row.by,
        at=row.at,
        mails=len(row.content["mails"]),
    )


# --- values to columns and back ------------------------------------------------------------------------------------


def _pack(move: Move) -> Columns:
    content = {
        "mails": [str(each) for each in move.mails],
        "notes": [str(each) for each in move.notes],
        "tags": list(move.tags),
        "rest": _pack_before(move.rest),
        "rest_seq": move.rest_seq,
        "emptied": _pack_before(move.emptied) if move.emptied else None,
    }
    named = {name: getattr(move, name) for name in ("id", "source", "into", "by", "at")}
    return {**named, "kind": move.kind.value, "content": content}


def _move(row: Row[Any]) -> Move:
    content = row.content
    return Move(
        id=row.id,
        kind=MoveKind(row.kind),
        source=row.source,
        into=row.into,
        by=row.by,
        at=row.at,
        mails=tuple(MailId(UUID(each)) for each in content["mails"]),
        notes=tuple(NoteId(UUID(each)) for each in content["notes"]),
        tags=tuple(content["tags"]),
        rest=_before(content["rest"]),
        rest_seq=content["rest_seq"],
        emptied=_before(content["emptied"]) if content["emptied"] else None,
    )


def _pack_before(before: Before) -> Columns:
    return {name: _plain(value) for name, value in asdict(before).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _before(packed: Columns) -> Before:
    until, back, wish = packed["snoozed_until"], packed["came_back"], packed["wish"]
    read = {
        "status": Status(packed["status"]),
        "waiting_since": datetime.fromisoformat(packed["waiting_since"]),
        "snoozed_until": datetime.fromisoformat(until) if until else None,
        "came_back": CameBack(back) if back else None,
        "wish": DecisionId(UUID(wish)) if wish else None,
    }
    return Before(**packed | read)
