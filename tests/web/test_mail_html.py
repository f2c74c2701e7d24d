"""A mail's HTML on the ticket page: readable, and unable to do anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.mail_html import cleaned, data_url, document, document_headers, has_remote_images, public_image


def shown(html, blobs=None, show_remote=False):
    return cleaned(html, blobs=blobs or {}, show_remote=show_remote)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>Hi", "Hi"),
        ('<p onclick="x()">Hi</p>', "<p>Hi</p>"),
        ('<form action="https://evil.example"><input name=q>Hi</form>', "Hi"),
        ("<iframe src=https://evil.example>x</iframe>Hi", "Hi"),
        ("<style>@import url(https://evil.example)</style>Hi", "Hi"),
        ('<meta http-equiv="refresh" content="0;url=https://evil.example">Hi', "Hi"),
        ('<base href="https://evil.example">Hi', "Hi"),
        ('<link rel=stylesheet href="https://evil.example">Hi', "Hi"),
        ("<svg><script>1</script></svg>Hi", "Hi"),
        ('<img src="x" onerror="alert(1)">', "<img>"),
        ('<table background="https://evil.example/x.png"><tr><td>Hi</td></tr></table>', None),
        ("<!-- secret -->Hi", "Hi"),
    ],
)
def test_what_could_act_is_gone(html, left):
    found = shown(html, show_remote=True)

    assert "evil.example" not in found
    assert left is None or found == left


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "/boards/logout", "//x"]
)
def test_links_lead_only_to_other_sites_mail_and_phone(href):
    assert "href" not in shown(f'<a href="{href}">here</a>')


def test_links_open_apart_and_tell_nobody_where_from():
    found = shown('<a href="https://roof.example/?a=1&amp;b=2" target="_top">here</a>')

    assert 'href="https://roof.example/?a=1&amp;b=2"' in found
    assert 'target="_blank"' in found
    assert 'rel="noopener noreferrer nofollow"' in found


def test_remote_images_load_only_when_asked_for():
    html = '<img src="https://track.example/1.png" alt="roof">'

    assert shown(html) == '<img alt="roof">'
    assert shown(html, show_remote=True) == '<img src="https://track.example/1.png" alt="roof">'
    assert has_remote_images(html)
    assert not has_remote_images('<img src="cid:roof"><a href="https://x.example">x</a>')


def test_inline_images_come_from_the_mail_itself():
    blobs = {"<Roof@1>": "data:image/png;base64,QUJD"}

    assert shown('<img src="cid:roof%401">', blobs) == '<img src="data:image/png;base64,QUJD">'
    assert shown('<img src="cid:other">', blobs) == "<img>"


@pytest.mark.parametrize(
    "src", ["data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA", "file:///etc/passwd", "/boards/x"]
)
def test_other_image_sources_are_dropped(src):
    assert shown(f'<img src="{src}">', show_remote=True) == "<img>"


def test_styles_keep_their_looks_and_lose_what_loads_or_covers():
    assert shown('<p style="color: red; position: fixed; z-index: 9">x</p>') == '<p style="color:red">x</p>'
    assert "evil" not in shown('<p style="color:red;background:url(https://evil.example)">x</p>')


@pytest.mark.parametrize("html", ["<div>" * 100_000, "<b>" * 60_000, "x" * 2_000_000], ids=["deep", "many", "long"])
def test_hostile_markup_is_shown_as_escaped_text(html):
    found = shown(f"<script>{html}")

    assert found.startswith("<pre>&lt;script&gt;")
    assert "<script" not in found


def test_the_document_lets_nothing_load_but_embedded_images():
    policy = document_headers(show_remote=False)["Content-Security-Policy"]

    assert "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:;" in policy
    assert not {"script-src", "allow-scripts", "allow-same-origin"} & set(policy.replace(";", " ").split())
    assert document("<p>Hi</p>").endswith("<body><p>Hi</p></body></html>")


def test_the_document_lets_remote_images_load_when_asked_for():
    assert "img-src data: https:;" in document_headers(show_remote=True)["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("address", "loaded"),
    [
        ("https://cdn.example.com/a.png?b=1", "https://cdn.example.com/a.png?b=1"),
        ("http://cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("HTTPS://CDN.Example.com./a", "https://cdn.example.com/a"),
    ],
)
def test_a_public_image_is_asked_for_over_https(address, loaded):
    assert public_image(address) == loaded


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a",
        "http://2130706433/a",
        "http://0x7f.1/a",
        "http://[::1]/a",
        "http://router/a",
        "http://nas.local/a",
        "http://wiki.corp/a",
        "https://user:secret@cdn.example.com/a",
        "https://cdn.example.com:8443/a",
        "ftp://cdn.example.com/a",
        "//cdn.example.com/a",
        "http://10.0.0.1./a",
        "http://[/a",
    ],
)
def test_an_image_inside_the_operators_own_network_is_never_asked_for(address):
    assert public_image(address) is None


def test_only_small_raster_images_are_embedded():
    assert data_url("image/png", b"ABC") == "data:image/png;base64,QUJD"
    assert data_url("image/svg+xml", b"<svg/>") is None
    assert data_url("image/png", b"x" * 3_000_000) is None


PIECES = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=", "javascript:", "<a href='", "'>", "<svg>", "<math>", "<style>", "<!--"),
        *(
            "-->",
            "onerror=x ",
            "<p>",
            "<table>",
            "<template>",
            "<noscript>",
            "]]>",
            "&lt;",
            '"',
            "<textarea>",
            "<title>",
        ),
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_nothing_acts_whatever_the_markup(html):
    found = shown(html).lower()

    assert not any(f"<{tag}" in found for tag in ("script", "style", "svg", "math", "template", "textarea", "!--"))
    assert 'href="javascript:' not in found
    assert "<img src" not in found
