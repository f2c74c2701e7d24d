"""The report of an evaluation: made of a run, read again as a baseline, judged by a gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from entrypoints.evaluation.bench import Bench
from entrypoints.evaluation.measures import FEW, Figure, Row, details_of, differences_of, figures_of, rows_of
from entrypoints.evaluation.runner import Run
from tickets.errors import BadInput
from tickets.gates import Figures, passes
from tickets.paired import Difference

FORMAT: Final = "evaluation 1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a gate: it held, it did not, or there were too few rows to tell."""

    expression: str
    held: bool
    is_binding: bool


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier report, as far as it is compared with."""

    name: str
    figures: Mapping[str, float]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is written down of a run."""

    source: str
    made_at: datetime
    model: str
    prompts: Mapping[str, str]
    target: float
    currency: str
    figures: Mapping[str, Figure]
    details: Mapping[str, Any]
    rows: Sequence[Row]
    of: int
    stopped: str | None = None
    baseline: str | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict)
    before: Mapping[str, float] = field(default_factory=dict)
    verdict: Verdict | None = None

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before they believe the figures."""
        found = []
        if self.stopped:
            found.append(f"{self.stopped}: {len(self.rows)} of {self.of} rows are done. Run it again to go on.")
        if len(self.rows) < FEW:
            found.append(f"Only {len(self.rows)} rows: below {FEW} the figures are too uncertain to gate on.")
        if share := self.figures["fallback.share"].value:
            found.append(f"On {share:.0%} of the rows the local rules stepped in for the model.")
        return found

    def as_json(self) -> dict[str, Any]:
        found = {name: value for name, value in asdict(self).items() if name not in ("made_at",)}
        return {
            "format": FORMAT,
            "version": version("communication-agent"),
            "made_at": self.made_at.isoformat(),
            "warnings": self.warnings,
            **found,
        }


def report_of(
    run: Run, bench: Bench, source: str, made_at: datetime, target: float, baseline: Baseline | None, gate: str | None
) -> Report:
    """Raises BadInput for a gate that speaks of figures that there are not."""
    categories = bench.categories.keys
    rows = rows_of(run.pairs, categories)
    figures = figures_of(rows, target)
    differences = differences_of(rows, baseline.rows) if baseline else {}
    before = baseline.figures if baseline else {}
    now = {name: figure.value for name, figure in figures.items()}
    held = passes(gate, Figures(now, before, differences)) if gate else True
    is_binding = len(rows) >= FEW and not run.stopped
    prompts = {step: bench.prompts.stamp(step) for step in ("triage", "plan", "draft")} if bench.prompts else {}
    return Report(
        source=source,
        made_at=made_at,
        model=bench.model.name,
        prompts={str(step): stamp for step, stamp in prompts.items()},
        target=target,
        currency=bench.meter.budget.currency,
        figures=figures,
        details=details_of(run.pairs, rows, categories),
        rows=rows,
        of=run.of,
        stopped=run.stopped,
        baseline=baseline.name if baseline else None,
        differences=differences,
        before=before,
        verdict=Verdict(gate, held, is_binding) if gate else None,
    )


def read_baseline(path: Path) -> Baseline:
    """A report.json. Raises BadInput for anything else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ValueError("another format")
        figures = {str(name): float(figure["value"]) for name, figure in found["figures"].items()}
        return Baseline(f"{found['model']}, {found['made_at'][:16]}", figures, found["rows"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is no report of this command. Give the report.json of an earlier run.") from error
