"""The embedded recogniser as a learner: an adapter beside its frozen backbone, and windows to learn from.

All samples are on the device. A batch is cut out of them, spoilt, and listened to there, so that the loop
never waits for a disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from ..backends.diffusion_mini.codec import MiniCodec
from ..backends.diffusion_mini.ear import spelled
from ..backends.diffusion_mini.load import LoadedMini
from ..backends.diffusion_mini.load import load as load_mini
from ..backends.diffusion_mini.spec import DATA
from ..ctc import CtcHead, read_frames
from ..diffusion.objective import ctc_loss, denoising_loss, distillation_loss
from ..mini.adapter_file import CONFIG_FILE, load_adapter, save_adapter
from ..mini.units import Units
from ..models.float_products import in_floats
from ..models.log_mel import log_mel
from ..models.mini import MiniEncoder
from ..models.mini_adapter import MiniAdapter, MiniAdapterConfig, MiniContext, MiniDenoiser, Share
from .augment import AugmentConfig, augment, hide
from .learner import Canvases, Learner, Task, spoil
from .model_recipes import MiniRecipe
from .store import Store, StoredClip, read_store
from .teacher import greedy_texts, is_near
from .windows import assemble, draw_plan

__all__ = ["MiniBatch", "MiniData", "MiniLearner", "load_backbone", "make_mini", "write_texts"]

_LOG = logging.getLogger(__name__)

_AFTER_END = 0.1
"""How much a place after the end of a text counts: they are many, and easy."""


@dataclass(frozen=True, eq=False)
class MiniBatch:
    """Windows that were listened to, and what is to be written for them.

    Attributes:
        states: of the encoder, (b, frames, width), of spoilt sound.
        hear_clean: gives the states of the same sound as it was.
        prompts: int64 (b, 4).
        clean: int64 (b, n) tokens, filled up with the end.
        lengths: int64 (b,) of the texts.
        used: how many places each row's canvas has.
        units, unit_lengths: int64 (b, l) and (b,), for the CTC reader.
        distilled: bool (b,), rows whose text is the backbone's own.
    """

    states: Tensor
    hear_clean: Callable[[], Tensor]
    prompts: Tensor
    clean: Tensor
    lengths: Tensor
    used: tuple[int, ...]
    units: Tensor
    unit_lengths: Tensor
    distilled: Tensor

    @cached_property
    def clean_states(self) -> Tensor:
        """Encoder states of the sound as it was; computed when they are first asked for."""
        return self.hear_clean()


_OF_SOUND = 1 << 39
"""Added to the seeds of damage to sound: those below it are of the loop's tasks."""


