"""A sweep over denoising steps -> two pictures for the documentation, the published curves beside ours.

    diffasr sweep --model diffusion-mini --set mode=diffusion --over steps=1,2,4,8,16,32 \\
        asterisk-en librivox --limit 24 --batch 1 --json sweep.json
    python -m benchmarks.sweep_picture sweep.json

The published curves are of other speech, and of a GPU that is not named: they show the shape, no rank.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diffasr_plugin.evaluate.chart import Chart, Curve, draw
from diffasr_plugin.evaluate.published import SPEEDS

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PUBLISHED = "diffusion-gemma, published (FLEURS)"
GREY = "#777777"
"""Can be read on white and on black: a picture does not know its page."""


def main() -> None:
    points = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["points"]
    steps = [point["settings"]["steps"] for point in points]
    for name, what, ours, column in (
        ("sweep", "WER %", _wer, "wer"),
        ("sweep-speed", "× real time", _speed, "speed"),
    ):
        curves = [*_ours(points, ours), _theirs(steps, column)]
        chart = Chart(f"{what} over denoising steps", "steps", steps, curves)
        drawing = draw(chart).replace("currentColor", GREY)
        (PICTURES / f"{name}.svg").write_text(drawing + "\n", encoding="utf-8")


def _wer(item: dict[str, Any]) -> float:
    return 100 * float(item["wer"]["rate"])


def _speed(item: dict[str, Any]) -> float:
    return float(item["times_real_time"])


def _ours(points: list[dict[str, Any]], value: Callable[[dict[str, Any]], float]) -> list[Curve]:
    names = [item["set"] for item in points[0]["measurements"]]
    return [
        Curve(f"diffusion-mini, {name}", [value(point["measurements"][place]) for point in points])
        for place, name in enumerate(names)
    ]


def _theirs(steps: list[str], what: str) -> Curve:
    known = {str(speed.steps): float(getattr(speed, what).rstrip("×")) for speed in SPEEDS}
    return Curve(PUBLISHED, [known.get(step) for step in steps])


if __name__ == "__main__":
    main()
