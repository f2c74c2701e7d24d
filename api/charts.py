"""Where things stand in a chart: geometry only, in the units of its viewBox. The template draws it, CSS colours it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tickets.reports import Cell, Chart, Report, Unit

WIDTH: Final = 360
HEIGHT: Final = 210
_LEFT: Final = 42
_RIGHT: Final = 10
_TOP: Final = 10
_BOTTOM: Final = 26
_ROW: Final = 34
_MOST_BARS: Final = 12
_MOST_LABELS: Final = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid, or a label below it."""

    at: float
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its runs between gaps as SVG points, and a mark at each figure."""

    title: str
    runs: tuple[str, ...]
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A line chart. Series are told apart by their dashes and marks, not by colour alone."""

    series: tuple[Series, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    unit: Unit
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    base: int = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    y: int
    length: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, each with its name above and its value behind it."""

    bars: tuple[Bar, ...]
    unit: Unit
    height: int
    hidden: int
    width: int = WIDTH


def chart_of(report: Report) -> Lines | Bars | None:
    """None where there is nothing to draw."""
    if report.is_empty or not report.is_recorded:
        return None
    return _lines(report) if report.chart is Chart.LINES else _bars(report)


def _lines(report: Report) -> Lines:
    names = [column.name for column in report.columns]
    drawn = [(report.columns[names.index(name)], names.index(name)) for name in report.drawn]
    top = _nice(max((_number(row[place]) for row in report.rows for _, place in drawn), default=0))
    base = HEIGHT - _BOTTOM
    xs = _spread(len(report.rows))
    series = tuple(_series(column.title, [row[place] for row in report.rows], xs, top) for column, place in drawn)
    y_ticks = tuple(Tick(_y(top * part / 4, top), top * part / 4) for part in range(5))
    step = math.ceil(len(report.rows) / _MOST_LABELS) or 1
    x_ticks = tuple(Tick(xs[place], place, str(row[0])) for place, row in enumerate(report.rows) if place % step == 0)
    return Lines(series, y_ticks, x_ticks, drawn[0][0].unit, base=base)


def _series(title: str, cells: Sequence[Cell], xs: Sequence[float], top: float) -> Series:
    runs: list[list[str]] = [[]]
    marks = []
    for x, cell in zip(xs, cells, strict=True):
        if cell is None:
            runs.append([])
            continue
        y = _y(_number(cell), top)
        runs[-1].append(f"{x},{y}")
        marks.append((x, y))
    return Series(title, tuple(" ".join(run) for run in runs if len(run) > 1), tuple(marks))


def _bars(report: Report) -> Bars:
    names = [column.name for column in report.columns]
    place = names.index(report.drawn[0])
    shown = report.rows[:_MOST_BARS]
    most = max(_number(row[place]) for row in shown) or 1
    bars = tuple(
        Bar(str(row[0] or "–"), _number(row[place]), number * _ROW, round((WIDTH - 60) * _number(row[place]) / most, 1))
        for number, row in enumerate(shown)
    )
    return Bars(bars, report.columns[place].unit, len(bars) * _ROW + 4, len(report.rows) - len(shown))


def _spread(count: int) -> list[float]:
    room = WIDTH - _LEFT - _RIGHT
    return [round(_LEFT + room * (place / (count - 1) if count > 1 else 0.5), 1) for place in range(count)]


def _y(value: float, top: float) -> float:
    return round(_TOP + (HEIGHT - _BOTTOM - _TOP) * (1 - value / top), 1)


def _nice(most: float) -> float:
    """The top of an axis: the next number above that four steps lead to evenly."""
    if most <= 0:
        return 4
    power = 10.0 ** math.floor(math.log10(most))
    return next((round(step * power, 9) for step in (1, 2, 4, 8) if most <= step * power), 10 * power)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0
