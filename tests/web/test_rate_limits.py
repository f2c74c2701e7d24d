"""How often one token may ask, and how it is told."""

from tests.web.asking import problem
from tests.web.site import Site
from tickets.people import Scope


async def test_every_answer_tells_what_is_left(site: Site) -> None:
    async with await site.with_settings(rate_limit=3).script(Scope.READ) as script:
        answer = await script.get("/tickets")

    assert answer.headers["ratelimit-policy"] == '"token";q=3;w=60'
    assert answer.headers["ratelimit"] == '"token";r=2;t=60'


async def test_too_many_requests_are_refused_until_the_minute_is_over(site: Site) -> None:
    limited = site.with_settings(rate_limit=2)
    async with await limited.script(Scope.READ) as script, await limited.script(Scope.READ) as other:
        await script.get("/tickets")
        await script.get("/tickets")
        site.clock.advance(20)

        refused = await script.get("/tickets")
        spared = await other.get("/tickets")
        site.clock.advance(40)
        later = await script.get("/tickets")

    told = problem(refused, 429)
    assert told["type"].endswith(":too-many-requests")
    assert refused.headers["retry-after"] == "40"
    assert refused.headers["ratelimit"] == '"token";r=0;t=40'
    assert (spared.status_code, later.status_code) == (200, 200)


async def test_a_desk_may_have_no_limit(site: Site) -> None:
    async with await site.with_settings(rate_limit=0).script(Scope.READ) as script:
        answer = await script.get("/tickets")

    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
