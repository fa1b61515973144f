"""The number of a batch -> which clips stand where in its windows, and those windows' samples.

Several sentences share a window, with pauses between them; a few windows hold none. What is drawn hangs on
the seed and the number alone. Knows no model and no text but the number of tokens.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..asr import SAMPLE_RATE
from .model_recipes import BatchShape, MiniRecipe
from .store import Store, StoredClip

__all__ = ["Plan", "Window", "assemble", "draw_plan"]

_SILENCE_S = 1.0
"""After the speech there is at least this much, as in the recogniser's own windows."""

_EMPTY = 0.02
"""Chance of a window in which nobody speaks."""

_SENTENCES = (1, 1, 1, 1, 2, 2, 3, 8)
"""How many a window is to hold, if they fit; each as likely."""


@dataclass(frozen=True)
class Window:
    """Clips of one language, each with the sample at which it begins."""

    language: str
    clips: tuple[StoredClip, ...]
    begins: tuple[int, ...]

    @property
    def ids(self) -> list[int]:
        return [id_ for clip in self.clips for id_ in clip.ids]

    @property
    def units(self) -> list[int]:
        return [unit for clip in self.clips for unit in clip.units]

    @property
    def distilled(self) -> bool:
        return bool(self.clips) and all(clip.distilled for clip in self.clips)


@dataclass(frozen=True)
class Plan:
    """A batch to be made.

    Attributes:
        used: how many places of its canvas each window uses.
    """

    shape: BatchShape
    windows: tuple[Window, ...]
    used: tuple[int, ...]


def draw_plan(store: Store, recipe: MiniRecipe, seed: str) -> Plan:
    """Draw a batch from clips with their tokens; `seed` is of this batch alone."""
    dice = random.Random(seed)
    (shape,) = dice.choices(recipe.shapes, [shape.share for shape in recipe.shapes])
    shares = {source.name: source.share for source in recipe.sources}
    spoken = [language for language in recipe.languages if language in store.by_language]
    windows = []
    for _ in range(shape.windows):
        language = dice.choice(spoken)
        sources = store.by_language[language]
        (source,) = dice.choices(list(sources), [shares.get(name, 1.0) for name in sources])
        window = Window(language, (), ())
        if dice.random() >= _EMPTY:
            window = _window(sources[source], language, shape, dice)
        windows.append(window)
    used = [min(len(window.ids) + 1 + dice.randint(4, 36), shape.canvas) for window in windows]
    return Plan(shape, tuple(windows), tuple(used))


def _window(clips: Sequence[StoredClip], language: str, shape: BatchShape, dice: random.Random) -> Window:
    """Clips one after the other, as many as are wanted and fit."""
    end = int((shape.window_s - _SILENCE_S) * SAMPLE_RATE)
    at = int(dice.choice((0.0, dice.uniform(0, 0.8))) * SAMPLE_RATE)
    chosen: list[StoredClip] = []
    begins: list[int] = []
    room = shape.canvas - 1  # for the token that ends the text
    for _ in range(max(dice.choice(_SENTENCES), shape.window_s // 10)):
        clip = dice.choice(clips)
        if at + clip.samples > end or len(clip.ids) > room:
            continue
        chosen.append(clip)
        begins.append(at)
        room -= len(clip.ids)
        at += clip.samples + int(dice.uniform(0.0, 0.7) * SAMPLE_RATE)
    return Window(language, tuple(chosen), tuple(begins))


def assemble(plan: Plan, audio: Tensor) -> Tensor:
    """The windows' samples, float32 (b, 16000 · window_s), out of the store's int16 audio."""
    size = plan.shape.window_s * SAMPLE_RATE
    most = max(1, max(len(window.clips) for window in plan.windows))
    table = torch.zeros(3, len(plan.windows), most, dtype=torch.int64)  # where from, where to, how many
    for row, window in enumerate(plan.windows):
        for column, (clip, begin) in enumerate(zip(window.clips, window.begins, strict=True)):
            table[:, row, column] = torch.tensor((clip.start, begin, clip.samples))
    starts, begins, lengths = table.to(audio.device)
    times = torch.arange(size, device=audio.device)
    source = torch.full((len(plan.windows), size), -1, device=audio.device)
    for column in range(most):
        begin, length, start = (part[:, column, None] for part in (begins, lengths, starts))
        inside = (times >= begin) & (times < begin + length)
        source = torch.where(inside, start - begin + times, source)
    return audio[source.clamp(min=0)].float().mul_(source >= 0) / 32768
