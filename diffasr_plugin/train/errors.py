"""What can go wrong in training.

DiffasrError
└── TrainingError
    ├── InvalidRecipe        a recipe that cannot be read, or asks for what does not fit
    ├── InvalidRun           a folder that is no run, or one of another recipe
    ├── TrainingDiverged     the loss is no number any more
    └── NoTrainingData       nothing to learn from
"""

from __future__ import annotations

from pathlib import Path

from ..asr import DiffasrError

__all__ = ["InvalidRecipe", "InvalidRun", "NoTrainingData", "TrainingDiverged", "TrainingError"]


class TrainingError(DiffasrError):
    """Base of this room's errors."""


class InvalidRecipe(TrainingError):
    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class InvalidRun(TrainingError):
    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(f"{folder}: {problem}")
        self.folder = folder


class TrainingDiverged(TrainingError):
    """`step` is where it was seen; nothing of it was written."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"by step {step} the loss or a gradient is no finite number; start again from the last "
            "checkpoint (--from RUN) with a lower learning_rate"
        )
        self.step = step


class NoTrainingData(TrainingError):
    def __init__(self, source: Path | str, problem: str) -> None:
        super().__init__(f"nothing to learn from in {source}: {problem}")
        self.source = source