class MiniLearner(Learner):
    """A frozen decoder with the adapter that learns.

    Args:
        recipe: for `others` and `strength`.
    """

    def __init__(self, model: MiniDenoiser, units: Units, codec: MiniCodec, recipe: MiniRecipe) -> None:
        super().__init__()
        self.model = model
        self._units, self._codec, self._recipe = units, codec, recipe

    def forward(self, batch: MiniBatch, task: Task) -> dict[str, Tensor]:
        losses: dict[str, Tensor] = {}
        if task.weights.diffusion or task.weights.distillation:
            losses |= self._denoise(batch, task)
        if task.weights.ctc:
            generator = torch.Generator(batch.states.device).manual_seed(task.seed)
            log_probs = self.model.ctc(hide(batch.states, generator)).float().log_softmax(dim=-1)
            frames = torch.full_like(batch.unit_lengths, log_probs.shape[1])
            losses["ctc"] = ctc_loss(log_probs, batch.units, frames, batch.unit_lengths)
        return losses

    def export(self, folder: Path) -> None:
        kept = self._recipe.strength
        save_adapter(self.model.adapter.weakened(kept.pairs, kept.conditioning), folder)

    def exported(self, folder: Path) -> dict[str, Tensor] | None:
        if not (folder / CONFIG_FILE).is_file():
            return None
        adapter = load_adapter(folder)
        return {f"model.adapter.{name}": weights for name, weights in adapter.state_dict().items()}

    def _denoise(self, batch: MiniBatch, task: Task) -> dict[str, Tensor]:
        model, clean = self.model, batch.clean
        generator = torch.Generator(clean.device).manual_seed(task.seed)
        among = Share.drawn(clean, self._recipe.others, model.adapter.config.vocabulary, generator)
        with torch.no_grad():
            context = MiniContext(batch.prompts, model.decoder.listen(batch.states))

        def denoise(canvas: Tensor, before: Tensor | None) -> Tensor:
            return model.denoise(canvas, context, before, batch.used, among)

        canvases = self._canvases(batch, task, among)
        logits = denoise(*spoil(canvases, denoise, task.noise, generator))
        text = torch.arange(clean.shape[1], device=clean.device) <= batch.lengths[:, None]  # the end included
        weights = torch.where(text, 1.0, _AFTER_END) * canvases.used
        losses = {"diffusion": denoising_loss(logits, among.places(clean), weights)}
        if task.weights.distillation:
            with torch.no_grad():
                clean_heard = model.decoder.listen(batch.clean_states)
                teacher = model.causal(clean, batch.prompts, clean_heard, among)[:, :-1]
            losses["distillation"] = distillation_loss(logits, teacher, text & batch.distilled[:, None])
        return losses

    def _canvases(self, batch: MiniBatch, task: Task, among: Share) -> Canvases:
        clean = batch.clean
        places = torch.arange(clean.shape[1], device=clean.device)
        used = places < torch.tensor(batch.used, device=clean.device)[:, None]
        heard = self._heard(batch) if task.noise.heard else None
        vocabulary = self.model.adapter.config.vocabulary
        return Canvases(clean, batch.lengths, used, self._codec.end, vocabulary, heard, among.ids)

    @torch.no_grad()
    def _heard(self, batch: MiniBatch) -> Tensor:
        """What the CTC reader hears, in the decoder's tokens: int64 (b, n), filled up with the end."""
        reader, width = self.model.adapter.reader, batch.clean.shape[1]
        frames = read_frames(reader(batch.states), CtcHead(reader.units))
        texts = spelled(frames, torch.full_like(batch.lengths, frames.best.shape[1]), self._units)
        ids = [self._codec.encode(text)[: width - 1] for text in texts]
        return _rows(ids, width, self._codec.end, batch.clean.device)


class MiniData:
    """Windows of synthetic speech, by their numbers.

    Args:
        store: clips with tokens and units.
        backbone: in floats.
        recipe: what to draw.
        seed: of all that is drawn.
    """

    def __init__(self, store: Store, backbone: LoadedMini, recipe: MiniRecipe, seed: int) -> None:
        self._store, self._encoder, self._codec = store, backbone.encoder, backbone.codec
        self._recipe, self._seed = recipe, seed
        self._processes = _place_among_processes()[1]
        self._last: tuple[int, MiniBatch] | None = None

    def batch(self, number: int) -> MiniBatch:
        """See `Data`: some numbers of a process in a row have the same windows."""
        turn, rank = divmod(number, self._processes)
        number = turn // self._recipe.reuse * self._processes + rank
        if self._last is None or self._last[0] != number:
            self._last = number, self._make(number)
        return self._last[1]

    @torch.no_grad()
    def _make(self, number: int) -> MiniBatch:
        recipe, codec, device = self._recipe, self._codec, self._store.audio.device
        plan = draw_plan(self._store, recipe, f"{self._seed} {number}")
        samples = assemble(plan, self._store.audio)
        generator = torch.Generator(device).manual_seed((self._seed << 40) + _OF_SOUND + number)
        spoilt = augment(samples, generator, AugmentConfig())
        texts, units = ([getattr(w, part) for w in plan.windows] for part in ("ids", "units"))
        return MiniBatch(
            states=listen(self._encoder, spoilt),
            hear_clean=partial(listen, self._encoder, samples),
            prompts=torch.tensor([codec.prompt(window.language) for window in plan.windows], device=device),
            clean=_rows(texts, plan.shape.canvas, codec.end, device),
            lengths=torch.tensor([len(ids) for ids in texts], device=device),
            used=plan.used,
            units=_rows(units, max(1, *map(len, units)), 0, device),
            unit_lengths=torch.tensor([len(row) for row in units], device=device),
            distilled=torch.tensor([window.distilled for window in plan.windows], device=device),
        )


