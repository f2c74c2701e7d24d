"""No page escapes the tests that look at every page."""

from tests.pages import NO_PAGES, PAGES
from tests.web.routes import declared_routes
from tests.web.site import Site


def test_every_address_that_answers_a_browser_is_in_the_table_of_pages(site: Site) -> None:
    asked = {route.path for route in declared_routes(site.app) if route.method == "GET" and not route.is_rest}

    known = {page.route for page in PAGES} | set().union(*NO_PAGES.values())

    assert asked - known == set(), "put it into tests/pages.py"
    assert known - asked == {"/boards/nowhere"}
