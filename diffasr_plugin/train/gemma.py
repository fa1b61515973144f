"""The flagship as a learner: projector and low-rank pairs between Whisper's encoder and DiffusionGemma.

Three losses: denoising, the causal encoder's next token, and CTC of the audio tokens, without which the first
two find no way in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..asr import SAMPLE_RATE
from ..backbone import Backbone
from ..checkpoint.disk import Checkpoint, save_checkpoint
from ..config import AdapterConfig, ModelRef, ProjectorConfig, ProjectorLayer, RecogniserConfig, Unknowns
from ..ctc import CtcHead
from ..diffusion.objective import autoregressive_loss, denoising_loss, restricted_ctc_loss
from ..features import WINDOW_S, log_mel
from ..frozen import read_models
from ..hub import fetch
from ..models.gemma import Context, Gemma, load_gemma
from ..models.gemma_training import (
    add_learning_adapter,
    checkpoint_decoder,
    following_logits,
    learnt_adapter,
)
from ..models.projector import Projector
from ..models.whisper_encoder import WhisperEncoder, load_whisper_encoder
from ..text import TextCodec, load_codec
from .learner import Canvases, Learner, Task, spoil
from .model_recipes import GemmaRecipe
from .recipe import Recipe
from .spoken import Spoken, mixed, shuffled_manifest, streamed

__all__ = ["GemmaBatch", "GemmaData", "GemmaLearner", "make_gemma", "new_config"]

_FILES = ("*.json", "*.safetensors", "*.jinja")


@dataclass(frozen=True, eq=False)
class GemmaBatch:
    """Clips, and what is to be written for them.

    Attributes:
        features: log-mel (b, mels, 3000).
        frames: int64 (b,), audio tokens that each clip lasts.
        prompts: int64 (b, t), with places for the audio tokens.
        clean: int64 (b, n), text, end, and what fills a canvas.
        lengths: int64 (b,), tokens of each text.
    """

    features: Tensor
    frames: Tensor
    prompts: Tensor
    clean: Tensor
    lengths: Tensor


class GemmaLearner(Learner):
    """Frozen encoder and language model; what learns is the projector and the pairs."""

    def __init__(
        self, encoder: WhisperEncoder, projector: Projector, gemma: Gemma, config: RecogniserConfig
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.projector = projector.requires_grad_(True)
        self.gemma = gemma
        self.config = config

    def train(self, mode: bool = True) -> GemmaLearner:
        """What is frozen stays as it is in use."""
        super().train(mode)
        self.encoder.eval()
        self.gemma.eval()
        return self

    def forward(self, batch: GemmaBatch, task: Task) -> dict[str, Tensor]:
        """
        1. Listen: audio tokens out of the features.
        2. CTC: each audio token read through the frozen output matrix.
        3. Read: prompts with the audio in them, into a context.
        4. Denoise: spoilt canvases, all tokens at once.
        5. Go on: the causal encoder's next token, the text given.
        """
        weights = task.weights
        losses: dict[str, Tensor] = {}
        # 1. Listen
        audio = self.projector(self.encoder(batch.features).float())
        # 2. CTC
        texts = batch.clean[:, : int(batch.lengths.max())]
        if weights.ctc:
            head = CtcHead(self.gemma.output_weights, self.config.unknowns.blank)
            losses["ctc"] = restricted_ctc_loss(audio, head, texts, batch.frames, batch.lengths)
        if not (weights.diffusion or weights.autoregressive):
            return losses
        # 3. Read
        embeds = self.gemma.embed(batch.prompts).clone()
        embeds[batch.prompts == self.config.prompt_ids.audio] = audio.flatten(0, 1).to(embeds.dtype)
        context = self.gemma.encode_context(embeds)
        # 4. Denoise
        if weights.diffusion:
            losses["diffusion"] = self._denoise(batch, context, task)
        # 5. Go on
        if weights.autoregressive:
            following = batch.clean[:, 1 : texts.shape[1] + 1]
            places = torch.arange(texts.shape[1], device=texts.device)
            losses["autoregressive"] = autoregressive_loss(
                following_logits(self.gemma, context, texts), following, places < batch.lengths[:, None]
            )
        return losses

    def _denoise(self, batch: GemmaBatch, context: Context, task: Task) -> Tensor:
        gemma, clean = self.gemma, batch.clean

        def denoise(canvas: Tensor, before: Tensor | None) -> Tensor:
            return gemma.denoise(canvas, context, None if before is None else before.to(gemma.dtype))

        used = torch.ones_like(clean, dtype=torch.bool)
        canvases = Canvases(clean, batch.lengths, used, _filler(self.config), gemma.backbone.vocab)
        generator = torch.Generator(clean.device).manual_seed(task.seed)
        return denoising_loss(denoise(*spoil(canvases, denoise, task.noise, generator)), clean)

    def export(self, folder: Path) -> None:
        adapter = learnt_adapter(self.gemma, self.config.adapter)
        projector = {name: weight.cpu() for name, weight in self.projector.state_dict().items()}
        save_checkpoint(Checkpoint(self.config, adapter, projector), folder)


class GemmaData:
    """Clips of a stream, in its order; batch n holds the n-th few of them.

    Args:
        clips: endless.
        codec: text to tokens.
        size: clips of a batch.
        mels: of the encoder.
        config: of the recogniser.
        device: where batches are wanted.
    """

    def __init__(
        self,
        clips: Iterator[Spoken],
        codec: TextCodec,
        config: RecogniserConfig,
        *,
        size: int,
        mels: int,
        device: torch.device,
    ) -> None:
        self._clips, self._codec, self._config = clips, codec, config
        self._size, self._mels, self._device = size, mels, device
        self._next = 0

    def batch(self, number: int) -> GemmaBatch:
        """See `Data`. What is skipped is not decoded."""
        assert number >= self._next, f"batch {number} is asked for after batch {self._next - 1}"
        for _ in range((number - self._next) * self._size):
            next(self._clips)
        self._next = number + 1
        return self.collate([next(self._clips) for _ in range(self._size)])

    def collate(self, clips: Sequence[Spoken]) -> GemmaBatch:
        """Clips as a batch; of sound beyond 30 s and of text beyond the canvas, the rest is left out."""
        samples = [clip.samples()[: int(WINDOW_S * SAMPLE_RATE)] for clip in clips]
        targets = [self._codec.target(clip.text) for clip in clips]
        prompts = [self._codec.prompt(clip.language) for clip in clips]
        longest = max(map(len, prompts))
        assert min(map(len, prompts)) == longest, "prompts of one form are equally long"
        count = self._config.projector.tokens(1500)
        share = count / WINDOW_S / SAMPLE_RATE
        frames = [min(count, max(1, round(len(one) * share))) for one in samples]
        return GemmaBatch(
            features=log_mel(samples, mels=self._mels, device=self._device),
            frames=torch.tensor(frames, device=self._device),
            prompts=torch.tensor(prompts, device=self._device),
            clean=torch.tensor(targets, device=self._device),
            lengths=torch.tensor([len(self._codec.trim(t)[0]) for t in targets], device=self._device),
        )


def make_gemma(recipe: Recipe, folder: Path, device: torch.device) -> tuple[GemmaLearner, GemmaData]:
    """Learner and data of a recipe; the frozen models are fetched.

    Args:
        folder: of the recipe: manifests are looked for from there.

    Raises:
        CheckpointError: the frozen models cannot be had.
        NoTrainingData: the sets cannot be had.
    """
    asked = recipe.gemma
    assert asked is not None, "a recipe for the flagship"
    models = read_models(ModelRef(asked.base), ModelRef(asked.encoder))
    dtype = torch.bfloat16 if recipe.precision == "bf16" and device.type == "cuda" else torch.float32
    base = fetch(models.base, _FILES).path
    encoder = load_whisper_encoder(fetch(models.encoder, _FILES).path, device=device, dtype=dtype)
    gemma = load_gemma(base, dtype=dtype, devices=[device])
    config = new_config(asked, models.backbone, models.shape.width, models.base, models.encoder)
    learner = make_learner(encoder, gemma, config, recipe)
    codec = load_codec(base, config, config.projector.tokens(models.shape.frames))
    streams = [streamed(one, recipe.seed) for one in asked.sets]
    streams += [shuffled_manifest(folder / manifest, recipe.seed) for manifest in asked.manifests]
    shares = [*(one.share for one in asked.sets), *(1.0 for _ in asked.manifests)]
    clips = mixed(streams, shares, recipe.seed)
    return learner, GemmaData(clips, codec, config, size=asked.clips, mels=models.shape.mels, device=device)


def make_learner(
    encoder: WhisperEncoder, gemma: Gemma, config: RecogniserConfig, recipe: Recipe
) -> GemmaLearner:
    """Frozen models with a new projector and new pairs beside them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        projector = Projector(config.projector, config.unknowns)
        _quieten(projector, gemma)
    add_learning_adapter(gemma, config.adapter, config.unknowns.alpha_ratio, recipe.seed)
    if recipe.gradient_checkpointing:
        checkpoint_decoder(gemma)
    return GemmaLearner(encoder, projector.to(gemma.device), gemma, config)


