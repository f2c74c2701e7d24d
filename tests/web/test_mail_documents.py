"""The document of a mail's HTML: bounded in work and size, and every file either seen in it or listed beside it."""

from email.message import EmailMessage

import pytest

from api import mail_html
from tests.web.arriving import a_plain_mail, arrives, shown
from tests.web.browsing import page_of
from tests.web.site import Site
from tickets.markup import is_moderate
from tickets.ticket import Ticket

PNG = b"\x89PNG\r\n\x1a\n"

HOSTILE = {
    "closings of nothing": "".join(f"<b title={i}></z>" for i in range(24_900)) + "x",
    "closings within quotes": "".join(f'<b title="</b>{i}">' for i in range(2_000)),
    "closings within comments": "<b><!-- </b> -->" * 2_000,
    "closings within a short comment's rest": "<b><!--></b -->" + "<!--><b><b>-->" * 2_000,
    "closings within styles": "<b><style></b></style>" * 2_000,
    "elements within a drawing's styles": "<svg><style>" + "<b>" * 2_000,
    "closings within character data": "<svg>" + "<g><![CDATA[></g>]]>" * 2_000,
    "closings beyond an object": "".join("<div>" * n + "<object>" + "</div>" * n for n in range(140, 0, -1)),
    "closings beyond a paragraph": "".join(
        "<span>" * n + "<p>" + "</span>" * n + "<object>" for n in range(140, 0, -1)
    ),
    "attributes of one tag": "<b " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
    "formatting in every paragraph": "".join(f"<b title={i}>" for i in range(140)) + "<p>x" * 5_000,
    "many tags in the depth": "<div>" * 140 + "<i></i>" * 10_000,
    "links in links": "<a href=x>" * 1_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_markup_that_makes_a_parser_toil_is_not_moderate(html: str) -> None:
    assert not is_moderate(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>One<p>Two<br>" * 5_000,
        "<table>" + "<tr><td><b>Roof</b></td><td>5 kW</td></tr>" * 2_000 + "</table>",
        "<div><font><p>Hi</p></font></div>" * 2_000,
        "<b><i>misnested</b></i>" * 50,
        '<!--[if mso]><table><tr><td><![endif]--><div title="a > b">x</div><!--[if mso]></td></tr></table><![endif]-->'
        * 500,
        '<img src="data:image/png;base64,' + "QUJD" * 100_000 + '">',
        "<style>p > a { color: red }</style><p>Hi</p>",
        "a < b and b > c " * 1_000,
    ],
    ids=["paragraphs", "table", "divisions", "misnested", "conditional", "embedded", "style", "no tags"],
)
def test_what_mail_programs_write_is_moderate(html: str) -> None:
    assert is_moderate(html)


def a_letter(html: str, *pictures: tuple[str, str, bytes]) -> EmailMessage:
    """HTML with inline parts: the Content-ID, the subtype and the bytes of each."""
    mail = a_plain_mail("Roof")
    mail.add_alternative(html, subtype="html")
    part = mail.get_payload()[1]  # type: ignore[index]
    assert isinstance(part, EmailMessage)
    for content_id, subtype, contents in pictures:
        name = f"{content_id}.{subtype}"
        part.add_related(contents, "image", subtype, cid=f"<{content_id}>", filename=name, disposition="inline")
    return mail


async def document_of(site: Site, ticket: Ticket) -> str:
    (message,) = (await site.services.store.conversation(ticket.id)).messages
    async with await site.browser() as browser:
        answer = await browser.get(page_of(ticket, f"mails/{message.id}/document"))
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_document_does_not_grow_with_each_use_of_a_picture(site: Site) -> None:
    mail = a_letter('<img src="cid:roof">' * 60, ("roof", "png", PNG + bytes(2_000_000)))
    ticket = await arrives(site, mail)

    found = await document_of(site, ticket)

    assert 1 <= found.count("data:image/png") < 60
    assert found.count("<img") == 60
    assert len(found) < mail_html.MAX_EMBEDDED_CHARACTERS + 10_000


async def test_small_pictures_are_shown_wherever_they_are_used(site: Site) -> None:
    ticket = await arrives(site, a_letter('<img src="cid:dot">' * 60, ("dot", "png", PNG)))

    assert (await document_of(site, ticket)).count("data:image/png") == 60


async def test_repeats_take_no_room_from_pictures_that_are_still_to_come(site: Site) -> None:
    html = '<img src="cid:roof">' * 60 + '<img src="cid:wall">'
    pictures = (("roof", "png", PNG + bytes(2_000_000)), ("wall", "gif", b"GIF89a" + bytes(2_000_000)))
    ticket = await arrives(site, a_letter(html, *pictures))

    assert (await document_of(site, ticket)).count("data:image/gif") == 1


async def test_pictures_of_the_text_that_cannot_be_shown_are_listed(site: Site) -> None:
    html = "".join(f'<img src="cid:{name}">' for name in ("seen", "huge", "phone", "drawing"))
    pictures = (
        ("seen", "png", PNG),
        ("huge", "png", PNG + bytes(mail_html.MAX_DATA_URL_BYTES)),
        ("phone", "heic", b"heic"),
        ("drawing", "svg+xml", b"<svg/>"),
        ("unnamed", "png", PNG + b"1"),
    )
    ticket = await arrives(site, a_letter(html, *pictures))

    page = await shown(site, ticket.id)

    assert "seen.png" not in page
    assert all(name in page for name in ("huge.png", "phone.heic", "drawing.svg+xml", "unnamed.png"))
    assert (await document_of(site, ticket)).count("data:image") == 1


async def test_pictures_beyond_the_room_of_a_document_are_listed(site: Site) -> None:
    names = [f"roof{n}" for n in range(5)]
    html = "".join(f'<img src="cid:{name}">' for name in names)
    pictures = [(name, "png", PNG + name.encode() + bytes(2_000_000)) for name in names]
    ticket = await arrives(site, a_letter(html, *pictures))

    page = await shown(site, ticket.id)

    assert [name for name in names if f"{name}.png" in page] == ["roof3", "roof4"]
    assert (await document_of(site, ticket)).count("data:image") == 3


async def test_no_picture_is_hidden_when_the_html_is_shown_as_text(site: Site) -> None:
    html = '<img src="cid:roof">' + "<div>" * 1_000
    ticket = await arrives(site, a_letter(html, ("roof", "png", PNG)))

    page = await shown(site, ticket.id)

    assert "roof.png" in page
    assert "&lt;div&gt;" in await document_of(site, ticket)
