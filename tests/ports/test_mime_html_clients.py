"""How mail programs mark history and signature in HTML."""

import pytest

from adapters.mime_html import html_reply

ADA = "Ada &lt;ada@kunde.example&gt;"
WROTE = f"On Fri, 20 Nov 2026 at 10:00, {ADA} wrote:"
OUTLOOK_BLOCK = (
    "<b>{}</b> Ada &lt;ada@kunde.example&gt;<br><b>{}</b> 20 November 2026 10:00<br><b>{}</b> Us<br><b>{}</b> E07"
)

TOP_POSTED = {
    "gmail": '<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    f'class="gmail_attr">{WROTE}<br></div><blockquote class="gmail_quote" style="border-left:1px solid">Old'
    "</blockquote></div>",
    "gmail with signature": '<div>Yes.<div class="gmail_signature">Ada<br>Street 1</div></div>'
    f'<div class="gmail_quote">{WROTE}<blockquote class="gmail_quote">Old</blockquote></div>',
    "gmail of old": f'<div>Yes.</div><div class="gmail_extra"><div class="gmail_quote">{WROTE}<br>'
    '<blockquote class="gmail_quote">Old</blockquote></div></div>',
    "outlook web": '<div class="elementToProof">Yes.</div><div id="appendonsend"></div><hr style="width:98%">'
    f'<div id="divRplyFwdMsg">{OUTLOOK_BLOCK.format("From:", "Sent:", "To:", "Subject:")}</div><div>Old</div>',
    "outlook web, unknown words": '<div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Frá:</b>'
    " Ada<br><b>Dags:</b> 1</div><div>Old</div>",
    "outlook quoted by outlook": '<div>Yes.</div><div id="x_divRplyFwdMsg">From: Ada</div><div>Old</div>',
    "outlook desktop": "<div class=WordSection1><p class=MsoNormal>Yes.<o:p></o:p></p><div style='border:none;"
    "border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>"
    f"{OUTLOOK_BLOCK.format('Von:', 'Gesendet:', 'An:', 'Betreff:')}</p></div><p>Old</p></div>",
    "outlook desktop, unknown words": "<div><p>Yes.</p><div style='border:none;border-top:solid #B5C4DF 1.0pt'><p>"
    f"{OUTLOOK_BLOCK.format('Frá:', 'Sent þann:', 'Viðtakandi:', 'Efni:')}</p></div><p>Old</p></div>",
    "outlook mac": '<div><p>Yes.</p><div id="mail-editor-reference-message-container"><p>'
    f"{OUTLOOK_BLOCK.format('From:', 'Date:', 'To:', 'Subject:')}</p><p>Old</p></div></div>",
    "outlook mobile": '<div>Yes.</div><div id="ms-outlook-mobile-signature">Get <a href="x">Outlook for iOS</a></div>'
    f'<hr><div id="divRplyFwdMsg">{OUTLOOK_BLOCK.format("De :", "Envoyé :", "À :", "Objet :")}</div><p>Old</p>',
    "hotmail": '<div>Yes.<br><hr id="stopSpelling">Date: Fri, 20 Nov 2026<br>From: ada@kunde.example<br>Old</div>',
    "apple": f'<div>Yes.</div><div><br><blockquote type="cite"><div>{WROTE}</div><br><div>Old</div></blockquote></div>',
    "ios": f'<div dir="ltr">Yes.</div><div dir="ltr"><br>Sent from my iPhone</div><div dir="ltr"><br><blockquote '
    f'type="cite">{WROTE}<br><br></blockquote></div><blockquote type="cite"><div>Old</div></blockquote>',
    "thunderbird": f'<p>Yes.</p><div class="moz-cite-prefix">{WROTE}<br></div><blockquote type="cite" cite="mid:1">'
    '<p>Old</p></blockquote><div class="moz-signature">-- <br>Ada</div>',
    "yahoo": '<div>Yes.</div><div id="ydp7c1a11yahoo_quoted_7" class="ydp7c1a11yahoo_quoted"><div>'
    f"{WROTE}</div><div>Old</div></div>",
    "yahoo ios": f'<div>Yes.</div><blockquote class="iosymail">{WROTE}<div>Old</div></blockquote>',
    "proton": '<div>Yes.</div><div class="protonmail_signature_block"><div>Sent with Proton Mail.</div></div>'
    f'<div class="protonmail_quote">{WROTE}<br><blockquote class="protonmail_quote" type="cite">Old</blockquote></div>',
    "gmx": '<div>Yes.<div name="quote" style="border-left:2px solid #C3D9E5"><div><b>Gesendet:</b> Freitag<br>'
    "<b>Von:</b> Ada</div><div>Old</div></div></div>",
    "zoho": '<div>Yes.</div><div class="zmail_extra"><div>---- On Fri wrote ----</div><p>Old</p></div>',
    "zimbra": '<div>Yes.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Od: </b>Ada'
    '</div><div data-marker="__QUOTED_TEXT__">Old</div>',
    "tuta": f'<div>Yes.</div><div>{WROTE}</div><blockquote class="tutanota_quote">Old</blockquote>',
    "fastmail": f'<div>Yes.</div><div>{WROTE}</div><blockquote type="cite" id="qt">Old</blockquote>',
    "spark": f'<div name="messageBodySection">Yes.</div><div name="messageSignatureSection">Ada</div>'
    f'<div name="messageReplySection">{WROTE}<blockquote>Old</blockquote></div>',
    "superhuman": f'<div>Yes.</div><div class="gmail_signature">Ada</div><div class="gmail_quote">{WROTE}'
    '<blockquote class="gmail_quote sh-quoted-content">Old</blockquote></div>',
    "front": f'<div>Yes.</div><br><blockquote type="cite" class="front-blockquote">{WROTE}<div>Old</div></blockquote>',
    "airmail": f'<div>Yes.</div><p>{WROTE}</p><blockquote type="cite" class="clean_bq">Old</blockquote>',
    "mailspring": f'<div>Yes.</div><div class="gmail_quote nylas-quote">{WROTE}<blockquote>Old</blockquote></div>',
    "samsung": '<div>Yes.</div><div id="composer_signature">Sent from my Galaxy</div><div><br></div><div>-------- '
    "Original message --------</div><div>From: Ada</div><div>Old</div>",
    "yandex": "<div>Yes.</div><div>20.11.2026, 10:00, Ada (ada@kunde.example):</div><blockquote>Old</blockquote>",
    "mail.ru": f"<p>Да.</p><br>Пятница, 20 ноября 2026, 10:00 +03:00 от {ADA}:<br><blockquote style='border-left:1px "
    "solid'>Old</blockquote>",
    "qq": "<div>Yes.</div><div>----------- 原始邮件 -----------</div><div>发件人: Ada</div><div>Old</div>",
    "netease": '<div>Yes.</div><div id="isReplyContent"><div>On Friday Ada wrote:</div>Old</div>',
    "roundcube": f'<p>Yes.</p><p id="reply-intro">{WROTE}</p><blockquote type="cite">Old</blockquote>',
    "no marks at all": f"<p>Yes.</p><p>{WROTE}</p><p>Old</p>",
    "a help desk": "<p>Yes.</p><p>##- Please type your reply above this line -##</p><p>Old</p>",
}


