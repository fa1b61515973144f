"""The steps of a denoising run -> plain data for people to look at.

Knows neither the model nor its vocabulary: tokens are numbers unless the caller says how they read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

__all__ = ["StepEvent", "Trace", "TraceStep", "Tracer"]


@dataclass(frozen=True)
class StepEvent:
    """What one step did to the k rows still in the batch; tensors (k, n) unless said otherwise.

    Attributes:
        step: from 1.
        temperature: of this step, shape ().
        rows: (k,), which rows of the first batch they are.
        canvas: x_t, what the model saw.
        proposed: x̂, the token drawn for each position.
        best: x̂₀, the likeliest token of each position.
        entropy: H of each position in nats; infinite at positions that the row does not use.
        accepted: which proposals were accepted; everything else was renoised.
        renoised: x_{t-1}, the next step's canvas.
        stopped: (k,), which rows leave the batch now.
    """

    step: int
    temperature: Tensor
    rows: Tensor
    canvas: Tensor
    proposed: Tensor
    best: Tensor
    entropy: Tensor
    accepted: Tensor
    renoised: Tensor
    stopped: Tensor


Tracer = Callable[[StepEvent], None]
"""Told of every step. It must copy what it keeps."""


@dataclass(frozen=True)
class TraceStep:
    """One step of one row; names as in `StepEvent`, lists as long as the row's canvas."""

    step: int
    temperature: float
    canvas: list[int]
    proposed: list[int]
    best: list[int]
    entropy: list[float]
    accepted: list[bool]
    renoised: list[int]
    stopped: bool


class Trace:
    """A tracer that keeps every step of every row, on the CPU."""

    def __init__(self) -> None:
        self.rows: dict[int, list[TraceStep]] = {}

    def __call__(self, event: StepEvent) -> None:
        for index, row in enumerate(event.rows.tolist()):
            self.rows.setdefault(row, []).append(_row_step(event, index))

    def as_json(self, read: Callable[[int], str] | None = None) -> dict[str, Any]:
        """What happened, as `json.dumps` takes it.

        Args:
            read: text of a token; given that, "pieces" holds the text of every token that occurs.
        """
        rows = [
            {"row": row, "steps": [asdict(step) for step in steps]}
            for row, steps in sorted(self.rows.items())
        ]
        if read is None:
            return {"rows": rows}
        return {"rows": rows, "pieces": {str(token): read(token) for token in sorted(self._tokens())}}

    def _tokens(self) -> set[int]:
        steps = [step for row in self.rows.values() for step in row]
        return {token for s in steps for ids in (s.canvas, s.proposed, s.best, s.renoised) for token in ids}


def _row_step(event: StepEvent, index: int) -> TraceStep:
    used = event.entropy[index].isfinite()

    def values(tensor: Tensor) -> list[Any]:
        kept: list[Any] = tensor[index][used].tolist()
        return kept

    return TraceStep(
        step=event.step,
        temperature=round(float(event.temperature), 6),
        canvas=values(event.canvas),
        proposed=values(event.proposed),
        best=values(event.best),
        entropy=[round(nats, 6) for nats in values(event.entropy)],
        accepted=values(event.accepted),
        renoised=values(event.renoised),
        stopped=bool(event.stopped[index]),
    )
