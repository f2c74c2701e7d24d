"""Pages of the settings that are one form over some sections: shown, checked, compared and saved in one way.

What is typed is never lost: a refused form comes back as it was, with the reason; one that somebody else has overtaken
comes back with what is stored now beside it, and saving it again is a decision.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.section_forms import FOLLOW_UP, HOURS, LEVELS, MAX_FIELDS, Form, Typed
from api.services import Services
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.desk_settings import Change, Stored
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Actor, Scope
from tickets.wording import N_

WebRequest = Request[Any, Any, Any]
More = Callable[[Services], Awaitable[Mapping[str, Any]]]
WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
PRIORITIES: Final = {"urgent": N_("Urgent"), "high": N_("High"), "normal": N_("Normal"), "low": N_("Low")}


@dataclass(frozen=True, slots=True)
class SectionPage:
    """A page at `path` that shows `template` with the fields of some sections; `more` is what else it shows."""

    path: str
    template: str
    forms: tuple[Form, ...]
    more: More

    async def show(self, services: Services, session: Session, *, is_saved: FromQuery[bool] = False) -> Template:
        """As it is stored."""
        stored = await self._stored(services)
        return await self._page(services, session, stored, self._filled(stored), is_saved=is_saved)

    async def save(
        self, request: WebRequest, services: Services, session: Session, actor: Actor
    ) -> Template | Redirect:
        """All sections of the page, or none."""
        typed = await typed_in(request)
        try:
            changes = [Change(form.read(typed), _version(typed, form)) for form in self.forms]
            await services.desk_settings.write(*changes, by=actor, now=services.clock.now())
        except (BadInput, Conflict) as refusal:
            return await self._page(services, session, await self._stored(services), typed, refusal)
        return see_other(request, self.path, saved="1")

    async def found(self, services: Services, session: Session, typed: Typed, found: Mapping[str, Any]) -> Template:
        """As it was typed, nothing saved, with what was found out about it."""
        return await self._page(services, session, await self._stored(services), typed, found=found)

    async def refused(self, services: Services, session: Session, typed: Typed, refusal: DeskError) -> Template:
        """As it was typed, with the reason."""
        return await self._page(services, session, await self._stored(services), typed, refusal)

    async def _page(
        self,
        services: Services,
        session: Session,
        stored: list[Stored[Any]],
        typed: Typed,
        refusal: DeskError | None = None,
        *,
        is_saved: bool = False,
        found: Mapping[str, Any] | None = None,
    ) -> Template:
        is_overtaken = isinstance(refusal, Conflict)
        filled = self._filled(stored)
        newest = max(stored, key=lambda each: each.version)
        context = {
            "frame": await frame(services, session),
            "here": self.path,
            "typed": dict(typed),
            "beside": {
                name: filled.get(name, "") for name in {*typed, *filled} if typed.get(name, "") != filled.get(name, "")
            }
            if is_overtaken
            else {},
            "versions": {form.section.section: each.version for form, each in zip(self.forms, stored, strict=True)},
            "changed": newest,
            "error": told(refusal) if refusal else None,
            "is_saved": is_saved,
            **await self.more(services),
            **(found or {}),
        }
        status = 200 if refusal is None else 409 if is_overtaken else 400
        return Template(self.template, context=context, status_code=status)

    async def _stored(self, services: Services) -> list[Stored[Any]]:
        return [await services.desk_settings.stored(form.section) for form in self.forms]

    def _filled(self, stored: list[Stored[Any]]) -> dict[str, str]:
        return {
            name: value
            for form, each in zip(self.forms, stored, strict=True)
            for name, value in form.fill(each.value).items()
        }


async def typed_in(request: WebRequest) -> dict[str, str]:
    """The fields of a form, as text."""
    form = await request.form()
    if len(form) > MAX_FIELDS:
        raise BadInput("The form has more fields than any page of the desk. Reload the page and try again.")
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items() if name != "_csrf"}


def _version(typed: Typed, form: Form) -> int:
    return version_in(typed.get(f"version-{form.section.section}"))


async def _hours_more(services: Services) -> Mapping[str, Any]:
    return {
        "zones": sorted(available_timezones()),
        "weekdays": WEEKDAYS,
        "priorities": PRIORITIES,
        "categories": (await services.desk_settings.read(Categories)).active,
    }


HOURS_PAGE: Final = SectionPage(
    "/boards/settings/hours", "settings_hours.html", (HOURS, LEVELS, FOLLOW_UP), _hours_more
)


@get(HOURS_PAGE.path, guards=[may(Scope.ADMIN)])
async def hours_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """Business hours, targets, and when silent tickets come back."""
    return await HOURS_PAGE.show(services, session, is_saved=saved)


@post(HOURS_PAGE.path, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def save_hours(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    return await HOURS_PAGE.save(request, services, session, actor)


section_page_handlers: list[HTTPRouteHandler] = [hours_page, save_hours]