def new_config(
    recipe: GemmaRecipe, backbone: Backbone, width: int, base: ModelRef, encoder: ModelRef
) -> RecogniserConfig:
    """The configuration of a recogniser that is yet to be trained, in the published one's form."""
    inner = recipe.projector_width
    convolution = ProjectorLayer("conv", inner, inner, kernel=3, stride=2)
    ends = ProjectorLayer("linear", width, inner), ProjectorLayer("linear", inner, backbone.hidden)
    return RecogniserConfig(
        projector=ProjectorConfig((ends[0], convolution, convolution, convolution, ends[1])),
        adapter=AdapterConfig(recipe.rank, backbone.attention_targets()),
        unknowns=_decided(),
        base=base,
        encoder=encoder,
        prompt_ids=recipe.prompt_ids,
        eos=recipe.eos,
    )


def _decided() -> Unknowns:
    """The usual answers to all that a foreign checkpoint would leave open: who trains knows them."""
    answers = asdict(Unknowns())
    del answers["sources"]
    return Unknowns().answered("given", **answers)


def _quieten(projector: Projector, gemma: Gemma) -> None:
    """Let the first audio tokens be about as large as embeddings of text are."""
    last = projector.layers[-1]
    assert isinstance(last, nn.Linear), "a projector ends with a linear layer"
    with torch.no_grad():
        size = gemma.embed(torch.arange(8, device=gemma.device)).float().std()
        last.weight.normal_(0.0, float(size) / last.in_features**0.5)


def _filler(config: RecogniserConfig) -> int:
    return config.eos[0] if config.unknowns.fill == "eos" else config.pad
