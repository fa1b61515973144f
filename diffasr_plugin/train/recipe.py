"""A recipe, a TOML file -> what is trained on what, how and for how long, as frozen values.

Knows no tensors. An unknown key is an error, so that a misspelt setting is never ignored.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from ..config import PromptIds, from_dict
from ..diffusion.objective import EditRates
from .errors import InvalidRecipe

__all__ = [
    "BatchShape",
    "Conditioning",
    "GemmaRecipe",
    "LossWeights",
    "MiniRecipe",
    "Noise",
    "Optimiser",
    "Recipe",
    "Source",
    "Stage",
    "StreamedSet",
    "read_recipe",
]


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


@dataclass(frozen=True)
class LossWeights:
    """How much each loss counts; one of weight 0 is not computed."""

    diffusion: float = 1.0
    autoregressive: float = 0.0
    ctc: float = 0.0
    distillation: float = 0.0

    def __post_init__(self) -> None:
        weights = [getattr(self, f.name) for f in fields(self)]
        _require(min(weights) >= 0 and max(weights) > 0, f"weights of losses are {weights}")


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
        _require(self.steps > 0, f"stage {self.name!r} has {self.steps} steps")
        _require(self.learning_rate > 0, f"learning_rate is {self.learning_rate}")
        _require(0 <= self.warmup_steps, f"warmup_steps is {self.warmup_steps}")
        _require(0 <= self.final_share <= 1, f"final_share is {self.final_share}, not a share")

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
        _require(self.clip_norm > 0, f"clip_norm is {self.clip_norm}")
        _require(self.accumulate > 0, f"accumulate is {self.accumulate}")


@dataclass(frozen=True)
class Conditioning:
    """How often, and how far, the model goes ahead by itself before the step that it learns from.

    Attributes:
        chance: of any going ahead, a step.
        most_rounds: 1 to this many steps, each as likely.
        resample: chance that the canvas is renoised meanwhile, as in the sampler; else it stays.
    """

    chance: float = 0.5
    most_rounds: int = 1
    resample: float = 0.0

    def __post_init__(self) -> None:
        for name in ("chance", "resample"):
            value = getattr(self, name)
            _require(0 <= value <= 1, f"{name} is {value}, not a share")
        _require(self.most_rounds > 0, f"most_rounds is {self.most_rounds}")


@dataclass(frozen=True)
class Noise:
    """What canvases the model learns from.

    Attributes:
        least_share, most_share: of tokens replaced, drawn evenly between these for each row.
        drafts: chance that a row begins as a draft with mistakes in it; see `edit`.
        edits: its mistakes.
        conditioning: the model's own steps before.
    """

    least_share: float = 0.001
    most_share: float = 1.0
    drafts: float = 0.0
    edits: EditRates = field(default_factory=EditRates)
    conditioning: Conditioning = Conditioning()

    def __post_init__(self) -> None:
        _require(
            0 <= self.least_share <= self.most_share <= 1,
            f"shares of noise are {self.least_share} to {self.most_share}",
        )
        _require(0 <= self.drafts <= 1, f"drafts is {self.drafts}, not a share")


@dataclass(frozen=True)
class BatchShape:
    """A kind of batch: so many windows of a length, with canvases of a length.

    Attributes:
        share: of all batches.
    """

    window_s: int
    canvas: int
    windows: int
    share: float = 1.0

    def __post_init__(self) -> None:
        _require(min(self.window_s, self.canvas, self.windows) > 0, "sizes of a batch must be positive")
        _require(self.window_s <= 30, f"window_s is {self.window_s}; windows are at most 30 s")
        _require(self.share > 0, f"share of a batch is {self.share}")


@dataclass(frozen=True)
class Source:
    """How often clips of a kind are drawn, in relation to other kinds.

    Attributes:
        name: what their speakers' names begin with, up to a colon: a synthesiser, say.
        share: 1 for kinds that are not named.
    """

    name: str
    share: float

    def __post_init__(self) -> None:
        _require(self.share > 0, f"share of {self.name!r} is {self.share}")


@dataclass(frozen=True)
class MiniRecipe:
    """The adapter of the embedded recogniser.

    Attributes:
        manifests: of recordings, from the recipe's folder; with * and ? for many at once.
        shapes: of batches.
        languages: drawn evenly; one that is named twice is drawn twice as often.
        sources: kinds of clips that are drawn more or less often than others.
        distilled: languages whose texts are the backbone's own wherever these are near what was said, and
            for which its probabilities are learnt from.
        most_errors: near means at most this word error rate.
        reuse: how many steps learn from the same windows, each with new noise, before new ones are made.
    """

    manifests: tuple[str, ...]
    shapes: tuple[BatchShape, ...] = (BatchShape(10, 96, 256),)
    languages: tuple[str, ...] = ("en", "de", "fr", "es", "hi", "zh")
    sources: tuple[Source, ...] = ()
    distilled: tuple[str, ...] = ("en", "de", "fr", "es")
    most_errors: float = 0.2
    reuse: int = 1

    def __post_init__(self) -> None:
        _require(bool(self.manifests), "manifests is empty")
        _require(bool(self.shapes), "shapes is empty")
        _require(bool(self.languages), "languages is empty")
        _require(0 <= self.most_errors <= 1, f"most_errors is {self.most_errors}, not a share")
        _require(self.reuse > 0, f"reuse is {self.reuse}")


@dataclass(frozen=True)
class StreamedSet:
    """A training set on the hub.

    Attributes:
        repository, config, split: as the hub calls them.
        language: BCP-47.
        text: column of the transcript.
        share: how often it is drawn, in relation to the others.
    """

    repository: str
    split: str
    language: str
    text: str
    config: str | None = None
    files: str | None = None
    share: float = 1.0

    def __post_init__(self) -> None:
        _require(self.share > 0, f"share of {self.repository} is {self.share}")


@dataclass(frozen=True)
class GemmaRecipe:
    """Projector and LoRA between a Whisper encoder and DiffusionGemma.

    Attributes:
        encoder, base: repositories or folders of the frozen models.
        sets: what is streamed from the hub.
        manifests: of recordings on disk, from the recipe's folder; each is drawn as often as a set.
        clips: of a batch on one GPU.
        prompt_ids, eos: token ids of the base model; see `RecogniserConfig`.
        rank: of the LoRA pairs.
        projector_width: channels inside the projector.
    """

    sets: tuple[StreamedSet, ...] = ()
    manifests: tuple[str, ...] = ()
    encoder: str = "openai/whisper-small"
    base: str = "google/diffusiongemma-26B-A4B-it"
    clips: int = 4
    rank: int = 16
    projector_width: int = 1280
    prompt_ids: PromptIds = field(default_factory=PromptIds)
    eos: tuple[int, ...] = (1, 106, 50)

    def __post_init__(self) -> None:
        _require(bool(self.sets or self.manifests), "it takes sets or manifests")
        _require(min(self.clips, self.rank, self.projector_width) > 0, "sizes must be positive")


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
        _require(bool(self.stages), "stages is empty")
        _require((self.mini is None) != (self.gemma is None), "it takes one table of [mini] and [gemma]")
        often = (self.log_every, self.save_every, self.keep)
        _require(min(often) > 0, f"log_every, save_every and keep are {often}: each is at least 1")

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
