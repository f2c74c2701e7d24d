"""Routing rules: the page where administrators write, order and try them, and the same for scripts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from msgspec import Meta, Struct

from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.schemas import NO_NUL
from api.section_pages import PRIORITIES, typed_in
from api.section_rest import Version, kept, replaced
from api.services import Services
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.desk_settings import Change, Stored
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Actor, Scope
from tickets.routing import MAX_RULES, MAX_WORDS, RoutingRules, Rule, require_usable
from tickets.routing_trial import Trial, new_tags, tried
from tickets.ticket import Priority

PAGE: Final = "/boards/settings/rules"
TEXTS: Final = (
    "name",
    "sender",
    "mailbox",
    "subject_has",
    "body_has",
    "language",
    "category",
    "priority",
    "set_category",
    "set_priority",
    "set_assignee",
    "add_tags",
)
WebRequest = Request[Any, Any, Any]
Edit = Callable[[RoutingRules], RoutingRules]


@get(PAGE, guards=[may(Scope.ADMIN)])
async def rules_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """The rules in their order, and a form for one more."""
    return await _page(services, session, is_saved=saved)


@post(PAGE, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def add_rule(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """One more rule at the end, or what it would have done."""
    typed = await typed_in(request)
    return await _after(request, services, session, actor, lambda now: now.added(_read(typed)), typed, 0)


@post(PAGE + "/{number:int}", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def change_rule(
    number: FromPath[int], request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Change, try, move or remove the rule at that place."""
    typed = await typed_in(request)

    def edit(now: RoutingRules) -> RoutingRules:
        match typed.get("do"):
            case "up":
                return now.moved(number, -1)
            case "down":
                return now.moved(number, 1)
            case "remove":
                return now.removed(number)
            case _:
                return now.changed(number, _read(typed))

    return await _after(request, services, session, actor, edit, typed, number)


async def _after(
    request: WebRequest,
    services: Services,
    session: Session,
    actor: Actor,
    edit: Edit,
    typed: dict[str, str],
    place: int,
) -> Template | Redirect:
    version = version_in(typed.get("version"))
    try:
        before = (await services.desk_settings.stored(RoutingRules)).value
        after = edit(before)
        if typed.get("do") == "try":
            return await _page(services, session, typed=typed, place=place, trial=await _tried(services, after))
        require_usable(after, before, await _operators(services))
        await services.desk_settings.write(Change(after, version), by=actor, now=services.clock.now())
    except (BadInput, Conflict) as refusal:
        return await _page(services, session, refusal=refusal, typed=typed, place=place)
    return see_other(request, PAGE, saved="1")


async def _operators(services: Services) -> dict[str, str]:
    """Who can be assigned to, by address."""
    return {each.email: each.name for each in await services.accounts.operators()}


async def _tried(services: Services, rules: RoutingRules) -> Trial:
    categories = await services.desk_settings.read(Categories)
    return await tried(rules.rules, services.store, services.boards, categories, time.monotonic)


