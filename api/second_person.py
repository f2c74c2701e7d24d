"""Which replies two people approve: a page of the settings, and the same for scripts."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Self

from litestar import Request, Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Meta, Struct

from api.auth import may
from api.frame import frame
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from api.ticket_page import status_of
from api.tickets import problems
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.desk_settings import Change, StaleSettings, Stored, TwoPerson
from tickets.errors import BadInput, DeskError
from tickets.people import Scope

PATH: Final = "/boards/settings/two-people"
REST: Final = "/settings/two-people"
_MAX_AMOUNT: Final = Decimal(10) ** 12

CategoryKey = Annotated[str, Meta(max_length=40)]
Amount = Annotated[str, Meta(max_length=20, pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]


class TwoPeopleRequest(Struct, forbid_unknown_fields=True):
    """`version` is the one that was read: 409 when somebody changed the rule since."""

    categories: Annotated[list[CategoryKey], Meta(max_length=60)]
    amount_above: Amount | None
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class TwoPeopleOut(Struct):
    """Two people approve replies of these categories, and those that state an amount above this one (null: none)."""

    categories: tuple[str, ...]
    amount_above: str | None
    version: int

    @classmethod
    def of(cls, stored: Stored[TwoPerson]) -> Self:
        return cls(stored.value.categories, _written(stored.value.amount_above) or None, stored.version)


@get(PATH, guards=[may(Scope.ADMIN)])
async def two_people_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """The rule as it stands, in a form."""
    stored = await services.desk_settings.stored(TwoPerson)
    return await _page(services, session, stored, stored.value.categories, _written(stored.value.amount_above))


@post(PATH, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def save_two_people(
    request: Request[Any, Any, Any], services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Response[Any]:
    """Keep the rule; what was typed stays when it cannot be kept."""
    form = await request.form()
    categories = tuple(str(each) for each in form.getall("category", []))
    typed, version = str(form.get("amount", "")).strip(), version_in(str(form.get("version", "")))
    try:
        rule = TwoPerson(await _known(services, categories), _amount(typed))
        change = Change(rule, version)
        await services.desk_settings.write(change, by=actor, now=services.clock.now())
    except (BadInput, StaleSettings) as refusal:
        stored = await services.desk_settings.stored(TwoPerson)
        return await _page(services, session, stored, categories, typed, refusal)
    return see_other(request, PATH)


@get(REST, guards=[may(Scope.ADMIN)], responses=problems())
async def read_two_people(services: ServicesNeed) -> TwoPeopleOut:
    """Which replies two people approve."""
    return TwoPeopleOut.of(await services.desk_settings.stored(TwoPerson))


@put(REST, guards=[may(Scope.ADMIN)], responses=problems(409, 413))
async def write_two_people(data: JSONBody[TwoPeopleRequest], services: ServicesNeed, actor: ActorNeed) -> TwoPeopleOut:
    """Change the rule. A first approval that waits counts on where the rule still asks for two."""
    amount = Decimal(data.amount_above) if data.amount_above else None
    rule = TwoPerson(await _known(services, data.categories), amount)
    await services.desk_settings.write(Change(rule, data.version), by=actor, now=services.clock.now())
    return TwoPeopleOut.of(await services.desk_settings.stored(TwoPerson))


async def _page(
    services: Services,
    session: Session,
    stored: Stored[TwoPerson],
    chosen: Sequence[str],
    amount: str,
    refusal: DeskError | None = None,
) -> Template:
    known = await services.desk_settings.read(Categories)
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "stored": stored,
        "stored_categories": ", ".join(map(known.title, stored.value.categories)),
        "stored_amount": _written(stored.value.amount_above),
        "categories": [entry for entry in known.entries if not entry.is_retired or entry.key in chosen],
        "chosen": chosen,
        "amount": amount,
        "refusal": refusal,
        "is_stale": isinstance(refusal, StaleSettings),
    }
    return Template("two_people.html", context=context, status_code=status_of(refusal))


async def _known(services: Services, keys: Sequence[str]) -> tuple[str, ...]:
    known = {entry.key for entry in (await services.desk_settings.read(Categories)).entries}
    if set(keys) - known:
        raise BadInput("One of these categories does not exist. Reload the list of categories and choose again.")
    return tuple(dict.fromkeys(keys))


def _amount(typed: str) -> Decimal | None:
    """As people write it: a comma may stand for the point."""
    if not typed:
        return None
    try:
        amount = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= _MAX_AMOUNT):
        raise BadInput("The amount is a number that is not negative. Write it like 500 or 99.90, without a currency.")
    return amount


def _written(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


two_people_page_handlers: Sequence[HTTPRouteHandler] = (two_people_page, save_two_people)
two_people_handlers: Sequence[HTTPRouteHandler] = (read_two_people, write_two_people)
