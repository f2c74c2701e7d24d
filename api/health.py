"""Whether the process lives, and whether the desk can work. Public, so without names, addresses or secrets."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import structlog
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from msgspec import Struct

from api.needs import ServicesNeed
from api.services import Services

OK: Final = "ok"
# Without these nothing can be answered; a mailbox that must be reconnected leaves the desk of use.
ESSENTIAL: Final = frozenset({"database", "checkpoints"})
# Who writes the answers is told, and is not a fault.
TOLD: Final = "model"

_log = structlog.get_logger()


class Alive(Struct):
    status: Literal["ok"] = "ok"


class Health(Struct):
    """`components` says "ok" or what is wrong; `model` also says when answers are written without a model."""

    status: Literal["ok", "degraded"]
    components: Mapping[str, str]


@get("/health/live", opt={"public": True})
async def live() -> Alive:
    """The process answers."""
    return Alive()


@get("/health/ready", opt={"public": True})
async def ready(services: ServicesNeed) -> Response[Health]:
    """503 while the desk cannot work; `degraded` while a part of it cannot."""
    components = await _components(services)
    is_well = all(said == OK for name, said in components.items() if name != TOLD)
    can_work = all(components.get(name, OK) == OK for name in ESSENTIAL)
    settings = services.settings
    told = {TOLD: settings.model_notice or settings.model_name, **components}
    health = Health("ok" if is_well else "degraded", told)
    return Response(health, status_code=HTTP_200_OK if can_work else HTTP_503_SERVICE_UNAVAILABLE)


async def _components(services: Services) -> dict[str, str]:
    try:
        return await services.ready()
    except Exception as error:  # whatever broke, a probe needs an answer
        _log.error("readiness_failed", error=type(error).__name__)
        return {"database": "does not answer"}


health_handlers: Sequence[HTTPRouteHandler] = (live, ready)
