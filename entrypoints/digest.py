"""The weekly digest for the command line: brought up to date, in one language, as the draft of a mail."""

from collections.abc import Sequence

from api.digest_mail import draft_of
from api.language import Languages, read_by
from api.pages import templates_folder
from entrypoints.wiring import Parts
from persistence.report_counting import ReportCounting
from tickets.digest import DigestMaking, Week
from tickets.errors import BadInput


async def draft_for(parts: Parts, week: str | None, *, sender: str | None, to: Sequence[str], language: str) -> bytes:
    """Raises BadInput for what is no week, language or address, and when nobody is there to send it."""
    wanted, languages = Week.read(week) if week else None, Languages.read(templates_folder() / "locale")
    if language not in languages.catalogs:
        raise BadInput(f"The desk does not speak '{language}'. Choose one of: {', '.join(sorted(languages.catalogs))}.")
    await ReportCounting(parts.database).catch_up()
    services, settings = parts.services, parts.services.settings
    now = services.clock.now()
    made = await DigestMaking(services.figures, services.boards, services.desk_settings).made(wanted, now)
    boxes = await services.boards.mailboxes()
    sender = sender or (boxes[0].address if boxes else None)
    if sender is None:
        raise BadInput("No mailbox is connected whose address the mail could bear. Say one with --from.")
    read_by(languages.reader(language, made.zone))
    return draft_of(made, sender=sender, to=to, desk_name=settings.desk_name, site=settings.base_url, at=now)
