"""Routing rules: what they look at, in which order they act, and how they say so."""

from dataclasses import replace

import pytest

from tickets.categories import SHIPPED
from tickets.errors import BadInput, NotFound
from tickets.routing import Around, Facts, Routed, RoutingRules, Rule, fits, require_usable, routed

FACTS = Facts(
    sender="ada@mail.firm.example",
    mailbox="support@helios.example",
    subject="re: invoice 4711",
    body="please send the reminder again, our müller asks for it.",
    language="en",
    category="technical",
    priority="normal",
)


@pytest.mark.parametrize(
    ("condition", "does_fit"),
    [
        ({"sender": "ada@mail.firm.example"}, True),
        ({"sender": "FIRM.example"}, True),
        ({"sender": "@firm.example"}, True),
        ({"sender": "other.example, firm.example"}, True),
        ({"sender": "rm.example"}, False),
        ({"sender": "ada@firm.example"}, False),
        ({"sender": "firm.example.evil"}, False),
        ({"mailbox": "Support@helios.example"}, True),
        ({"mailbox": "sales@helios.example"}, False),
        ({"subject_has": "order, Invoice"}, True),
        ({"subject_has": "voice"}, False),
        ({"subject_has": "in.oice"}, False),
        ({"body_has": "the reminder"}, True),
        ({"body_has": "MÜLLER"}, True),
        ({"body_has": "mind"}, False),
        ({"language": "EN"}, True),
        ({"category": "billing"}, False),
        ({"priority": "normal"}, True),
        ({"sender": "firm.example", "language": "de"}, False),
    ],
)
def test_every_condition_that_is_filled_in_must_hold(condition: dict[str, str], does_fit: bool) -> None:
    assert fits(Rule(**condition, set_priority="high"), FACTS) is does_fit  # type: ignore[arg-type]


def test_rules_act_in_their_order_and_later_ones_see_what_earlier_ones_set() -> None:
    rules = [
        Rule("Invoices", subject_has="invoice", set_category="billing"),
        Rule(category="billing", set_priority="high", set_assignee="bo@helios.example"),
        Rule(category="technical", set_priority="low"),
    ]

    result = routed(rules, FACTS, Around(SHIPPED))

    assert result == Routed(
        "billing",
        "high",
        "bo@helios.example",
        (),
        ("rule 1 'Invoices': category Billing", "rule 2: priority high, assignee bo@helios.example"),
        (1, 2),
    )


def test_tags_of_all_rules_that_fit_come_together_each_once() -> None:
    rules = [Rule(language="en", add_tags="Big  Customer, refund"), Rule(priority="normal", add_tags="refund, vip")]

    result = routed(rules, FACTS, Around(SHIPPED))

    assert result.tags == ("big customer", "refund", "vip")
    assert result.reasons == ("rule 1: tag big customer, tag refund", "rule 2: tag refund, tag vip")


@pytest.mark.parametrize("tags", ["x" * 41, ",".join(f"tag {number}" for number in range(21))])
def test_a_rule_puts_no_more_and_no_other_tags_on_a_ticket_than_people_can(tags: str) -> None:
    with pytest.raises(BadInput):
        Rule(language="en", add_tags=tags)


def test_the_last_rule_is_the_last() -> None:
    rules = [Rule(language="en", is_last=True), Rule(language="en", set_priority="low")]

    assert routed(rules, FACTS, Around(SHIPPED)).priority == "normal"


def test_a_rule_that_is_off_does_nothing() -> None:
    assert routed([Rule(language="en", set_priority="low", is_off=True)], FACTS, Around(SHIPPED)).numbers == ()


def test_a_category_that_is_retired_is_not_set() -> None:
    rules = [Rule(language="en", set_category="billing")]

    assert routed(rules, FACTS, Around(SHIPPED.retired("billing"))).category == "technical"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"set_priority": "low"}, "without a condition"),
        ({"sender": "firm.example"}, "changes nothing"),
        ({"sender": "firm.example", "set_priority": "soon"}, "priorities"),
        ({"sender": "x" * 301, "set_priority": "low"}, "at most 300"),
        ({"sender": "a\nb", "set_priority": "low"}, "one line"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Rule(**rule)  # type: ignore[arg-type]


def test_rules_are_ordered_changed_and_taken_out() -> None:
    one, two, three = (Rule(name, language="en", set_priority="low") for name in ("one", "two", "three"))
    rules = RoutingRules((one, two)).added(three)

    assert rules.moved(3, -1).rules == (one, three, two)
    assert rules.moved(1, -1).rules == rules.rules
    assert rules.moved(1, 1).rules == (two, one, three)
    assert rules.removed(2).rules == (one, three)
    assert rules.changed(2, replace(two, name="2")).rules[1].name == "2"
    with pytest.raises(NotFound):
        rules.removed(4)


def test_a_reason_tells_of_no_assignment_that_is_not_made() -> None:
    rules = [Rule(language="en", set_priority="high", set_assignee="bo@helios.example")]

    gone = routed(rules, FACTS, Around(SHIPPED, gone=frozenset({"bo@helios.example"})))
    taken = routed(rules, FACTS, Around(SHIPPED, owner="ada@helios.example"))

    assert (gone.assignee, taken.assignee) == (None, None)
    assert gone.reasons == ("rule 1: priority high, not assigned, bo@helios.example is no active operator",)
    assert taken.reasons == ("rule 1: priority high, not assigned, ada@helios.example has it already",)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule(subject_has="x", set_assignee="nobody@nowhere.example"), "Rule 1 assigns to somebody"),
        (Rule(language="klingon", set_priority="low"), "code of two letters"),
    ],
)
def test_a_rule_that_could_never_act_is_refused_when_new_and_stays_once_saved(rule: Rule, says: str) -> None:
    rules = RoutingRules((rule,))

    with pytest.raises(BadInput, match=says):
        require_usable(rules, RoutingRules(), {"bo@helios.example"})

    require_usable(rules.added(Rule(language="DE", set_assignee="Bo@helios.example")), rules, {"bo@helios.example"})
