"""The suite itself: what it leaves out says so, and the known differences are told where people look for them."""

import ast
from pathlib import Path

import pytest

from tests.gmail_contract.differences import EMULATE_DIFFERS
from tests.gmail_contract.openers import IS_LIVE, the_double
from tests.gmail_contract.targets import Target

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "gmail-double.md"


def test_a_live_mailbox_is_held_to_the_contract_too() -> None:
    if not IS_LIVE:
        pytest.skip("no live mailbox: CA_GMAIL_LIVE=1 is not set (docs/gmail-live.md)")


def test_every_known_difference_is_shown_by_a_test() -> None:
    modules = [ast.parse(file.read_text("utf-8")) for file in HERE.glob("test_*.py")]
    functions = ast.FunctionDef, ast.AsyncFunctionDef
    names = {node.name for module in modules for node in module.body if isinstance(node, functions)}

    assert set(EMULATE_DIFFERS) <= names


@pytest.mark.parametrize("reason", sorted(set(EMULATE_DIFFERS.values())))
def test_every_known_difference_is_in_the_guide(reason: str) -> None:
    assert reason in GUIDE.read_text("utf-8").replace("`", "")


def test_nothing_of_the_suite_can_be_addressed_to_anybody_else() -> None:
    with the_double() as target:
        other = Target("double", "other@helios.example", target.oauth, target.refresh_token, target.api_root, None)

        with pytest.raises(AssertionError, match="addressed to"):
            target.draft(other.mail())
