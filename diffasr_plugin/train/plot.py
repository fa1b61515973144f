"""The log of a training -> curves: a picture, and a page for a browser.

Knows the log alone.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from .errors import InvalidRun
from .log import Entry, read_log

__all__ = ["curves", "page", "picture"]

Curve = tuple[list[int], list[float]]

_SMOOTH = 0.6
"""How much of the mean so far is kept at each entry: they differ widely, but the mean must not lag behind."""


def curves(entries: Sequence[Entry]) -> dict[str, Curve]:
    """Steps and values of each loss, and of the learning rate."""
    found: dict[str, Curve] = {}
    for entry in entries:
        for name, value in {**entry.losses, "learning rate": entry.learning_rate}.items():
            steps, values = found.setdefault(name, ([], []))
            steps.append(entry.step)
            values.append(value)
    return found


def smoothed(values: Sequence[float], keep: float = _SMOOTH) -> list[float]:
    """The running mean, each value weighing less the older it is."""
    means: list[float] = []
    total = weight = 0.0
    for value in values:
        total, weight = keep * total + (1 - keep) * value, keep * weight + (1 - keep)
        means.append(total / weight)
    return means


def picture(run: Path) -> bytes:
    """A PNG of a run's curves, one below the other.

    Raises:
        InvalidRun: no log, or nothing in it yet.
    """
    from matplotlib.figure import Figure  # a second of imports

    entries = read_log(run)
    if not entries:
        raise InvalidRun(run, "its log holds no entry yet")
    drawn = curves(entries)
    figure = Figure(figsize=(8, 2.2 * len(drawn)), layout="constrained")
    for axes, (name, curve) in zip(
        figure.subplots(len(drawn), squeeze=False)[:, 0], drawn.items(), strict=True
    ):
        _draw(axes, name, curve, entries)
    drawing = io.BytesIO()
    figure.savefig(drawing, format="png", dpi=110)
    return drawing.getvalue()


def page(run: Path) -> str:
    """A page with the curves and the last figures, in one file.

    Raises:
        InvalidRun: see `picture`.
    """
    image = base64.b64encode(picture(run)).decode("ascii")
    last = read_log(run)[-1]
    rows = {"step": last.step, "stage": last.stage, **_rounded(last.losses)}
    rows |= _rounded({"seconds a step": last.seconds_a_step, "peak GiB": last.peak_gib})
    table = "".join(f"<tr><th>{html.escape(k)}<td>{html.escape(str(v))}" for k, v in rows.items())
    name = html.escape(run.name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
        "<style>body{font:16px sans-serif;max-width:60em;margin:2em auto}img{max-width:100%}"
        "th{text-align:left;padding-right:2em;font-weight:normal}</style>"
        f"<h1>{name}</h1><table>{table}</table>"
        f'<img alt="curves of losses and learning rate" src="data:image/png;base64,{image}"></html>\n'
    )


def _draw(axes: Any, name: str, curve: Curve, entries: Sequence[Entry]) -> None:  # noqa: ANN401
    steps, values = curve
    rate = name == "learning rate"
    axes.plot(steps, values, color="#0072b2", alpha=1.0 if rate else 0.3, linewidth=1)
    if not rate:
        axes.plot(steps, smoothed(values), color="#0072b2", linewidth=1.6)
        axes.set_yscale("log")
        for ticks in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            ticks("{x:g}")
    for before, after in pairwise(entries):
        if before.stage != after.stage:
            axes.axvline(before.step, color="0.6", linewidth=0.8, linestyle=":")
    axes.set_title(name, loc="left", fontsize=10)
    axes.set_xlabel("step")
    axes.grid(alpha=0.25)


def _rounded(values: Mapping[str, float]) -> dict[str, str]:
    return {name: f"{value:.4g}" for name, value in values.items()}
