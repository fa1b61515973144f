"""Curves -> an SVG drawing, as text to put into a page.

Knows numbers and where they go on paper; the text takes the page's own colour. Values on the x axis stand at
equal distances, in the order given: most options are doubled from value to value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

__all__ = ["Chart", "Curve", "draw"]

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 290, 28, 44
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by people with any colour vision. Source: Okabe and Ito, Color Universal Design (2008)."""


@dataclass(frozen=True)
class Curve:
    """One line; a value for each of the chart's x values, None where there is none."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """Curves over common x values."""

    title: str
    x_label: str
    x_values: Sequence[str]
    curves: Sequence[Curve]


def draw(chart: Chart) -> str:
    """The chart as an `svg` element, from zero up to a round number above the highest value."""
    shown = [value for curve in chart.curves for value in curve.values if value is not None]
    step = _round_step(max(shown, default=0.0))
    top = step * max(1, math.ceil(max(shown, default=0.0) / step - 1e-9))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="currentColor" aria-label={quoteattr(chart.title)}>',
        _text(LEFT, 16, chart.title, "start", 'font-weight="bold"'),
        *_axes(chart, step, top),
    ]
    for number, curve in enumerate(chart.curves):
        parts += _curve(chart, curve, number, top)
    return "\n".join([*parts, "</svg>"])


def _axes(chart: Chart, step: float, top: float) -> Iterator[str]:
    for tick in range(round(top / step) + 1):
        y = _y(tick * step, top)
        yield (
            f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" '
            f'stroke="currentColor" stroke-opacity="{0.6 if tick == 0 else 0.15}"/>'
        )
        yield _text(LEFT - 8, y + 4, f"{tick * step:g}", "end")
    for number, value in enumerate(chart.x_values):
        yield _text(_x(chart, number), HEIGHT - BOTTOM + 18, value, "middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, chart.x_label, "middle")


def _curve(chart: Chart, curve: Curve, number: int, top: float) -> Iterator[str]:
    colour = COLOURS[number % len(COLOURS)]
    places = [
        (_x(chart, at), _y(value, top), value) for at, value in enumerate(curve.values) if value is not None
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y, value in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"><title>{value:.3g}</title></circle>'
    legend = TOP + 8 + 18 * number
    yield f'<circle cx="{WIDTH - RIGHT + 18}" cy="{legend - 4}" r="4" fill="{colour}"/>'
    yield _text(WIDTH - RIGHT + 28, legend, curve.label, "start")


def _x(chart: Chart, number: int) -> float:
    span = WIDTH - RIGHT - LEFT
    return LEFT + span * (number + 0.5) / len(chart.x_values)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _round_step(highest: float) -> float:
    """The distance of the ticks: 1, 2 or 5 times a power of ten, so that there are about five of them."""
    if highest <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(highest / 5))
    return next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= highest / 5 - 1e-12)


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'