async def _page(
    services: Services,
    session: Session,
    *,
    refusal: DeskError | None = None,
    typed: dict[str, str] | None = None,
    place: int | None = None,
    trial: Trial | None = None,
    is_saved: bool = False,
) -> Template:
    """`place` is the number of the rule whose form `typed` is; 0 is the new one."""
    stored = await services.desk_settings.stored(RoutingRules)
    around = await frame(services, session)
    blank = dict.fromkeys((*TEXTS, "is_last", "is_off"), "")
    context = {
        "frame": around,
        "here": PAGE,
        "rules": stored.value.rules,
        "version": stored.version,
        "changed": stored,
        "typed": typed,
        "place": place,
        "trial": trial,
        "error": told(refusal) if refusal else None,
        "is_saved": is_saved,
        "categories": await services.desk_settings.read(Categories),
        "priorities": PRIORITIES,
        "operators": await _operators(services),
        "mailboxes": [line.address for line in around.mailboxes],
        "max_words": MAX_WORDS,
        "blank": blank,
        "new_tags": new_tags,
        "shown": blank | (typed or {}),
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 400
    return Template("settings_rules.html", context=context, status_code=status)


def _read(typed: dict[str, str]) -> Rule:
    words = {name: typed.get(name, "").strip() for name in TEXTS}
    return Rule(**words, is_last=bool(typed.get("is_last")), is_off=bool(typed.get("is_off")))


# --- scripts ----------------------------------------------------------------------------------------------------------

Words = Annotated[str, Meta(max_length=MAX_WORDS, pattern=NO_NUL)]


class RuleValue(Struct, forbid_unknown_fields=True):
    """A rule: every condition that is filled in must hold. Lists go by commas; what is empty does not count."""

    name: Words = ""
    sender: Words = ""
    mailbox: Words = ""
    subject_has: Words = ""
    body_has: Words = ""
    language: Words = ""
    category: Words = ""
    priority: Priority | None = None
    set_category: Words = ""
    set_priority: Priority | None = None
    set_assignee: Words = ""
    add_tags: Words = ""
    is_last: bool = False
    is_off: bool = False

    def value(self) -> Rule:
        given: dict[str, Any] = msgspec.structs.asdict(self)
        return Rule(**given | {"priority": self.priority or "", "set_priority": self.set_priority or ""})

    @classmethod
    def of(cls, rule: Rule) -> "RuleValue":
        told = asdict(rule)
        return msgspec.convert(told | {name: told[name] or None for name in ("priority", "set_priority")}, cls)


class RulesOut(Struct, kw_only=True):
    """The rules in the order in which they act."""

    rules: list[RuleValue]
    version: Version
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, stored: Stored[RoutingRules]) -> "RulesOut":
        return cls(rules=[RuleValue.of(rule) for rule in stored.value.rules], **kept(stored))


class RulesTry(Struct, forbid_unknown_fields=True):
    """Rules to try on past tickets."""

    rules: Annotated[list[RuleValue], Meta(max_length=MAX_RULES)]

    def value(self) -> RoutingRules:
        return RoutingRules(tuple(rule.value() for rule in self.rules))


class RulesPut(RulesTry, forbid_unknown_fields=True, kw_only=True):
    """All rules, and the version that they replace."""

    version: Version


class DifferenceOut(Struct):
    """A past ticket that the rules would have changed, before and after; `tags` are those that it would have got."""

    ticket_id: UUID
    number: int
    category: tuple[str | None, str]
    priority: tuple[str | None, str]
    assignee: tuple[str | None, str | None]
    tags: list[str]
    reasons: list[str]


class TrialOut(Struct):
    """How many of the newest tickets were looked at, how many a rule fits, and what would have changed."""

    looked_at: int
    fitting: int
    is_cut: bool
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, trial: Trial) -> "TrialOut":
        told = [
            DifferenceOut(
                ticket_id=each.line.id,
                number=each.line.number,
                category=(each.line.category, each.after.category),
                priority=(each.line.priority, each.after.priority),
                assignee=(each.line.assignee, each.line.assignee or each.after.assignee),
                tags=new_tags(each.line, each.after),
                reasons=list(each.after.reasons),
            )
            for each in trial.differences
        ]
        return cls(trial.looked_at, trial.fitting, trial.is_cut, told)


@get("/settings/rules", guards=[may(Scope.ADMIN)], responses=problems())
async def get_rules(services: ServicesNeed) -> RulesOut:
    """The routing rules."""
    return RulesOut.of(await services.desk_settings.stored(RoutingRules))


@put("/settings/rules", guards=[may(Scope.ADMIN)], responses=problems(409))
async def put_rules(services: ServicesNeed, actor: ActorNeed, data: JSONBody[RulesPut]) -> RulesOut:
    """Replace all routing rules. What is new or changed has to name active operators and languages of two letters."""
    rules = data.value()
    require_usable(rules, await services.desk_settings.read(RoutingRules), await _operators(services))
    return RulesOut.of(await replaced(services, rules, data.version, actor))


@post("/settings/rules/try", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK, responses=problems())
async def try_rules(services: ServicesNeed, data: JSONBody[RulesTry]) -> TrialOut:
    """What these rules would have done to the newest tickets; nothing is changed."""
    return TrialOut.of(await _tried(services, data.value()))


routing_page_handlers: list[HTTPRouteHandler] = [rules_page, add_rule, change_rule]
routing_handlers: Sequence[HTTPRouteHandler] = (get_rules, put_rules, try_rules)
