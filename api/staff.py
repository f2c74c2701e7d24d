"""Operators, invitations and their sessions over REST, for tokens with the scope `admin`."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec import field as named

from api import staff_use
from api.auth import may
from api.idempotency import TOLD_ONCE
from api.needs import ActorNeed, ServicesNeed
from api.one_time_use import link_to
from api.session_lines import SessionLine, session_lines
from api.staff_use import JOIN, RESET
from tickets.people import OperatorId, Role, Scope
from tickets.staff import Member, OneTime, Purpose

Email = Annotated[str, Meta(min_length=3, max_length=254, examples=["ada@example.com"])]
Name = Annotated[str, Meta(max_length=100, examples=["Ada Lind"])]


class OperatorOut(Struct, frozen=True):
    """A person with an account at the desk."""

    id: UUID
    email: str
    name: str
    role: Role
    is_disabled: bool
    has_password: bool
    has_second_factor: bool
    sessions: int
    last_seen_at: datetime | None

    @classmethod
    def of(cls, member: Member) -> Self:
        who = member.operator
        return cls(
            id=who.id,
            email=who.email,
            name=who.name,
            role=who.role,
            is_disabled=member.disabled_at is not None,
            has_password=member.has_password,
            has_second_factor=member.has_second_factor,
            sessions=member.sessions,
            last_seen_at=member.last_seen_at,
        )


class OperatorsOut(Struct, frozen=True):
    operators: list[OperatorOut]


class OperatorChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    is_disabled: bool | UnsetType = UNSET


class InvitationIn(Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    role: Role


class InvitationOut(Struct, frozen=True):
    """Somebody who was invited and has not come yet; the link itself is kept nowhere."""

    id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: OneTime) -> Self:
        fields = invitation.fields
        return cls(
            id=invitation.key_hash,
            email=fields["email"],
            role=Role(fields["role"]),
            invited_by=fields["by"],
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )


class InvitationsOut(Struct, frozen=True):
    invitations: list[InvitationOut]


class LinkOut(Struct, frozen=True):
    """A link that works once. It is told this once and kept nowhere."""

    link: str


class SessionsOut(Struct, frozen=True):
    sessions: list[SessionLine] = named(default_factory=list)


@get("/operators", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def list_operators(services: ServicesNeed) -> OperatorsOut:
    """Everybody with an account, by address."""
    return OperatorsOut([OperatorOut.of(member) for member in await services.access.staff.members()])


@get("/operators/{operator_id:uuid}", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def get_operator(services: ServicesNeed, operator_id: FromPath[UUID]) -> OperatorOut:
    """One person's account."""
    return OperatorOut.of(await services.access.staff.member(OperatorId(operator_id)))


@patch("/operators/{operator_id:uuid}", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def change_operator(
    services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID], data: JSONBody[OperatorChange]
) -> OperatorOut:
    """Change name and role, disable or enable. The last administrator stays one."""
    who = OperatorId(operator_id)
    if data.role is not UNSET:
        await staff_use.change_role(services, who, data.role, by=actor)
    if data.name is not UNSET:
        await staff_use.rename(services, who, data.name, by=actor)
    if data.is_disabled is not UNSET:
        await (staff_use.disable if data.is_disabled else staff_use.enable)(services, who, by=actor)
    return OperatorOut.of(await services.access.staff.member(who))


@post(
    "/operators/{operator_id:uuid}/reset_link",
    guards=[may(Scope.ADMIN)],
    tags=["Operators"],
    opt={TOLD_ONCE: True},
    status_code=HTTP_201_CREATED,
)
async def make_reset_link(services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]) -> LinkOut:
    """Make a link that sets a new password within a day."""
    return LinkOut(link_to(services, RESET, await staff_use.reset_link(services, OperatorId(operator_id), by=actor)))


@delete("/operators/{operator_id:uuid}/second_factor", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def remove_second_factor(services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]) -> None:
    """For somebody who has lost their device."""
    await staff_use.remove_second_factor(services, OperatorId(operator_id), by=actor)


@get("/operators/{operator_id:uuid}/sessions", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def list_sessions(services: ServicesNeed, operator_id: FromPath[UUID]) -> SessionsOut:
    """Where somebody is logged in."""
    await services.access.staff.member(OperatorId(operator_id))
    return SessionsOut(await session_lines(services, OperatorId(operator_id)))


@delete("/operators/{operator_id:uuid}/sessions", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def end_sessions(services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]) -> None:
    """Log every browser of theirs out."""
    await staff_use.end_sessions(services, OperatorId(operator_id), by=actor)


@delete("/operators/{operator_id:uuid}/sessions/{handle:str}", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def end_session(
    services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID], handle: FromPath[str]
) -> None:
    """Log one browser of theirs out."""
    await staff_use.end_session(services, OperatorId(operator_id), handle, by=actor)


@get("/invitations", guards=[may(Scope.ADMIN)], tags=["Operators"])
async def list_invitations(services: ServicesNeed) -> InvitationsOut:
    """Who was invited and has not come yet."""
    pending = await services.access.one_time.pending(Purpose.INVITATION, services.clock.now())
    return InvitationsOut([InvitationOut.of(invitation) for invitation in pending])


@post(
    "/invitations",
    guards=[may(Scope.ADMIN)],
    tags=["Operators"],
    opt={TOLD_ONCE: True},
    status_code=HTTP_201_CREATED,
)
async def invite(services: ServicesNeed, actor: ActorNeed, data: JSONBody[InvitationIn]) -> LinkOut:
    """Make a link for somebody to join within a week; it takes the place of an earlier one."""
    return LinkOut(link_to(services, JOIN, await staff_use.invite(services, data.email, data.role, by=actor)))


@delete("/invitations/{key_hash:str}", guards=[may(Scope.ADMIN)], tags=["Operators"], status_code=HTTP_204_NO_CONTENT)
async def withdraw_invitation(services: ServicesNeed, actor: ActorNeed, key_hash: FromPath[str]) -> None:
    """The link works no more."""
    await staff_use.withdraw(services, key_hash, by=actor)


staff_handlers: list[HTTPRouteHandler] = [
    list_operators,
    get_operator,
    change_operator,
    make_reset_link,
    remove_second_factor,
    list_sessions,
    end_sessions,
    end_session,
    list_invitations,
    invite,
    withdraw_invitation,
]
