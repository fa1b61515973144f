"""A run with its recipe -> learner and data of the kind that the recipe asks for, trained and exported.

The one place where kinds of models are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..asr import InvalidOption
from .learner import Data, Learner
from .loop import Outcome, Run, make_accelerator, train
from .recipe import Recipe, read_recipe

__all__ = ["Trained", "train_recipe"]

ADAPTER = "adapter"


@dataclass(frozen=True)
class Trained:
    """What became of a run.

    Attributes:
        step: steps done in all.
        finished: whether the recipe is at its end.
        exported: folder with what recognisers load; None in all processes but the first.
    """

    step: int
    finished: bool
    exported: Path | None


def train_recipe(run: Run, device: str = "auto") -> Trained:
    """Train as the run's recipe says, and export what came out.

    Args:
        device: auto, cpu or cuda.

    Raises:
        TrainingError: see `errors`.
        InvalidOption: no such device.
    """
    recipe = read_recipe(run.recipe_path)
    accelerator = make_accelerator(recipe, cpu=_on_cpu(device))
    learner, data = _make(recipe, run.recipe_path.parent, accelerator)
    outcome: Outcome = train(recipe, learner, data, run, accelerator)
    if not accelerator.is_main_process:
        return Trained(outcome.step, outcome.finished, None)
    learner.export(run.folder / ADAPTER)
    return Trained(outcome.step, outcome.finished, run.folder / ADAPTER)


def _make(recipe: Recipe, folder: Path, accelerator: Any) -> tuple[Learner, Data]:  # noqa: ANN401
    if recipe.mini is not None:
        from .mini import make_mini

        return make_mini(recipe.mini, folder, recipe.seed, accelerator.device)
    from .gemma import make_gemma

    assert recipe.gemma is not None, "a recipe has one of both"
    return make_gemma(recipe, folder, accelerator.device)


def _on_cpu(device: str) -> bool:
    if device not in ("auto", "cpu", "cuda"):
        raise InvalidOption("device", f"{device!r} is not auto, cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidOption("device", "no CUDA GPU is here; --device cpu works, slowly")
    return device == "cpu" or not torch.cuda.is_available()
