"""The second step of a login: a code of six digits from a generator (RFC 6238), or a recovery code, each good once."""

import hashlib
import io
import re
import secrets
from typing import Final

import pyotp
import segno
from markupsafe import Markup

from api.services import Services
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput
from tickets.people import Actor, Operator, OperatorId
from tickets.staff import SecondFactor

RECOVERY_CODES: Final = 10
STEP_S: Final = 30
_DRIFT: Final = 1  # steps that a clock may be off
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is read as something else
_RECOVERY_LENGTH: Final = 16


async def offer(services: Services, operator: Operator) -> str:
    """The secret to enter into a code generator; the one offered before, until a code of it was entered."""
    factors = services.access.second_factors
    if (known := await factors.of(operator.id)) is None:
        await factors.offer(operator.id, pyotp.random_base32())
        known = await factors.of(operator.id)
    if known is None or known.since:
        raise BadInput("The second step is on already. Remove it first to use another device.")
    return known.secret


async def confirm(services: Services, operator: Operator, code: str) -> list[str]:
    """Switch it on after a first right code; gives the recovery codes. Raises BadInput."""
    known, now = await services.access.second_factors.of(operator.id), services.clock.now()
    step = _step_of(known, code, now.timestamp()) if known else None
    if step is None:
        raise BadInput("That code does not fit. Check the clock of your device and enter the next code.")
    codes, event = _new_codes(), changed(services, operator, "second factor on")
    await services.access.second_factors.confirm(operator.id, step, now, _hashes(operator.id, codes), event)
    return codes


async def renew_codes(services: Services, operator: Operator) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    codes, event = _new_codes(), changed(services, operator, "recovery codes renewed")
    await services.access.second_factors.renew_codes(operator.id, _hashes(operator.id, codes), event)
    return codes


async def is_right_code(services: Services, operator: Operator, code: str) -> bool:
    """Whether the code lets this operator in now; it is used up by that."""
    factors = services.access.second_factors
    known = await factors.of(operator.id)
    if known is None or known.since is None:
        return False
    plain = re.sub(r"[\s-]", "", code).upper()
    if len(plain) == _RECOVERY_LENGTH:
        event = changed(services, operator, "recovery code used")
        return await factors.use_recovery_code(operator.id, _hash(operator.id, plain), event)
    step = _step_of(known, plain, services.clock.now().timestamp())
    return step is not None and await factors.use_step(operator.id, step)


def uri_of(secret: str, operator: Operator, desk_name: str) -> str:
    """What the QR code says, for the generator to read."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=operator.email, issuer_name=desk_name))


def picture_of(uri: str) -> Markup:
    """The QR code as an SVG element, drawn here: nothing of it is anybody's text."""
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", xmldecl=False, border=4, omitsize=True)
    return Markup(drawn.getvalue().decode())  # noqa: S704


def grouped(text: str) -> str:
    """In groups of four, to be typed."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def changed(services: Services, operator: Operator, what: str) -> AuditEvent:
    """The record of what somebody did to their own account."""
    actor = Actor.operator(operator).name
    return AuditEvent(EventKind.OPERATOR_CHANGED, actor, services.clock.now(), fields={"what": what})


def _step_of(known: SecondFactor, code: str, now_s: float) -> int | None:
    """The time step that the code belongs to; None for a wrong one, or one from before the last that was used."""
    current = int(now_s) // STEP_S
    generator = pyotp.TOTP(known.secret)
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if step > known.step and secrets.compare_digest(generator.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _new_codes() -> list[str]:
    return ["".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def _hashes(operator_id: OperatorId, codes: list[str]) -> list[str]:
    return [_hash(operator_id, code) for code in codes]


def _hash(operator_id: OperatorId, code: str) -> str:
    # Eighty random bits need no slow hash.
    return hashlib.sha256(operator_id.bytes + code.encode()).hexdigest()
