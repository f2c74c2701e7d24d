"""A site for each test, over its own copy of a database that is migrated once."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from persistence.migrate import upgrade
from tests.web.site import Site, build_site
from tickets.people import Role, Scope


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables."""
    file = tmp_path_factory.mktemp("migrated") / "desk.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def idle_apps() -> list[Litestar]:
    """Applications whose site has gone."""
    return []


@pytest.fixture
async def fresh_site(migrated: Path, tmp_path: Path, idle_apps: list[Litestar]) -> AsyncIterator[Site]:
    """A desk that nobody has set up yet."""
    file = tmp_path / "desk.sqlite"
    shutil.copy(migrated, file)
    site = await build_site(f"sqlite:///{file}", idle_apps.pop() if idle_apps else None)
    yield site
    idle_apps.append(site.app)
    if site.services.reconciliation:
        await site.services.reconciliation.close()
    await site.database.close()


@pytest.fixture
async def site(fresh_site: Site) -> Site:
    """A desk with an administrator."""
    await fresh_site.operator(Role.ADMIN)
    return fresh_site


@pytest.fixture
async def script(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A script that may do everything but administer."""
    async with await site.script(*(set(Scope) - {Scope.ADMIN})) as client:
        yield client
