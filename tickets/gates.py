"""Conditions on the figures of a run, as people write them into a pipeline. Nothing in them can be run as a program.

    category.accuracy >= 0.8 and not worse(category.accuracy)
    draft.fidelity >= baseline.draft.fidelity - 0.02
    low(category.macro_f1) > -0.03 and cost.total <= 1.5 * baseline.cost.total

Numbers, the names of figures, `baseline.NAME`, + - * /, comparisons, and, or, not, brackets, and four functions over
the paired difference to the baseline: `worse(NAME)`, `better(NAME)` (beyond its 95% interval), `low(NAME)`,
`high(NAME)` (the ends of that interval). `value("NAME")` is for names that hold a hyphen.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tickets.errors import BadInput
from tickets.paired import Difference

LONGEST: Final = 1000
_HELP: Final = "Write it like: category.accuracy >= 0.8 and not worse(category.accuracy)"
_SUMS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
LESS_IS_BETTER: Final = ("cost.", "latency.", "tokens.", "calibration.error", "fallback.")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a condition may speak of."""

    now: Mapping[str, float]
    before: Mapping[str, float] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)


def passes(expression: str, figures: Figures) -> bool:
    """Raises BadInput for what is no condition, or speaks of figures that there are not."""
    found = _value(_parsed(expression), figures)
    if not isinstance(found, bool):
        raise BadInput(f"The gate is a number, not a condition. {_HELP}.")
    return found


def check(expression: str) -> None:
    """Raises BadInput for what cannot be a condition, before anything is measured."""
    if not all(isinstance(node, _ALLOWED) for node in ast.walk(_parsed(expression))):
        raise BadInput(f"The gate holds what no condition on figures needs. {_HELP}.")


_ALLOWED: Final = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Compare, ast.Constant, ast.Name,
    ast.Attribute, ast.Call, ast.Load, *_SUMS, *_COMPARISONS,
)  # fmt: skip


def _parsed(expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise BadInput(f"The gate is longer than {LONGEST} characters. Shorten it.")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"The gate cannot be read. {_HELP}.") from error


def _value(node: ast.expr, figures: Figures) -> float | bool:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name() | ast.Attribute():
            return _figure(_name(node), figures)
        case ast.BoolOp(op=op, values=values):
            found = [_truth(each, figures) for each in values]
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _truth(operand, figures)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, figures)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SUMS:
            return _sum(op, _number(left, figures), _number(right, figures))
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARISONS for op in ops):
            numbers = [_number(each, figures) for each in (left, *others)]
            return all(_COMPARISONS[type(op)](*pair) for op, pair in zip(ops, pairwise(numbers), strict=True))
        case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]):
            return _called(function, _name(argument), figures)
    raise BadInput(f"A gate cannot hold {ast.unparse(node)!r}. {_HELP}.")


def _sum(op: ast.operator, one: float, other: float) -> float:
    if isinstance(op, ast.Div) and other == 0:
        raise BadInput("The gate divides by a figure that is 0. Compare without dividing.")
    return _SUMS[type(op)](one, other)


def _truth(node: ast.expr, figures: Figures) -> bool:
    found = _value(node, figures)
    if not isinstance(found, bool):
        raise BadInput(f"{ast.unparse(node)!r} is a number. Compare it with something.")
    return found


def _number(node: ast.expr, figures: Figures) -> float:
    found = _value(node, figures)
    if isinstance(found, bool):
        raise BadInput(f"{ast.unparse(node)!r} is a condition, not a number. Join conditions with and, or.")
    return found


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_name(value)}.{attribute}"
        case ast.Constant(value=str() as name):
            return name
    raise BadInput(f"{ast.unparse(node)!r} is not the name of a figure. {_HELP}.")


def _figure(name: str, figures: Figures) -> float:
    of_baseline = name.removeprefix("baseline.")
    known = figures.now if of_baseline == name else figures.before
    if of_baseline not in known:
        what = "The baseline has" if of_baseline != name else "There is"
        raise BadInput(f"{what} no figure {of_baseline!r}. There are: {', '.join(sorted(known)) or 'none'}.")
    return known[of_baseline]


def _called(function: str, name: str, figures: Figures) -> float | bool:
    if function == "value":
        return _figure(name, figures)
    if function not in ("worse", "better", "low", "high"):
        raise BadInput(f"There is no function {function!r}. Use worse, better, low, high or value.")
    if name not in figures.differences:
        known = ", ".join(sorted(figures.differences)) or "none: give a baseline with --baseline"
        raise BadInput(f"No difference to the baseline is known for {name!r}. There are: {known}.")
    found = figures.differences[name]
    less_is_better = name.startswith(LESS_IS_BETTER)
    if function in ("low", "high"):
        return found.low if function == "low" else found.high
    return (
        (found.is_rise if function == "worse" else found.is_fall)
        if less_is_better
        else (found.is_fall if function == "worse" else found.is_rise)
    )