@pytest.mark.parametrize("html", TOP_POSTED.values(), ids=TOP_POSTED.keys())
def test_only_the_answer_is_visible_and_the_rest_is_kept(html):
    reply = html_reply(f"<html><head></head><body>{html}</body></html>")

    assert reply.visible in ("Yes.", "Да.")
    assert "Old" in reply.quoted


def test_answers_between_gmail_quotes_stay():
    reply = html_reply(
        f'<div class="gmail_quote"><div class="gmail_attr">{WROTE}</div><blockquote class="gmail_quote">Which error?'
        '</blockquote><div>E07.</div><blockquote class="gmail_quote">Since when?</blockquote><div>Monday.</div></div>'
    )

    assert reply.visible.split() == ["E07.", "Monday."]


@pytest.mark.parametrize(
    "html",
    [
        f'<blockquote type="cite">{WROTE}<br>Which error?</blockquote><p>E07.</p>',
        f"<p>{WROTE}</p><blockquote style='border-left: 2px solid'>Which error?</blockquote><p>E07.</p>",
    ],
)
def test_an_answer_below_the_quote_is_visible(html):
    assert html_reply(html).visible == "E07."


FORWARDS = {
    "gmail": '<div>See below.</div><div class="gmail_quote"><div>---------- Forwarded message ---------'
    "<br>From: Roof<br></div>You owe us.</div>",
    "apple": '<div>See below.</div><blockquote type="cite"><p>Begin forwarded message:</p><p><b>From: </b>Roof</p>'
    "<div>You owe us.</div></blockquote>",
    "thunderbird": '<p>See below.</p><div class="moz-forward-container"><br>-------- Forwarded Message --------<table>'
    "<tr><th>From: </th><td>Roof</td></tr></table><p>You owe us.</p></div>",
    "yahoo": '<div>See below.</div><div class="yahoo_quoted"><p>----- Forwarded Message -----</p><p>From: Roof</p>'
    "<div>You owe us.</div></div>",
    "proton": '<div>See below.</div><div class="protonmail_quote">------- Forwarded Message -------<br>From: Roof<br>'
    '<blockquote class="protonmail_quote" type="cite">You owe us.</blockquote></div>',
}


@pytest.mark.parametrize("html", FORWARDS.values(), ids=FORWARDS.keys())
def test_what_a_forward_carries_is_visible(html):
    visible = html_reply(html).visible

    assert visible.startswith("See below.")
    assert "You owe us." in visible


@pytest.mark.parametrize("name", ["outlook web", "outlook desktop", "outlook mac", "gmx"])
def test_the_subject_tells_of_forwards_that_the_markup_does_not(name):
    assert "Old" in html_reply(TOP_POSTED[name], is_forwarded=True).visible


@pytest.mark.parametrize(
    "html",
    [
        "<p>Please call.</p><blockquote>A saying I like.</blockquote><p>Ada</p>",
        "<p>Please call.</p><hr><p>Roof: fine.</p>",
        '<p>Please call.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Roof</b> fine</p></div>',
        "<table><tr><td>From:</td><td>roof</td></tr><tr><td>To:</td><td>inverter</td></tr></table><p>Please call.</p>",
    ],
)
def test_a_customers_own_markup_stays(html):
    reply = html_reply(html)

    assert reply.visible == reply.whole.strip()


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "Hello",
        '<blockquote type="cite">' * 140 + "Hello",
        "<p>Hello</p><blockquote type=cite>b</blockquote>" * 10_000,
        '<div class="gmail_quote">x</div>' * 20_000 + "Hello",
    ],
    ids=["depth", "nested quotes", "many quotes", "many marks"],
)
def test_hostile_markup_is_read_to_its_end(html):
    assert "Hello" in html_reply(html).whole
