"""The keys that the help sheet lists are the keys that the script binds."""

import re

import pytest

from api.keyboard import SHORTCUTS, Shortcut
from tests.repository import ROOT
from tests.web.site import Site
from tickets.people import Role

LISTED = [shortcut for group in SHORTCUTS for shortcut in group.shortcuts]
SCRIPT = (ROOT / "templates" / "static" / "keyboard.js").read_text()


@pytest.mark.parametrize("shortcut", [one for one in LISTED if one.act], ids=lambda one: one.act)
def test_the_script_knows_what_every_key_of_the_list_does(shortcut: Shortcut) -> None:
    acts = re.search(r"const ACTS = \{(.*?)\n  \};", SCRIPT, re.DOTALL)

    assert acts
    assert re.search(rf"^    {shortcut.act}: ", acts[1], re.MULTILINE)


async def test_every_place_that_two_keys_lead_to_is_marked_in_the_rail(site: Site) -> None:
    keys = [one.keys.removeprefix("g ") for one in LISTED if one.keys.startswith("g ")]

    async with await site.browser(Role.ADMIN) as browser:
        page = (await browser.get("/boards/new")).text

    assert [key for key in keys if f'data-go="{key}"' not in page] == []


async def test_the_help_sheet_shows_every_key(site: Site) -> None:
    async with await site.browser() as browser:
        page = (await browser.get("/boards/new")).text

    assert re.findall(r'data-keys="([^"]+)"', page) == [one.keys for one in LISTED]