def listen(encoder: MiniEncoder, samples: Tensor) -> Tensor:
    """Samples (b, 16000 · s) -> states (b, 50 · s, width), in the type of the encoder's products."""
    states: Tensor = encoder(log_mel(samples, samples.shape[1] / 16_000))
    return states.to(encoder.first.weights().dtype)


def make_mini(
    recipe: MiniRecipe, folder: Path, seed: int, device: torch.device
) -> tuple[MiniLearner, MiniData]:
    """Learner and data of a recipe.

    Args:
        folder: of the recipe: manifests are looked for from there.

    Raises:
        NoTrainingData: no recording fits the recipe.
    """
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    backbone = load_backbone(device, dtype)
    longest_s = max(shape.window_s for shape in recipe.shapes) - 1.0
    found = [path for pattern in recipe.manifests for path in sorted(folder.glob(pattern))]
    manifests = [path for path in found if path.stat().st_size]  # a shard may have come out empty
    store = read_store(manifests, recipe.languages, longest_s, device)
    units = Units.read()
    store = write_texts(store, backbone, units, recipe)
    _LOG.info("%s", store.told())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = MiniAdapterConfig(len(units), backbone.codec.size, conditioning=recipe.conditioning)
        adapter = MiniAdapter(sizes)
    learner = MiniLearner(MiniDenoiser(backbone.decoder, adapter), units, backbone.codec, recipe)
    return learner, MiniData(store, backbone, recipe, seed)


def load_backbone(device: torch.device, dtype: torch.dtype) -> LoadedMini:
    """The embedded recogniser with its products in floats."""
    loaded = load_mini(DATA, device)
    in_floats(loaded.encoder, dtype)
    in_floats(loaded.decoder, dtype)
    return loaded


def write_texts(store: Store, backbone: LoadedMini, units: Units, recipe: MiniRecipe) -> Store:
    """Give each clip its tokens and units: the backbone's own text where that is near what was said."""
    codec = backbone.codec
    clips = [
        clip.written(clip.text, codec.encode(clip.text), units.encode(clip.text), distilled=False)
        for clip in store.clips
    ]
    places = [place for place, clip in enumerate(clips) if clip.language in recipe.distilled]
    chosen = [clips[place] for place in places]

    def encode(samples: Tensor) -> Tensor:
        return listen(backbone.encoder, samples)

    rank, processes = _place_among_processes()
    own = range(rank, len(chosen), processes)
    found = greedy_texts(store, [chosen[index] for index in own], encode, backbone.decoder, codec)
    near = 0
    for index, ids in _of_all_processes([(own[place], ids) for place, ids in found]):
        text = backbone.vocabulary.text(ids).strip()
        clip = chosen[index]
        if is_near(text, clip.text, recipe.most_errors):
            clips[places[index]] = clip.written(text, ids, units.encode(text), distilled=True)
            near += 1
    _LOG.info("the backbone's own text is near for %d of %d clips", near, len(chosen))
    return store.with_clips(_readable(clips))


def _place_among_processes() -> tuple[int, int]:
    if not (dist.is_available() and dist.is_initialized()):
        return 0, 1
    return dist.get_rank(), dist.get_world_size()


def _of_all_processes(found: list[tuple[int, list[int]]]) -> list[tuple[int, list[int]]]:
    """What each process found, one process's after the other's."""
    _, processes = _place_among_processes()
    if processes == 1:
        return found
    parts: list[Any] = [None] * processes
    dist.all_gather_object(parts, found)
    return [each for part in parts for each in part]


def _readable(clips: Sequence[StoredClip]) -> list[StoredClip]:
    """Clips with something to write, and time enough to say it."""
    frames_a_sample = 25 / 16_000
    return [c for c in clips if c.ids and 0 < len(c.units) < c.samples * frames_a_sample]


def _rows(rows: Sequence[Sequence[int]], width: int, fill: int, device: torch.device) -> Tensor:
    """int64 (b, width)."""
    filled = [[*row, *[fill] * (width - len(row))] for row in rows]
    return torch.tensor(filled, dtype=torch.int64, device=device)
