"""A foreign checkpoint and what is known of it -> a folder that loads strictly.

What nobody knows can be measured on transcribed clips; that loads the base model. See `calibrate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from .asr import InvalidAudio, InvalidOption, did_you_mean
from .audio_file import read_audio
from .checkpoint.disk import Checkpoint, open_checkpoint, save_checkpoint
from .config import Unknowns
from .features import WINDOW_S
from .frozen import FrozenModels

__all__ = ["ClipLine", "convert", "measure", "parse_answers", "read_clips"]


@dataclass(frozen=True)
class ClipLine:
    """A transcribed clip on the disk."""

    audio: Path
    text: str
    language: str | None = None


def convert(source: Path, folder: Path, models: FrozenModels, answers: Mapping[str, Any]) -> Checkpoint:
    """Check a checkpoint against its models and write it as a folder, with their revisions.

    Args:
        source: a foreign file, or a converted folder.
        folder: to write to.
        models: that it goes with.
        answers: to some of `Unknowns`.

    Raises:
        CheckpointError: it cannot be read, or does not fit.
    """
    opened = open_checkpoint(source, models.backbone, models.shape.width)
    unknowns = opened.config.unknowns.answered("given", **answers)
    config = replace(opened.config, unknowns=unknowns, base=models.base, encoder=models.encoder)
    converted = replace(opened, config=config)
    save_checkpoint(converted, folder)
    return converted


def measure(folder: Path, clips: list[ClipLine], device: str) -> list[str]:
    """Measure on clips what a converted folder only assumes, and write the answers into it.

    Returns:
        What was tried, a line each, the best first.

    Raises:
        ModelUnavailable, CheckpointError: the base model cannot be loaded.
        InvalidAudio: a clip cannot be read.
    """
    from .backends.diffusion_gemma.load import load_parts, plan_load
    from .backends.diffusion_gemma.spec import SPEC
    from .calibrate import Clip, calibrate

    heard = [Clip(_read_clip(clip.audio), clip.text, clip.language) for clip in clips]
    plan = plan_load(SPEC.check_options({"checkpoint": str(folder), "device": device}, "load"))
    unknowns, trials = calibrate(load_parts(plan, merge=False), heard)
    config = replace(plan.checkpoint.config, unknowns=unknowns)
    save_checkpoint(replace(plan.checkpoint, config=config), folder)
    return [
        f"{trial.loss} loss {trial.nats:.3f}: " + ", ".join(f"{k} {v}" for k, v in trial.answers.items())
        for trial in sorted(trials, key=lambda trial: (trial.loss, trial.nats))
    ]


def parse_answers(given: Mapping[str, str]) -> dict[str, Any]:
    """Answers typed as text, by the types of `Unknowns`.

    Raises:
        InvalidOption: no such setting, or a value that it does not take.
    """
    hints = get_type_hints(Unknowns)
    names = {f.name for f in fields(Unknowns)} - {"sources"}
    answers = {}
    for name, text in given.items():
        if name not in names:
            raise InvalidOption(name, f"no such setting; {did_you_mean(name, names)}")
        try:
            answers[name] = hints[name](text) if hints[name] in (int, float) else text
            Unknowns().answered("given", **{name: answers[name]})
        except ValueError as error:
            raise InvalidOption(name, str(error)) from error
    return answers


def read_clips(path: Path) -> list[ClipLine]:
    """Read a list of clips: sound file, text and language with tabs between, a clip a line.

    Sound files are sought beside the list.

    Raises:
        InvalidOption: a line without a text, or no lines.
    """
    clips = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        audio, _, rest = line.partition("\t")
        text, _, language = rest.partition("\t")
        if not text.strip():
            raise InvalidOption("clips", f"{path}, line {number}: write the sound file, a tab and the text")
        clips.append(ClipLine(path.parent / audio.strip(), text.strip(), language.strip() or None))
    if not clips:
        raise InvalidOption("clips", f"{path} names no clips")
    return clips


def _read_clip(path: Path) -> Any:  # noqa: ANN401
    samples = read_audio(path)
    if not 0 < len(samples) <= WINDOW_S * 16_000:
        seconds = len(samples) / 16_000
        raise InvalidAudio(f"{path} lasts {seconds:.1f} s: clips last up to {WINDOW_S:g} s", seconds)
    return samples
