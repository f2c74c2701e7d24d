"""The categories of the desk: the page where administrators change them, and the same for scripts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from litestar import Request, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_201_CREATED, HTTP_303_SEE_OTHER
from msgspec import UNSET, Meta, Struct, UnsetType

from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.schemas import NO_NUL
from api.section_forms import target_filled, target_typed
from api.section_pages import typed_in
from api.section_rest import Minutes
from api.services import Services
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import MAX_DESCRIPTION, MAX_TITLE, OTHER, Categories, CategoryEntry
from tickets.desk_settings import Change, Section, ServiceLevels, StaleSettings, Stored, Target
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Actor, Scope

PAGE: Final = "/boards/settings/categories"
REST: Final = "/settings/categories"
_TRIES: Final = 5

WebRequest = Request[Any, Any, Any]
Edit = Callable[[Categories], Categories]
Promise = Callable[[ServiceLevels, Categories, Categories], ServiceLevels]


async def edited(
    services: Services, actor: Actor, edit: Edit, version: int | None = None, promise: Promise | None = None
) -> Categories:
    """Apply an edit to the categories as they are; with a version, only if they still are those.

    `promise` says of the categories before and after what the targets become; both are written, or nothing.
    Raises StaleSettings, and what the edit itself refuses.
    """
    for _ in range(_TRIES):
        stored = await services.desk_settings.stored(Categories)
        if version is not None and version != stored.version:
            raise StaleSettings(stored.version)
        after = edit(stored.value)
        changes: list[Change[Section]] = [Change(after, stored.version)]
        if promise is not None:
            levels = await services.desk_settings.stored(ServiceLevels)
            changes.append(Change(promise(levels.value, stored.value, after), levels.version))
        try:
            await services.desk_settings.write(*changes, by=actor, now=services.clock.now())
        except StaleSettings:
            if version is not None:
                raise
            continue
        return after
    raise Conflict("The categories are being changed by somebody else at the moment. Try again.")


# --- page -------------------------------------------------------------------------------------------------------------


@get(PAGE, guards=[may(Scope.ADMIN)])
async def categories_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """All categories, and a form for one more."""
    return await _page(services, session, is_saved=saved)


@post(PAGE, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def add_category(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """One more."""
    typed = await typed_in(request)
    words = typed.get("title", ""), typed.get("description", "")

    def promise(levels: ServiceLevels, before: Categories, after: Categories) -> ServiceLevels:
        return _promised(levels, _new_in(before, after).key, typed)

    return await _after(request, services, session, actor, lambda now: now.added(*words), typed, "+", promise)


@post(PAGE + "/{key:str}", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def change_category(
    key: FromPath[str], request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Another title or description; or out of use, and back."""
    typed = await typed_in(request)

    def edit(now: Categories) -> Categories:
        if (use := typed.get("use")) is not None:
            return now.retired(key, use == "retire")
        return now.changed(key, typed.get("title", ""), typed.get("description", ""))

    def promise(levels: ServiceLevels, _before: Categories, _after: Categories) -> ServiceLevels:
        return _promised(levels, key, typed)

    return await _after(request, services, session, actor, edit, typed, key, promise)


async def _after(
    request: WebRequest,
    services: Services,
    session: Session,
    actor: Actor,
    edit: Edit,
    typed: dict[str, str],
    place: str,
    promise: Promise,
) -> Template | Redirect:
    try:
        await _require_targets_seen(services, typed)
        await edited(services, actor, edit, version_in(typed.get("version")), promise)
    except (BadInput, Conflict) as refusal:
        return await _page(services, session, refusal=refusal, typed=typed, place=place)
    return see_other(request, PAGE, saved="1")


def _promised(levels: ServiceLevels, key: str, typed: dict[str, str]) -> ServiceLevels:
    return levels.with_category(key, target_typed(typed)) if "answer" in typed else levels


async def _require_targets_seen(services: Services, typed: dict[str, str]) -> None:
    """Raises StaleSettings when somebody else changed targets since the form was shown."""
    levels = await services.desk_settings.stored(ServiceLevels)
    if "answer" in typed and version_in(typed.get(f"version-{ServiceLevels.section}")) != levels.version:
        raise StaleSettings(levels.version)


async def _page(
    services: Services,
    session: Session,
    *,
    refusal: DeskError | None = None,
    typed: dict[str, str] | None = None,
    place: str | None = None,
    is_saved: bool = False,
) -> Template:
    stored = await services.desk_settings.stored(Categories)
    levels = await services.desk_settings.stored(ServiceLevels)
    context = {
        "frame": await frame(services, session),
        "here": PAGE,
        "entries": stored.value.entries,
        "targets": {key: target_filled(target) for key, target in levels.value.by_category.items()},
        "version": stored.version,
        "versions": {ServiceLevels.section: levels.version},
        "changed": stored,
        "typed": typed or {},
        "place": place,  # the key whose form was refused, or + for the new one
        "error": told(refusal) if refusal else None,
        "is_saved": is_saved,
        "limits": {"title": MAX_TITLE, "description": MAX_DESCRIPTION},
        "other": OTHER,
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 400
    return Template("settings_categories.html", context=context, status_code=status)


# --- scripts ----------------------------------------------------------------------------------------------------------

Title = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE, pattern=NO_NUL)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION, pattern=NO_NUL)]


