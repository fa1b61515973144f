"""Measurements -> pages for a browser: one file each, nothing loaded from elsewhere.

Knows the templates; the figures come ready from report.py and sweep.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from . import published
from .bench import BENCH_HEADER, Bench, bench_rows
from .chart import Chart, Curve, draw
from .evaluation import Evaluation, Measurement
from .report import HEADER, evaluation_rows, facts, machine_line, worst
from .sweep import Sweep, SweepPoint, sweep_facts, sweep_header, sweep_rows

__all__ = ["bench_page", "evaluation_page", "sweep_page"]


def evaluation_page(evaluation: Evaluation, worst_count: int = 20, with_published: bool = False) -> str:
    """The figures, and of each set the worst utterances, aligned word by word."""
    return _render(
        "evaluation.html",
        title=f"Evaluation of {evaluation.model}",
        facts=facts(evaluation),
        header=HEADER,
        rows=evaluation_rows(evaluation.measurements),
        names=2,
        published_header=published.HEADER,
        published_rows=published.published_rows(evaluation.measurements) if with_published else [],
        sets=[(item, worst(item, worst_count)) for item in evaluation.measurements],
    )


def sweep_page(swept: Sweep) -> str:
    """The figures, and curves of error rate and speed over the first option."""
    return _render(
        "sweep.html",
        title=f"Sweep of {swept.model} over {', '.join(swept.axes)}",
        facts=sweep_facts(swept),
        header=sweep_header(swept),
        rows=sweep_rows(swept),
        names=len(swept.axes) + 2,
        charts=[Markup(draw(chart)) for chart in sweep_charts(swept)],
    )


def sweep_charts(swept: Sweep) -> list[Chart]:
    """WER and speed over the values of the first option; a curve for each set and each other setting."""
    axis, *_ = swept.axes
    values = swept.axes[axis]
    curves: dict[str, dict[str, Measurement]] = {}
    for point in swept.points:
        for item in point.measurements:
            curves.setdefault(_label(swept, point, item), {})[point.settings[axis]] = item
    return [
        Chart("WER %", axis, values, _curves(curves, values, _wer_percent)),
        Chart("× real time", axis, values, _curves(curves, values, _speed)),
    ]


def _label(swept: Sweep, point: SweepPoint, measurement: Measurement) -> str:
    """The settings that are not on the x axis; and the set, where that does not go without saying."""
    others = [f"{name}={point.settings[name]}" for name in list(swept.axes)[1:]]
    if not others or len(point.measurements) > 1:
        others = [measurement.name, measurement.language, *others]
    return " ".join(others)


def _curves(curves: dict[str, dict[str, Measurement]], values: Sequence[str], figure: Any) -> list[Curve]:  # noqa: ANN401
    return [
        Curve(label, [figure(points[value]) if value in points else None for value in values])
        for label, points in curves.items()
    ]


def _wer_percent(measurement: Measurement) -> float | None:
    rate = measurement.rates.words.value
    return rate * 100 if math.isfinite(rate) else None


def _speed(measurement: Measurement) -> float:
    return measurement.run.times_real_time


def bench_page(bench: Bench) -> str:
    """The table of all contestants."""
    return _render(
        "base.html",
        title="Side by side",
        facts={"machine": machine_line(bench.machine)},
        header=BENCH_HEADER,
        rows=bench_rows(bench),
        names=2,
    )


def _render(template: str, **values: Any) -> str:  # noqa: ANN401
    page: str = _environment().get_template(template).render(**values)
    return page


@cache
def _environment() -> Any:  # noqa: ANN401
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
