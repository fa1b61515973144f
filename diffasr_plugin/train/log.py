"""What a training tells as it goes -> lines of a file, and a line for people.

One JSON object a line: step, stage, losses, learning rate, norm of the gradient, seconds. Knows no model.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import InvalidRun

__all__ = ["LOG_FILE", "Entry", "Log", "read_log"]

LOG_FILE = "log.jsonl"


@dataclass(frozen=True)
class Entry:
    """The steps since the entry before, on average.

    Attributes:
        step: steps done by now.
        stage: name of the stage.
        losses: each by its name, without its weight; "total" is their weighted sum.
        learning_rate: of the last step.
        grad_norm: before clipping, the mean since the last entry.
        seconds_a_step: wall time.
        peak_gib: most memory on the device so far; 0 on a CPU.
    """

    step: int
    stage: str
    losses: Mapping[str, float]
    learning_rate: float
    grad_norm: float
    seconds_a_step: float
    peak_gib: float = 0.0


class Log:
    """Writes entries; those of a run that goes on again replace what came after the step it goes on from."""

    def __init__(self, run: Path, *, done: int, total: int) -> None:
        self.path = run / LOG_FILE
        self._total = total
        kept = [entry for entry in (read_log(run) if self.path.exists() else []) if entry.step <= done]
        partial = self.path.with_suffix(".partial")
        partial.write_text("".join(_line(entry) for entry in kept), encoding="utf-8")
        os.replace(partial, self.path)

    def write(self, entry: Entry) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))
        print(self._told(entry), file=sys.stderr, flush=True)

    def _told(self, entry: Entry) -> str:
        losses = "  ".join(f"{name} {value:.3f}" for name, value in entry.losses.items())
        left = (self._total - entry.step) * entry.seconds_a_step
        memory = f"  {entry.peak_gib:.1f} GiB" if entry.peak_gib else ""
        return (
            f"{entry.stage} {entry.step}/{self._total}  {losses}  rate {entry.learning_rate:.1e}  "
            f"norm {entry.grad_norm:.2f}  {entry.seconds_a_step:.3f} s/step{memory}  {left / 60:.1f} min left"
        )


def read_log(run: Path) -> list[Entry]:
    """The entries of a run, in their order; a last line that was cut off is left out.

    Raises:
        InvalidRun: there is no log, or it is not one.
    """
    path = run / LOG_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError as error:
        raise InvalidRun(run, f"holds no log of a training ({error})") from error
    try:
        return [Entry(**json.loads(line)) for line in lines if line.endswith("\n")]
    except (ValueError, TypeError) as error:
        raise InvalidRun(run, f"its {LOG_FILE} is damaged ({error})") from error


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry)) + "\n"
