"""Sentences and synthesisers -> shards of speech with a manifest each, made by many processes at once.

A shard is a 16-bit WAV file of some clips one after the other, and a manifest (as `evaluate.manifest` reads)
beside it. Both appear whole or not at all; a run that was stopped goes on where it was. What a shard holds
hangs on the plan and its number alone, not on who makes it, or when.
"""

from __future__ import annotations

import os
import random
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ...asr import SAMPLE_RATE
from ...evaluate.manifest import Clip, read_manifest, write_manifest
from .engine import Engine, Manner, Samples
from .errors import EngineMissing, SynthesisFailed
from .espeak import Espeak
from .held_out import held_out
from .kokoro import Kokoro
from .pico import Pico
from .piper import Piper

__all__ = [
    "CLIPS_A_SHARD",
    "ENGINES",
    "Plan",
    "Progress",
    "Shard",
    "available",
    "make",
    "make_shard",
    "shards",
]

ENGINES: Mapping[str, Callable[[Path | None], Engine]] = {
    "pico": Pico,
    "espeak-ng": Espeak,
    "piper": Piper,
    "kokoro": Kokoro,
}

CLIPS_A_SHARD = 64

_SPEEDS = {"espeak-ng": (0.8, 1.25), "pico": (0.8, 1.3), "piper": (0.85, 1.25), "kokoro": (0.8, 1.25)}
_TRACTS = {"espeak-ng": (0.85, 1.15), "pico": (0.85, 1.2), "piper": (0.87, 1.15), "kokoro": (0.94, 1.06)}
_PITCHES = (0.75, 1.35)
_LEAST_S, _MOST_S = 0.4, 25.0

Progress = Callable[[int, int, float], None]
"""Told of shards done, shards in all, and seconds of speech made so far."""


@dataclass(frozen=True)
class Plan:
    """What is to be said.

    Attributes:
        texts: sentences of each language.
        engines: names of synthesisers.
        clips: of each synthesiser and language that go together.
        seed: of all choices.
        validation: say what is held out, in voices that are held out (where any are), without warps; else
            all but that.
        folder: where unpacked synthesisers are; None: they are installed.
    """

    texts: Mapping[str, Sequence[str]]
    engines: tuple[str, ...]
    clips: int
    seed: int = 0
    validation: bool = False
    folder: Path | None = None


@dataclass(frozen=True)
class Shard:
    """A part of a plan: some clips of one synthesiser in one language."""

    engine: str
    language: str
    number: int
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.engine}-{self.language}-{self.number:05}"


def available(names: Sequence[str], folder: Path | None) -> tuple[dict[str, Engine], list[EngineMissing]]:
    """The synthesisers that can run here, and what the others lack."""
    found: dict[str, Engine] = {}
    missing = []
    for name in names:
        try:
            found[name] = ENGINES[name](folder)
        except EngineMissing as error:
            missing.append(error)
    return found, missing


def shards(plan: Plan, engines: Mapping[str, Engine]) -> list[Shard]:
    """All parts of a plan, synthesisers and languages in turns, so that any beginning of it is a mixture."""
    rows = [
        list(_shards_of(plan, name, language))
        for name in plan.engines
        if name in engines
        for language in plan.texts
        if _voices(plan, name, engines[name], language)
    ]
    longest = max(map(len, rows), default=0)
    return [row[turn] for turn in range(longest) for row in rows if turn < len(row)]


def make(
    plan: Plan, todo: Sequence[Shard], out: Path, processes: int, seconds: float, tell: Progress | None = None
) -> Path:
    """Make shards until all are there or the time is over; gives the manifest of all that there are.

    A sentence that a synthesiser cannot say is left out.
    """
    out.mkdir(parents=True, exist_ok=True)
    left = [shard for shard in todo if not _manifest(out, shard).is_file()]
    done, made_s, end = len(todo) - len(left), 0.0, time.monotonic() + seconds
    queue = iter(left)
    light = replace(plan, texts={})  # it travels to other processes with each shard
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running: set[Future[float]] = set()
        while True:
            while time.monotonic() < end and len(running) < 2 * processes and (shard := next(queue, None)):
                running.add(pool.submit(make_shard, light, shard, out))
            if not running:
                break
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            made_s += sum(future.result() for future in finished)
            done += len(finished)
            if tell is not None:
                tell(done, len(todo), made_s)
    return _join(out)


