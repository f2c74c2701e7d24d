"""A digest as the draft of a mail: text and HTML, for whoever downloads it to look through, address and send."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

from api import filters
from api.digest_words import change, days, sentences, shown, title
from api.language import _, reader
from tickets.digest import Digest
from tickets.errors import BadInput

Row = Sequence[str]

_FONT: Final = "font-family: system-ui, sans-serif; font-size: 15px; line-height: 1.5; color: #1c2521"
_TABLE: Final = "border-collapse: collapse; margin: 8px 0 20px; font-size: 14px"
_CELL: Final = "padding: 6px 16px 6px 0; border-bottom: 1px solid #d5dcd8; text-align: left"
_NUMBER: Final = "padding: 6px 0 6px 16px; border-bottom: 1px solid #d5dcd8; text-align: right"


def draft_of(digest: Digest, *, sender: str, to: Sequence[str] = (), desk_name: str, site: str, at: datetime) -> bytes:
    """An RFC 5322 message. `X-Unsent` has mail programs open it as a draft. Raises BadInput for a bad address."""
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["Date"] = format_datetime(at)
    message["From"] = _address(sender)
    if to:
        message["To"] = [_address(each) for each in to]
    message["Subject"] = " ".join(subject(digest, desk_name).split())
    message.set_content(text_of(digest, site))
    message.add_alternative(html_of(digest, site), subtype="html")
    message["Content-Language"] = reader().language  # last: what begins with Content- moves into the first part
    return message.as_bytes()


def subject(digest: Digest, desk_name: str) -> str:
    named = {"desk": desk_name or "Communication Agent", "week": title(digest.week)}
    return _("%(desk)s: %(week)s", **named)


def text_of(digest: Digest, site: str) -> str:
    parts = [
        f"{title(digest.week)}, {days(digest.week)}",
        *([_unfinished()] if not digest.is_over else []),
        "\n".join(sentences(digest)),
        _text_table(_figure_rows(digest)),
        _text_table(_backlog_rows(digest)),
        _text_longest(digest, site),
        _note(digest, site),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def html_of(digest: Digest, site: str) -> str:
    """Plain enough for every mail program: nothing is loaded, and nothing needs a style sheet."""
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences(digest))
    unfinished = f"<p>{escape(_unfinished())}</p>" if not digest.is_over else ""
    return (
        f'<!doctype html><html lang="{reader().language}"><head><meta charset="utf-8">'
        f'<title>{escape(title(digest.week))}</title></head><body style="{_FONT}">'
        f"<h1>{escape(title(digest.week))}</h1><p>{escape(days(digest.week))}</p>{unfinished}<ul>{said}</ul>"
        f"{_html_table(_figure_rows(digest))}{_html_table(_backlog_rows(digest))}{_html_longest(digest, site)}"
        f"<p>{escape(_note(digest, site))}</p></body></html>\n"
    )


def _figure_rows(digest: Digest) -> list[Row]:
    head = (_("Figure"), _("This week"), _("Week before"), _("Change"))
    return [head, *(_figure_row(digest, place) for place in range(len(digest.figures)))]


def _figure_row(digest: Digest, place: int) -> Row:
    figure = digest.figures[place]
    told = (shown(cell, figure.unit, digest.currency) for cell in (figure.now, figure.before))
    return (_(figure.title), *told, change(figure))


def _backlog_rows(digest: Digest) -> list[Row]:
    head = (_("Waiting for"), _("Tickets"))
    return [head, *((_(str(age)), filters.grouped(int(count or 0))) for age, count in digest.backlog.rows)]


def _text_table(rows: Sequence[Row]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [_text_line(row, widths) for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _text_line(row: Row, widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def _html_table(rows: Sequence[Row]) -> str:
    head, *body = rows
    lines = [_html_line("th", head), *(_html_line("td", row) for row in body)]
    return f'<table style="{_TABLE}">{"".join(lines)}</table>'


def _html_line(kind: str, row: Row) -> str:
    first, *others = (escape(cell) for cell in row)
    numbers = "".join(f'<{kind} style="{_NUMBER}">{cell}</{kind}>' for cell in others)
    return f'<tr><th scope="row" style="{_CELL}">{first}</th>{numbers}</tr>'


def _longest(digest: Digest, site: str) -> Iterable[tuple[str, str, str]]:
    """Each with its number and subject, since when it waits, and where it is."""
    for line in digest.longest:
        named = f"#{line.number} {line.subject or _('(no subject)')}"
        since = _("waits since %(moment)s", moment=filters.when(line.waiting_since))
        yield named, since, f"{site}/boards/tickets/{line.id}"


def _text_longest(digest: Digest, site: str) -> str:
    found = [f"{named}\n  {since}\n  {where}" for named, since, where in _longest(digest, site)]
    return "\n".join([_("What waits longest"), *found]) if found else ""


def _html_longest(digest: Digest, site: str) -> str:
    found = [
        f'<li><a href="{escape(where)}">{escape(named)}</a><br>{escape(since)}</li>'
        for named, since, where in _longest(digest, site)
    ]
    return f"<h2>{escape(_('What waits longest'))}</h2><ol>{''.join(found)}</ol>" if found else ""


def _note(digest: Digest, site: str) -> str:
    return _(
        "Reckoned on %(moment)s; days are those of %(zone)s. How each figure is counted: %(address)s",
        moment=filters.when(digest.made_at),
        zone=digest.zone,
        address=f"{site}/boards/reports",
    )


def _unfinished() -> str:
    return _("This week is not over: its figures count up to now.")


def _address(typed: str) -> Address:
    try:
        return Address(addr_spec=typed)
    except (ValueError, IndexError) as error:
        raise BadInput("That is no mail address. Write it like ada@example.org.") from error
