"""The parts of a recipe that are a model's own: what it is made of, and what it learns from.

Knows no tensors; see `recipe`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config import PromptIds

__all__ = [
    "BatchShape",
    "GemmaRecipe",
    "MiniRecipe",
    "Source",
    "StreamedSet",
    "Strength",
    "require",
    "require_share",
]


def require(holds: bool, message: str) -> None:
    """Refuse a setting: a ValueError, which `read_recipe` tells with the file's name."""
    if not holds:
        raise ValueError(message)


def require_share(name: str, value: float) -> None:
    """Refuse a setting that is not between 0 and 1."""
    require(0 <= value <= 1, f"{name} is {value}, not a share")


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
        require(min(self.window_s, self.canvas, self.windows) > 0, "sizes of a batch must be positive")
        require(self.window_s <= 30, f"window_s is {self.window_s}; windows are at most 30 s")
        require(self.share > 0, f"share of a batch is {self.share}")


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
        require(self.share > 0, f"share of {self.name!r} is {self.share}")


@dataclass(frozen=True)
class Strength:
    """How much of what was learnt goes into the files; see `MiniAdapter.weakened`.

    Attributes:
        pairs: of the low-rank pairs.
        conditioning: of the way in for the step before's predictions.
    """

    pairs: float = 1.0
    conditioning: float = 1.0

    def __post_init__(self) -> None:
        require_share("strength of pairs", self.pairs)
        require_share("strength of conditioning", self.conditioning)


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
        others: how many tokens at random stand, in a batch, for all that do not occur in it; see `Share`.
        conditioning: width of the layer that takes the step before's predictions; 0: there is none.
        strength: of the adapter that is written.
    """

    manifests: tuple[str, ...]
    shapes: tuple[BatchShape, ...] = (BatchShape(10, 96, 256),)
    languages: tuple[str, ...] = ("en", "de", "fr", "es", "hi", "zh")
    sources: tuple[Source, ...] = ()
    distilled: tuple[str, ...] = ("en", "de", "fr", "es")
    most_errors: float = 0.2
    reuse: int = 1
    others: int = 4096
    conditioning: int = 512
    strength: Strength = Strength()

    def __post_init__(self) -> None:
        require(bool(self.manifests), "manifests is empty")
        require(bool(self.shapes), "shapes is empty")
        require(bool(self.languages), "languages is empty")
        require_share("most_errors", self.most_errors)
        require(self.reuse > 0, f"reuse is {self.reuse}")
        require(self.others > 0, f"others is {self.others}")
        require(self.conditioning >= 0, f"conditioning is {self.conditioning}")


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
        require(self.share > 0, f"share of {self.repository} is {self.share}")


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
        require(bool(self.sets or self.manifests), "it takes sets or manifests")
        require(min(self.clips, self.rank, self.projector_width) > 0, "sizes must be positive")
