"""Each test of the contract runs on every Gmail; where `emulate` is known to differ it has to differ."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.gmail_contract.differences import EMULATE_DIFFERS
from tests.gmail_contract.openers import EMULATE, OPENED, TARGETS
from tests.gmail_contract.targets import Target

HERE = Path(__file__).parent


@pytest.fixture(scope="package", params=TARGETS)
def opened(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The running Gmail."""
    with OPENED[request.param]() as target:
        yield target


@pytest.fixture
def gmail(opened: Target) -> Iterator[Target]:
    """An account, and a run of its own."""
    target = opened.for_a_run()
    with ExitStack() as after:
        after.callback(target.clean)
        yield target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A known difference that is none any more fails, so that the table stays true."""
    for item in items:
        if not item.path.is_relative_to(HERE) or not isinstance(item, pytest.Function):
            continue
        callspec = getattr(item, "callspec", None)
        reason = EMULATE_DIFFERS.get(item.originalname)
        if reason and callspec and callspec.params.get("opened") == EMULATE:
            item.add_marker(pytest.mark.xfail(strict=True, reason=reason))
