"""How long things are kept: the page, which counts what would go before it saves, and the same for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Self

from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from msgspec import Struct

from api.auth import may
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.section_forms import RETENTION
from api.section_pages import SectionPage, typed_in
from api.section_rest import Days, Kept, Version, kept, replaced
from api.services import Services
from tickets.desk_settings import Retention, Stored
from tickets.errors import BadInput, NotFound
from tickets.people import Scope
from tickets.retention import Forgotten, Retaining, Run

WebRequest = Request[Any, Any, Any]


def _retaining(services: Services) -> Retaining:
    if services.retaining is None:
        raise NotFound("Nothing is deleted by the clock here. Use the commands on the server.")
    return services.retaining


async def _more(services: Services) -> Mapping[str, Any]:
    return {"last_run": await services.retaining.last_run() if services.retaining else None, "would": None}


PAGE: Final = SectionPage("/boards/settings/retention", "settings_retention.html", (RETENTION,), _more)


@get(PAGE.path, guards=[may(Scope.ADMIN)])
async def retention_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """After how many days what is deleted, and what the last run did."""
    return await PAGE.show(services, session, is_saved=saved)


@post(PAGE.path, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def save_retention(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Save it; what would delete something is counted first, and saved when that has been seen."""
    typed = await typed_in(request)
    if typed.get("do") != "sure":
        try:
            wanted = RETENTION.read(typed)
        except BadInput as refusal:
            return await PAGE.refused(services, session, typed, refusal)
        assert isinstance(wanted, Retention)
        would = await _retaining(services).would(wanted)
        if typed.get("do") == "count" or not would.is_nothing:
            return await PAGE.found(services, session, typed, {"would": would})
    return await PAGE.save(request, services, session, actor)


# --- scripts ----------------------------------------------------------------------------------------------------------


class RetentionTry(Struct, forbid_unknown_fields=True):
    """Days after which what is deleted; null: never.

    `closed_after_days`: closed tickets with all their mail. `originals_after_days`: of closed tickets the mails as they
    came and their files. `dismissed_after_days`: bytes of mail dismissed from quarantine. `names_after_days`: addresses
    of people in the record, for pseudonyms.
    """

    closed_after_days: Days | None
    originals_after_days: Days | None
    dismissed_after_days: Days | None
    names_after_days: Days | None

    def value(self) -> Retention:
        return Retention(
            self.closed_after_days, self.originals_after_days, self.dismissed_after_days, self.names_after_days
        )


class RetentionPut(RetentionTry, forbid_unknown_fields=True, kw_only=True):
    """The periods, and the version that they replace."""

    version: Version


class ForgottenOut(Struct):
    """How much; `waiting` closed tickets stay because a reply is under way."""

    tickets: int
    mails: int
    waiting: int
    originals: int
    dismissed: int
    events: int

    @classmethod
    def of(cls, forgotten: Forgotten) -> Self:
        return cls(**asdict(forgotten))


class RunOut(Struct):
    """One run; without an end it is under way, or was broken off and is taken up again."""

    began_at: datetime
    ended_at: datetime | None
    forgotten: ForgottenOut | None

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(run.began_at, run.ended_at, ForgottenOut.of(run.forgotten) if run.forgotten else None)


class RetentionOut(Kept, kw_only=True):
    """The periods in days, null for never, and the last run."""

    closed_after_days: Days | None
    originals_after_days: Days | None
    dismissed_after_days: Days | None
    names_after_days: Days | None
    last_run: RunOut | None

    @classmethod
    async def of(cls, stored: Stored[Retention], services: Services) -> Self:
        run = await services.retaining.last_run() if services.retaining else None
        return cls(**asdict(stored.value), last_run=RunOut.of(run) if run else None, **kept(stored))


@get("/settings/retention", guards=[may(Scope.ADMIN)], responses=problems())
async def get_retention(services: ServicesNeed) -> RetentionOut:
    """How long things are kept, and what the last run deleted."""
    return await RetentionOut.of(await services.desk_settings.stored(Retention), services)


@put("/settings/retention", guards=[may(Scope.ADMIN)], responses=problems(409))
async def put_retention(services: ServicesNeed, actor: ActorNeed, data: JSONBody[RetentionPut]) -> RetentionOut:
    """Replace the periods. What is older goes with the next run, within a day: try it first."""
    return await RetentionOut.of(await replaced(services, data.value(), data.version, actor), services)


@post("/settings/retention/try", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK, responses=problems(404))
async def try_retention(services: ServicesNeed, data: JSONBody[RetentionTry]) -> ForgottenOut:
    """How much would go today; nothing is changed."""
    return ForgottenOut.of(await _retaining(services).would(data.value()))


retention_page_handlers: list[HTTPRouteHandler] = [retention_page, save_retention]
retention_handlers: Sequence[HTTPRouteHandler] = (get_retention, put_retention, try_retention)
