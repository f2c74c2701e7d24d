"""What a digest says: its week in sentences, and its figures as the reader's language writes numbers."""

from datetime import date
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from api.language import _, reader
from tickets.digest import Compared, Digest, Week
from tickets.reports import Cell, Unit

NOTHING: Final = "–"


def title(week: Week) -> str:
    """`Week 47 of 2026`."""
    return _("Week %(number)s of %(year)s", number=week.number, year=week.year)


def days(week: Week) -> str:
    """From its Monday to its Sunday."""
    return _("%(first)s to %(last)s", first=_day(week.monday), last=_day(week.sunday))


def shown(cell: Cell, unit: Unit, currency: str) -> str:
    """A figure for people."""
    locale = reader().locale
    if cell is None:
        return NOTHING
    if isinstance(cell, str):
        return cell
    match unit:
        case Unit.SHARE:
            return format_percent(cell, locale=locale)
        case Unit.HOURS | Unit.SECONDS:
            return format_decimal(cell, "#,##0.0", locale=locale)
        case Unit.MONEY:
            return format_currency(cell, currency, locale=locale)
        case _:
            return format_decimal(cell, locale=locale)


def change(figure: Compared) -> str:
    """`+12%`; of shares in points of per cent, as `+3 pts`."""
    if figure.change is None:
        return NOTHING
    rounded = round(figure.change * 100)
    if figure.unit is Unit.SHARE:
        return _("%(points)s pts", points=_signed(rounded))
    return format_percent(rounded / 100, "+#,##0%;-#,##0%", locale=reader().locale) if rounded else _("the same")


def sentences(digest: Digest) -> list[str]:
    """The week in words, one statement each."""
    return [
        *_volume(digest),
        *_promptness(digest),
        *_drafts(digest),
        _model(digest),
        _waiting(digest),
    ]


def _volume(digest: Digest) -> list[str]:
    mails, replies = digest.figure("mails_in"), digest.figure("replies_out")
    came, left = int(mails.now or 0), int(replies.now or 0)
    return [
        _counted(
            reader().catalog.ngettext(
                "%(num)s mail of customers came in.", "%(num)s mails of customers came in.", came
            ),
            came,
        ),
        _more_or_less(mails),
        _counted(reader().catalog.ngettext("%(num)s reply left.", "%(num)s replies left.", left), left),
        _("Tickets opened: %(opened)s, closed: %(closed)s, open at the end of the week: %(open)s.", **_named(digest)),
    ]


def _named(digest: Digest) -> dict[str, str]:
    return {name: _said(digest, name) for name in ("opened", "closed", "open")}


def _promptness(digest: Digest) -> list[str]:
    median = digest.figure("first_response_median")
    if median.now is None:
        return [_("No ticket got its first response.")]
    return [
        _(
            "Half of the first responses took %(median)s business hours at most, nine out of ten %(slow)s.",
            median=_said(digest, "first_response_median"),
            slow=_said(digest, "first_response_p90"),
        ),
        *_before(digest, "first_response_median"),
    ]


def _drafts(digest: Digest) -> list[str]:
    if digest.figure("acceptance").now is None:
        return [_("No draft of the agent was decided on.")]
    accepted = _said(digest, "acceptance")
    if digest.figure("unchanged").now is None:
        return [_("%(accepted)s of the agent's drafts were accepted.", accepted=accepted)]
    return [
        _(
            "%(accepted)s of the agent's drafts were accepted; of these, %(unchanged)s left without any change.",
            accepted=accepted,
            unchanged=_said(digest, "unchanged"),
        ),
        *_before(digest, "acceptance"),
    ]


def _model(digest: Digest) -> str:
    if not digest.is_model_recorded:
        return _("No call of a language model is on record.")
    calls, cost = int(digest.figure("model_calls").now or 0), _said(digest, "model_cost")
    said = reader().catalog.ngettext(
        "The language model was called %(num)s time and cost %(cost)s.",
        "The language model was called %(num)s times and cost %(cost)s.",
        calls,
    )
    return _counted(said, calls, cost=cost)


def _waiting(digest: Digest) -> str:
    if not digest.waiting:
        return _("Right now no customer waits for us.")
    said = reader().catalog.ngettext(
        "Right now %(num)s ticket waits for us.", "Right now %(num)s tickets wait for us.", digest.waiting
    )
    return _counted(said, digest.waiting)


def _counted(sentence: str, count: int, **named: str) -> str:
    """With the number as the reader's language writes it."""
    return sentence % ({"num": format_decimal(count, locale=reader().locale)} | named)


def _more_or_less(figure: Compared) -> str:
    if not figure.before:
        return _("The week before there were none.")
    rounded = round((figure.change or 0) * 100)
    share = format_percent(abs(rounded) / 100, locale=reader().locale)
    if rounded > 0:
        return _("That is %(share)s more than the week before.", share=share)
    if rounded < 0:
        return _("That is %(share)s less than the week before.", share=share)
    return _("That is as much as the week before.")


def _before(digest: Digest, name: str) -> list[str]:
    figure = digest.figure(name)
    if figure.before is None:
        return []
    return [_("The week before it was %(figure)s.", figure=shown(figure.before, figure.unit, digest.currency))]


def _said(digest: Digest, name: str) -> str:
    figure = digest.figure(name)
    return shown(figure.now, figure.unit, digest.currency)


def _signed(number: int) -> str:
    return format_decimal(number, "+#,##0;-#,##0", locale=reader().locale) if number else "0"


def _day(day: date) -> str:
    return format_date(day, _("d MMMM y"), locale=reader().locale)