def make_shard(plan: Plan, shard: Shard, out: Path) -> float:
    """Make one shard; gives its seconds of speech."""
    if shard.engine not in _engines:
        _engines[shard.engine] = ENGINES[shard.engine](plan.folder)
    engine = _engines[shard.engine]
    voices = _voices(plan, shard.engine, engine, shard.language)
    random_ = random.Random(f"{plan.seed} {shard.name}")
    sound: list[Samples] = []
    clips: list[Clip] = []
    file, length = out / f"{shard.name}.wav", 0
    for text in shard.texts:
        voice, manner = random_.choice(voices), _manner(plan, shard.engine, random_)
        try:
            samples = engine.say(text, shard.language, voice, manner)
        except SynthesisFailed:
            continue
        if not _LEAST_S <= len(samples) / SAMPLE_RATE <= _MOST_S:
            continue
        start_s, end_s = length / SAMPLE_RATE, (length + len(samples)) / SAMPLE_RATE
        clips.append(Clip(file, text, shard.language, f"{shard.engine}:{voice}", start_s, end_s))
        sound.append(samples)
        length += len(samples)
    _write_wave(file, sound)
    write_manifest(_manifest(out, shard), clips)  # last: it says that the shard is done
    return length / SAMPLE_RATE


_engines: dict[str, Engine] = {}
"""Of this process."""


def _shards_of(plan: Plan, name: str, language: str) -> Iterator[Shard]:
    held = held_out()
    texts = [text for text in plan.texts[language] if held.has_text(text) == plan.validation]
    random.Random(f"{plan.seed} {name} {language}").shuffle(texts)
    for number in range(-(-plan.clips // CLIPS_A_SHARD) if texts else 0):
        first = number * CLIPS_A_SHARD
        size = min(CLIPS_A_SHARD, plan.clips - first)
        chosen = tuple(texts[place % len(texts)] for place in range(first, first + size))
        yield Shard(name, language, number, chosen)


def _voices(plan: Plan, name: str, engine: Engine, language: str) -> list[str]:
    """Those to train on, or those for validation: of a synthesiser that holds none out, none."""
    held = held_out()
    voices = [voice for voice in engine.voices(language) if held.has_voice(name, voice) == plan.validation]
    # For validation the voices are to be what they are: none mixed.
    return [voice for voice in voices if "+" not in voice or name != "kokoro"] if plan.validation else voices


def _manner(plan: Plan, engine: str, random_: random.Random) -> Manner:
    if plan.validation:
        return Manner()
    speed = random_.uniform(*_SPEEDS[engine])
    tract = random_.uniform(*_TRACTS[engine]) if random_.random() < 0.75 else 1.0
    return Manner(speed, random_.uniform(*_PITCHES), tract)


def _manifest(out: Path, shard: Shard) -> Path:
    return out / f"{shard.name}.jsonl"


def _write_wave(file: Path, sound: Sequence[Samples]) -> None:
    samples = np.concatenate([*sound, np.zeros(0, np.float32)])
    partial = file.with_name(f"{file.name}.partial")
    with wave.open(str(partial), "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        out.writeframes(np.rint(samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    os.replace(partial, file)


def _join(out: Path) -> Path:
    """One manifest of all shards that are done."""
    parts = [file for file in sorted(out.glob("*-*-*.jsonl")) if file.stat().st_size]
    return write_manifest(out / "manifest.jsonl", [clip for part in parts for clip in read_manifest(part)])
