"""A recogniser and values of its options -> the same measurements at each value.

Knows no option: any that the model's spec has can be swept, load-time ones by loading it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from ..asr import AsrModel, InvalidOption, ModelSpec, ModelStatus
from .evaluation import Measurement, evaluate
from .loading import load
from .machine import Machine, this_machine
from .manifest import Clip
from .published import published_speed
from .report import HEADER, evaluation_rows, machine_line, measurement_data
from .run import RunOptions
from .text_table import text_table

__all__ = [
    "Axes",
    "Sweep",
    "SweepPoint",
    "parse_axes",
    "sweep",
    "sweep_data",
    "sweep_facts",
    "sweep_header",
    "sweep_rows",
    "sweep_text",
]

Axes = Mapping[str, Sequence[str]]
"""Values to try, as text, of each option. The first option is the curves' x; the others tell curves apart."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SweepPoint:
    """What was measured at one value of each option, and what was loaded for it."""

    settings: Mapping[str, str]
    status: ModelStatus
    measurements: tuple[Measurement, ...]

    @property
    def words(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.settings.items())


@dataclass(frozen=True)
class Sweep:
    """All points, in the order in which the values were given."""

    model: str
    axes: Axes
    points: tuple[SweepPoint, ...]
    machine: Machine = field(default_factory=this_machine)


def parse_axes(texts: Sequence[str]) -> dict[str, list[str]]:
    """`["steps=1,4,8", "draft=none,ngram"]` as options and their values.

    Raises:
        InvalidOption: not OPTION=VALUE,VALUE…, an option given twice, or a value given twice.
    """
    axes: dict[str, list[str]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        listed = [value.strip() for value in values.split(",")]
        if not equals or not name or not all(listed):
            raise InvalidOption(text, "write it as OPTION=VALUE,VALUE…, for example steps=1,4,8,16")
        if name in axes or len(set(listed)) < len(listed):
            raise InvalidOption(name, "given twice, or one of its values is")
        axes[name] = listed
    return axes


def sweep(
    spec: ModelSpec,
    axes: Axes,
    sets: Mapping[str, Sequence[Clip]],
    options: RunOptions,
    settings: Mapping[str, str],
    on_progress: Progress | None = None,
) -> Sweep:
    """Evaluate at each combination of values; the model is loaded anew only where a load-time option changes.

    Args:
        settings: options that stay as they are.

    Raises:
        InvalidOption: before anything is recognised, if the model does not have an option or take a value.
        ModelUnavailable: it cannot run here.
    """
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    for combination in combinations:
        _check(spec, {**settings, **combination})
    model: AsrModel | None = None
    loaded: Mapping[str, Any] = {}
    points = []
    try:
        for combination in combinations:
            wanted, call_settings = spec.split_options({**settings, **combination})
            if model is None or wanted != loaded:
                if model is not None:
                    model.close()
                model, loaded = load(spec, wanted)[0], wanted
            measured = evaluate(model, sets, replace(options, model_options=call_settings), on_progress)
            points.append(SweepPoint(combination, model.status, measured))
    finally:
        if model is not None:
            model.close()
    return Sweep(spec.name, axes, tuple(points))


def _check(spec: ModelSpec, settings: Mapping[str, str]) -> None:
    load_settings, call_settings = spec.split_options(settings)
    spec.check_options(load_settings, "load")
    spec.check_options(call_settings, "call")


def sweep_text(swept: Sweep) -> str:
    """All points as one table, and what was measured with what."""
    return "\n".join(
        [
            *(f"{name}: {value}" for name, value in sweep_facts(swept).items()),
            "",
            text_table(sweep_header(swept), sweep_rows(swept), names=len(swept.axes) + 2),
        ]
    )


def sweep_facts(swept: Sweep) -> dict[str, str]:
    """What was measured with what, in words; a swept option may change where it ran."""
    places = {f"{point.status.device}, {point.status.dtype}": None for point in swept.points}
    return {
        "model": f"{swept.model} ({swept.points[0].status.model})",
        "runs on": "; ".join(places),
        "machine": machine_line(swept.machine),
    }


def sweep_header(swept: Sweep) -> tuple[str, ...]:
    published = ("published WER %", "published speed") if _has_published(swept) else ()
    return (*swept.axes, *HEADER, *published)


def sweep_rows(swept: Sweep) -> list[tuple[str, ...]]:
    """The rows of `evaluation_rows`, the values in front; published figures behind, where there are any."""
    rows = []
    for point in swept.points:
        for row in evaluation_rows(point.measurements):
            rows.append((*point.settings.values(), *row, *_published(swept, point, row[0])))
    return rows


def _has_published(swept: Sweep) -> bool:
    sets = {measurement.name for point in swept.points for measurement in point.measurements}
    return "steps" in swept.axes and "fleurs-en" in sets


def _published(swept: Sweep, point: SweepPoint, set_name: str) -> tuple[str, ...]:
    if not _has_published(swept):
        return ()
    speed = published_speed(point.settings["steps"], set_name)
    return (speed.wer, speed.speed) if speed else ("—", "—")


def sweep_data(swept: Sweep) -> dict[str, Any]:
    """All points for JSON, without the texts."""
    return {
        "model": swept.model,
        "machine": {
            "system": swept.machine.system,
            "cores": swept.machine.cores,
            "versions": dict(swept.machine.versions),
        },
        "points": [
            {
                "settings": dict(point.settings),
                "measurements": [measurement_data(item, texts=False) for item in point.measurements],
            }
            for point in swept.points
        ],
    }
