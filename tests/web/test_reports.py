"""The reports as a page, as files and over REST."""

import csv
import io

import pytest

from api.spreadsheets import csv_file
from persistence.report_counting import ReportCounting
from tests.web.site import Site
from tickets.people import Role, Scope
from tickets.report_tables import NAMES


async def page_of(site: Site, **query: str) -> str:
    async with await site.browser() as visitor:
        answer = await visitor.get("/boards/reports", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


async def a_counted_ticket(site: Site) -> None:
    await site.ticket()
    await ReportCounting(site.database).catch_up()


async def test_every_report_is_shown_with_its_table_and_how_it_is_counted(site):
    await a_counted_ticket(site)

    page = await page_of(site)

    for name in NAMES:
        assert f'id="report-{name}"' in page
    assert page.count("How is this counted?") == len(NAMES)
    assert '<svg class="chart"' in page
    assert "<style" not in page
    assert ' style="' not in page


async def test_the_page_of_an_empty_desk_says_what_to_do(site):
    page = await page_of(site)

    assert "Nothing to count in this time" in page
    assert "no call of a language model is on record yet" in page


async def test_events_that_are_not_counted_yet_are_told(site):
    await site.ticket()

    page = await page_of(site)

    assert "not counted yet" in page


async def test_filters_stay_in_the_form_and_in_the_address_of_the_files(site):
    page = await page_of(site, **{"from": "2026-01-05", "to": "2026-02-01", "category": "billing"})

    assert 'value="2026-01-05"' in page
    assert '<option value="billing" selected>' in page
    assert "/boards/reports/volume/csv?from=2026-01-05&amp;to=2026-02-01&amp;category=billing" in page


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [("2026-03-02", "2026-03-01", "ends before it begins"), ("nonsense", "", "no day of the calendar")],
)
async def test_a_time_that_is_none_is_refused_and_what_was_typed_stays(site, first, last, says):
    page = await page_of(site, **{"from": first, "to": last})

    assert says in page
    assert f'value="{first}"' in page


async def test_a_file_holds_the_table(site):
    await a_counted_ticket(site)
    async with await site.browser(Role.VIEWER) as visitor:
        answer = await visitor.get("/boards/reports/mailboxes/csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="mailboxes-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0] == "Mailbox"
    assert rows[1][:3] == ["support@helios.example", "1", "1"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_of_a_file_acts(cell):
    file = csv_file(["a", "b"], [[cell, -5], [None, 'with "quotes", commas']])

    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert rows == [["a", "b"], [f"'{cell}", "-5"], ["", 'with "quotes", commas']]
    assert file.count(b"\r\n") == 3


async def test_a_script_gets_the_same_table(site):
    await a_counted_ticket(site)
    async with await site.script(Scope.READ) as script:
        names = (await script.get("/reports")).json()
        found = (await script.get("/reports/categories", params={"first_day": "2020-01-06"})).json()

    assert names["names"] == list(NAMES)
    assert [column["name"] for column in found["columns"]][:3] == ["category", "mails_in", "opened"]
    assert len(found["rows"]) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/nothing", 404),
        ("/reports/volume?first_day=x", 400),
        ("/reports/volume?first_day=2026-03-02&last_day=2026-03-01", 400),
        ("/reports/volume?first_day=1900-01-01", 400),
        ("/reports/volume?mailbox=%00", 400),
    ],
)
async def test_a_script_with_an_unusable_request_is_told_so(site, path, status):
    async with await site.script(Scope.READ) as script:
        answer = await script.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
