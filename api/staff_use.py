"""What administrators do to people's accounts, on pages and over REST; each is recorded with who did it."""

from uuid import uuid4

from api.accounts_use import plain_email, usable_email, usable_name
from api.one_time_use import new_secret
from api.passwords import NONE, hash_password
from api.services import Services
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput, Conflict
from tickets.people import Actor, Operator, OperatorId, Role, Scope
from tickets.staff import INVITATION_LIFETIME, RESET_LIFETIME, Member, OneTime, Purpose
from tickets.wording import Sentence

JOIN = "/join"
RESET = "/reset"


async def invite(services: Services, email: str, role: Role, *, by: Actor) -> str:
    """The secret of the invitation's link. Raises BadInput, Conflict when the address has an account."""
    by.require(Scope.ADMIN)
    email = usable_email(email)
    if any(plain_email(member.operator.email) == email for member in await services.access.staff.members()):
        raise Conflict(Sentence("%(email)s has an account already. Look for it in the list.", email=email))
    fields = {"email": email, "role": role.value}
    event = AuditEvent(EventKind.OPERATOR_INVITED, by.name, services.clock.now(), fields=fields)
    invited = {**fields, "by": by.name}
    return await new_secret(services, Purpose.INVITATION, email, invited, INVITATION_LIFETIME, event)


async def withdraw(services: Services, key_hash: str, *, by: Actor) -> None:
    """Raises NotFound for an invitation that was used or withdrawn."""
    by.require(Scope.ADMIN)
    pending = await services.access.one_time.pending(Purpose.INVITATION, services.clock.now())
    email = next((one.about for one in pending if one.key_hash == key_hash), None)
    await services.access.one_time.drop(key_hash, _change(services, by, "invitation withdrawn", email))


async def join(services: Services, invitation: OneTime, name: str, password: str | None) -> Operator:
    """Make the account that the invitation promises; without a password for whoever signs in elsewhere.

    Raises BadInput for an unusable name or password, Conflict when the invitation was used meanwhile.
    """
    email, role = invitation.fields["email"], Role(invitation.fields["role"])
    hashed = NONE if password is None else await hash_password(password, email)
    operator = Operator(OperatorId(uuid4()), email, usable_name(name, email), role)
    fields = {"email": email, "role": role.value, "invited_by": invitation.fields["by"]}
    event = AuditEvent(EventKind.OPERATOR_ADDED, Actor.operator(operator).name, services.clock.now(), fields=fields)
    await services.access.one_time.join(invitation, operator, hashed, event)
    return operator


async def rename(services: Services, operator_id: OperatorId, name: str, *, by: Actor) -> None:
    """Raises BadInput, NotFound."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    name = usable_name(name, member.operator.email)
    if name != member.operator.name:
        await services.access.staff.rename(operator_id, name, _about(services, by, "name", member))


async def change_role(services: Services, operator_id: OperatorId, role: Role, *, by: Actor) -> None:
    """Raises NotFound, and Conflict for the last administrator."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    if role is not member.operator.role:
        event = _about(services, by, f"role {role}", member)
        await services.access.staff.change_role(operator_id, role, event)


async def disable(services: Services, operator_id: OperatorId, *, by: Actor) -> None:
    """They are out at once. Raises NotFound, and Conflict for oneself and the last administrator."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    if Actor.operator(member.operator).name == by.name:
        raise Conflict("You cannot disable your own account. Ask another administrator.")
    if member.disabled_at is None:
        await services.access.staff.disable(operator_id, _about(services, by, "disabled", member))


async def enable(services: Services, operator_id: OperatorId, *, by: Actor) -> None:
    """They may log in again; sessions and tokens from before stay ended. Raises NotFound."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    if member.disabled_at is not None:
        await services.access.staff.enable(operator_id, _about(services, by, "enabled", member))


async def reset_link(services: Services, operator_id: OperatorId, *, by: Actor) -> str:
    """The secret of a link that sets a new password. Raises NotFound, and Conflict for somebody who is disabled."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    if member.disabled_at is not None:
        raise Conflict("This account is disabled. Enable it first.")
    event = _about(services, by, "link for a new password", member)
    fields = {"email": member.operator.email}
    return await new_secret(services, Purpose.RESET, str(operator_id), fields, RESET_LIFETIME, event)


async def set_new_password(services: Services, link: OneTime, password: str) -> None:
    """All sessions end. Raises BadInput, and Conflict when the link was used meanwhile."""
    email = link.fields["email"]
    event = _change(services, Actor(f"operator:{email}"), "password by link", email)
    await services.access.one_time.reset(link, await hash_password(password, email), event)


async def change_password(services: Services, operator: Operator, password: str, keep: str) -> None:
    """Their own, after the old one was checked; all sessions but `keep` end. Raises BadInput."""
    known = await services.accounts.operator_by_email(operator.email)
    if known is None or not known[1]:
        raise BadInput("This account has no password. Ask an administrator for a link to set one.")
    event = _change(services, Actor.operator(operator), "password", operator.email)
    hashed = await hash_password(password, operator.email)
    await services.access.staff.set_password(operator.id, hashed, event, keep=keep)


async def remove_second_factor(services: Services, operator_id: OperatorId, *, by: Actor) -> None:
    """For somebody who has lost their device. Raises NotFound."""
    by.require(Scope.ADMIN)
    member = await services.access.staff.member(operator_id)
    await services.access.second_factors.remove(operator_id, _about(services, by, "second factor removed", member))


async def end_session(services: Services, operator_id: OperatorId, handle: str, *, by: Actor) -> None:
    """Raises NotFound for a session that is not theirs."""
    member = await services.access.staff.member(operator_id)
    await services.access.staff.end_session(operator_id, handle, _about(services, by, "session ended", member))


async def end_sessions(services: Services, operator_id: OperatorId, keep: str | None = None, *, by: Actor) -> int:
    """How many ended. Raises NotFound."""
    member = await services.access.staff.member(operator_id)
    event = _about(services, by, "sessions ended", member)
    return await services.access.staff.end_sessions(operator_id, event, keep=keep)


def _about(services: Services, by: Actor, what: str, member: Member) -> AuditEvent:
    return _change(services, by, what, member.operator.email)


def _change(services: Services, by: Actor, what: str, email: str | None) -> AuditEvent:
    fields = {"what": what, "operator": email}
    return AuditEvent(EventKind.OPERATOR_CHANGED, by.name, services.clock.now(), fields=fields)
