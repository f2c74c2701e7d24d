"""The settings: one list of sections, which the side list and the first page show. Each has handlers of its own.

To add a section, add a line here and let its page extend `settings_base.html`.
"""

from dataclasses import dataclass
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from api.auth import may
from api.frame import frame
from api.needs import ServicesNeed, SessionNeed
from tickets.people import Scope
from tickets.wording import N_

PATH: Final = "/boards/settings"


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the settings: its title, its address, and what it is for."""

    title: str
    path: str
    about: str


SECTIONS: Final = (
    Section(N_("Mailboxes"), "/boards/mailboxes", N_("Connect, reconnect and sign; what came in, day by day.")),
    Section(N_("Two people"), "/boards/settings/two-people", N_("Which replies need a second approval.")),
    Section(N_("Categories"), "/boards/settings/categories", N_("What mail is sorted into, and what belongs where.")),
    Section(N_("Knowledge"), "/boards/settings/knowledge", N_("Articles that drafts rest on, and ready texts.")),
    Section(N_("Model and budget"), "/boards/settings/model", N_("What language models cost, and what they may cost.")),
    Section(N_("Routing rules"), "/boards/settings/rules", N_("What becomes of mail with known senders or words.")),
    Section(
        N_("Hours and targets"), "/boards/settings/hours", N_("When somebody is there, and what customers may expect.")
    ),
    Section(N_("Retention"), "/boards/settings/retention", N_("How long tickets, files and names are kept.")),
    Section(N_("Operators"), "/boards/settings/operators", N_("Who works here, what each may do, who is logged in.")),
    Section(N_("API tokens"), "/boards/settings/tokens", N_("What scripts use to reach the desk over REST.")),
    Section(
        N_("Notifications"),
        "/boards/settings/notifications",
        N_("Who is told when a customer has waited too long."),
    ),
    Section(N_("Webhooks"), "/boards/settings/webhooks", N_("Which other systems hear of what happens here.")),
)


@get(PATH, guards=[may(Scope.ADMIN)])
async def settings_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """All sections, each with what it is for."""
    return Template("settings.html", context={"frame": await frame(services, session), "here": PATH})


settings_page_handlers: list[HTTPRouteHandler] = [settings_page]
