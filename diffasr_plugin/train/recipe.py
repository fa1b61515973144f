"""A recipe, a TOML file -> what is trained on what, how and for how long, as frozen values.

Knows no tensors. An unknown key is an error, so that a misspelt setting is never ignored.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from ..config import from_dict
from ..diffusion.objective import EditRates
from .errors import InvalidRecipe
from .model_recipes import GemmaRecipe, MiniRecipe, require, require_share

__all__ = [
    "Conditioning",
    "LossWeights",
    "Noise",
    "Optimiser",
    "Recipe",
    "Stage",
    "read_recipe",
]


@dataclass(frozen=True)
class LossWeights:
    """How much each loss counts; one of weight 0 is not computed."""

    diffusion: float = 1.0
    autoregressive: float = 0.0
    ctc: float = 0.0
    distillation: float = 0.0

    def __post_init__(self) -> None:
        weights = [getattr(self, f.name) for f in fields(self)]
        require(min(weights) >= 0 and max(weights) > 0, f"weights of losses are {weights}")


@dataclass(frozen=True)
class Stage:
    """A part of the training with an optimiser of its own.

    Attributes:
        name: for people, in the log.
        steps: updates of the weights.
        learning_rate: its highest; it rises evenly for `warmup_steps`, then falls along a cosine to
            `final_share` of it.
        train: which of the trainable parts learn, by the beginnings of their names; empty: all.
        losses: their weights.
    """

    name: str
    steps: int
    learning_rate: float
    warmup_steps: int = 100
    final_share: float = 0.05
    train: tuple[str, ...] = ()
    losses: LossWeights = LossWeights()

    def __post_init__(self) -> None:
        require(self.steps > 0, f"stage {self.name!r} has {self.steps} steps")
        require(self.learning_rate > 0, f"learning_rate is {self.learning_rate}")
        require(0 <= self.warmup_steps, f"warmup_steps is {self.warmup_steps}")
        require_share("final_share", self.final_share)

    def rate(self, step: int) -> float:
        """Learning rate of a step of this stage, counted from 0."""
        rising = min(1.0, (step + 1) / max(self.warmup_steps, 1))
        done = max(0, step - self.warmup_steps) / max(self.steps - self.warmup_steps, 1)
        falling = self.final_share + (1 - self.final_share) * 0.5 * (1 + math.cos(math.pi * min(done, 1)))
        return self.learning_rate * rising * falling


@dataclass(frozen=True)
class Optimiser:
    """AdamW, and what is done to gradients before it."""

    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    accumulate: int = 1

    def __post_init__(self) -> None:
        require(self.clip_norm > 0, f"clip_norm is {self.clip_norm}")
        require(self.accumulate > 0, f"accumulate is {self.accumulate}")


@dataclass(frozen=True)
class Conditioning:
    """How often, and how far, the model goes ahead by itself before the step that it learns from.

    Attributes:
        chance: of any going ahead, a step.
        most_rounds: 1 to this many steps, each as likely.
        resample: chance that the canvas is renoised meanwhile, as in the sampler; else it stays.
        entropy_bound: see `SamplerConfig`.
        told: chance that a step on a renoised canvas is told the predictions of the step before; on one that
            stayed it always is.
    """

    chance: float = 0.5
    most_rounds: int = 1
    resample: float = 0.0
    entropy_bound: float = 0.1
    told: float = 1.0

    def __post_init__(self) -> None:
        require_share("chance", self.chance)
        require_share("resample", self.resample)
        require_share("told", self.told)
        require(self.most_rounds > 0, f"most_rounds is {self.most_rounds}")
        require(self.entropy_bound >= 0, f"entropy_bound is {self.entropy_bound}, below 0")


@dataclass(frozen=True)
class Noise:
    """What canvases the model learns from.

    Attributes:
        least_share, most_share: of tokens replaced, drawn evenly between these for each row.
        drafts: chance that a row begins as a draft with mistakes in it; see `edit`.
        edits: its mistakes.
        heard: chance that a row begins as what the CTC reader hears; half of these rows get no noise.
        conditioning: the model's own steps before.
    """

    least_share: float = 0.001
    most_share: float = 1.0
    drafts: float = 0.0
    edits: EditRates = field(default_factory=EditRates)
    heard: float = 0.0
    conditioning: Conditioning = Conditioning()

    def __post_init__(self) -> None:
        require(
            0 <= self.least_share <= self.most_share <= 1,
            f"shares of noise are {self.least_share} to {self.most_share}",
        )
        require_share("drafts", self.drafts)
        require_share("heard", self.heard)


@dataclass(frozen=True)
class Recipe:
    """All of a training; exactly one of `mini` and `gemma` is there.

    Attributes:
        seed: of everything random.
        precision: of computation; weights that learn are in float32.
        gradient_checkpointing: compute layers twice instead of keeping what is in them.
        log_every, save_every: in steps.
        keep: how many of the latest checkpoints stay.
    """

    stages: tuple[Stage, ...]
    mini: MiniRecipe | None = None
    gemma: GemmaRecipe | None = None
    optimiser: Optimiser = Optimiser()
    noise: Noise = field(default_factory=Noise)
    seed: int = 0
    precision: Literal["bf16", "no"] = "bf16"
    gradient_checkpointing: bool = False
    log_every: int = 10
    save_every: int = 500
    keep: int = 2

    def __post_init__(self) -> None:
        require(bool(self.stages), "stages is empty")
        require((self.mini is None) != (self.gemma is None), "it takes one table of [mini] and [gemma]")
        often = (self.log_every, self.save_every, self.keep)
        require(min(often) > 0, f"log_every, save_every and keep are {often}: each is at least 1")

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def stage_at(self, step: int) -> tuple[int, int]:
        """Which stage a step belongs to, and its number in there."""
        for index, stage in enumerate(self.stages):
            if step < stage.steps:
                return index, step
            step -= stage.steps
        raise IndexError(f"the recipe ends {step} steps earlier")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        InvalidRecipe: no such file, no TOML, or a setting that is unknown, missing or out of its range.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # tomllib's own error is a ValueError
        raise InvalidRecipe(path, f"cannot be read as TOML ({error})") from error
    try:
        return from_dict(Recipe, values)
    except ValueError as error:
        raise InvalidRecipe(path, f"{error}; correct the recipe") from error