class CategoryOut(Struct):
    """A category; `key` is what tickets, filters and rules say, and never changes.

    Its targets are minutes of business time until the first answer and until the solution; where one is null, that of
    the priority counts.
    """

    key: str
    title: str
    description: str
    is_retired: bool
    answer_min: int | None
    solution_min: int | None

    @classmethod
    def of(cls, entry: CategoryEntry, levels: ServiceLevels) -> Self:
        target = levels.by_category.get(entry.key, Target())
        own = entry.key, entry.title, entry.description, entry.is_retired
        return cls(*own, target.answer_min, target.solution_min)


class CategoryList(Struct):
    """In the order in which they are offered. `version` rises with every change."""

    items: list[CategoryOut]
    version: int
    changed_by: str | None
    changed_at: datetime | None


class NewCategory(Struct, forbid_unknown_fields=True):
    """`key` is made of the title when it is left out."""

    title: Title
    description: Description = ""
    answer_min: Minutes | None = None
    solution_min: Minutes | None = None
    key: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] | UnsetType = UNSET


class CategoryChange(Struct, forbid_unknown_fields=True):
    """What is left out stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    is_retired: bool | UnsetType = UNSET
    answer_min: Minutes | UnsetType | None = UNSET
    solution_min: Minutes | UnsetType | None = UNSET


@get("/categories", guards=[may(Scope.READ)], responses=problems())
async def list_categories(services: ServicesNeed) -> CategoryList:
    """Every category of the desk, retired ones too: what a ticket's `category` may say."""
    stored: Stored[Categories] = await services.desk_settings.stored(Categories)
    levels = await services.desk_settings.read(ServiceLevels)
    items = [CategoryOut.of(entry, levels) for entry in stored.value.entries]
    return CategoryList(items, stored.version, stored.changed_by, stored.changed_at)


@get(REST + "/{key:str}", guards=[may(Scope.ADMIN)], responses=problems(404))
async def read_category(key: FromPath[str], services: ServicesNeed) -> CategoryOut:
    """One category."""
    entry = (await services.desk_settings.read(Categories)).entry(key)
    return CategoryOut.of(entry, await services.desk_settings.read(ServiceLevels))


@post(REST, guards=[may(Scope.ADMIN)], status_code=HTTP_201_CREATED, responses=problems(409))
async def create_category(services: ServicesNeed, actor: ActorNeed, data: JSONBody[NewCategory]) -> CategoryOut:
    """Add a category."""
    key = "" if data.key is UNSET else data.key
    added: list[CategoryEntry] = []

    def promise(levels: ServiceLevels, before: Categories, after: Categories) -> ServiceLevels:
        added[:] = [_new_in(before, after)]
        return levels.with_category(added[0].key, Target(data.answer_min, data.solution_min))

    await edited(services, actor, lambda now: now.added(data.title, data.description, key), promise=promise)
    return CategoryOut.of(added[0], await services.desk_settings.read(ServiceLevels))


@patch(REST + "/{key:str}", guards=[may(Scope.ADMIN)], responses=problems(404, 409))
async def patch_category(
    key: FromPath[str], services: ServicesNeed, actor: ActorNeed, data: JSONBody[CategoryChange]
) -> CategoryOut:
    """Rename, describe, retire or bring back a category, or change its targets."""

    def edit(now: Categories) -> Categories:
        entry = now.entry(key)
        title = entry.title if data.title is UNSET else data.title
        description = entry.description if data.description is UNSET else data.description
        changed = now.changed(key, title, description)
        return changed if data.is_retired is UNSET else changed.retired(key, data.is_retired)

    def promise(levels: ServiceLevels, _before: Categories, _after: Categories) -> ServiceLevels:
        known = levels.by_category.get(key, Target())
        answer_min = known.answer_min if data.answer_min is UNSET else data.answer_min
        solution_min = known.solution_min if data.solution_min is UNSET else data.solution_min
        return levels.with_category(key, Target(answer_min, solution_min))

    after = await edited(services, actor, edit, promise=promise)
    return CategoryOut.of(after.entry(key), await services.desk_settings.read(ServiceLevels))


def _new_in(before: Categories, after: Categories) -> CategoryEntry:
    known = {entry.key for entry in before.entries}
    return next(entry for entry in after.entries if entry.key not in known)


category_page_handlers: list[HTTPRouteHandler] = [categories_page, add_category, change_category]
category_handlers: Sequence[HTTPRouteHandler] = (list_categories, read_category, create_category, patch_category)
