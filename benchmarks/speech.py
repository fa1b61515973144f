"""Real human speech with transcripts, out of packages: pyannote's sample, and Asterisk's English prompts.

The prompts (CC-BY-SA 3.0, recorded by Allison Smith) are those of the evaluation room.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from diffasr_plugin.assets import cache_home
from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.loaders import SetOptions, open_sets

__all__ = ["SAMPLE_RATE", "Prompt", "asterisk_prompts", "glue", "pyannote_sample", "sample_transcript"]

SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Prompt:
    """One recorded sentence.

    Attributes:
        key: its name in the package.
        text: what is said.
        samples: float32 mono at 16 kHz, shape (n,).
        start_s, end_s: where it lies in a film made of several; its own length before that.
    """

    key: str
    text: str
    samples: NDArray[np.float32]
    start_s: float = 0.0
    end_s: float = 0.0


def asterisk_prompts(count: int) -> list[Prompt]:
    """The first `count` of the prompts that `diffasr evaluate asterisk-en` uses, in the order of their keys.

    What is left out, and why, stands in diffasr_plugin/evaluate/loaders/asterisk_lists/en.tsv.

    Raises:
        DatasetUnavailable: there is no apt-get to fetch Debian's packages with.
    """
    clips = open_sets(["asterisk-en"], SetOptions(cache_home() / "speech"))["asterisk-en"]
    return [Prompt(clip.audio.stem, clip.text, read_samples(clip)) for clip in clips[:count]]


def glue(prompts: list[Prompt], pause_s: float = 1.0) -> tuple[NDArray[np.float32], list[Prompt]]:
    """One sound of all prompts with pauses of digital silence, and the prompts with their places in it.

    A prompt's place is where its sound is above −45 dB of its own peak: recordings begin and end in silence.
    """
    parts: list[NDArray[np.float32]] = []
    placed = []
    at = 0
    pause = np.zeros(int(pause_s * SAMPLE_RATE), np.float32)
    for prompt in prompts:
        loud = np.flatnonzero(np.abs(prompt.samples) > np.abs(prompt.samples).max() * 10 ** (-45 / 20))
        start, end = (at + loud[0]) / SAMPLE_RATE, (at + loud[-1] + 1) / SAMPLE_RATE
        placed.append(Prompt(prompt.key, prompt.text, prompt.samples, float(start), float(end)))
        parts += [prompt.samples, pause]
        at += len(prompt.samples) + len(pause)
    return np.concatenate(parts), placed


def pyannote_sample() -> Path:
    """The conversation that comes with pyannote.audio: 30 s, two speakers, English."""
    return _of_pyannote("sample.wav")


def sample_transcript() -> list[tuple[float, float, str]]:
    """Its transcript as (start in s, end in s, text), in the order of the starts."""
    rows = (line.split(maxsplit=5) for line in _of_pyannote("sample.stm").read_text().splitlines())
    return sorted((float(start), float(end), text) for _, _, _, start, end, text in rows)


def _of_pyannote(name: str) -> Path:
    for file in files("pyannote.audio") or []:
        if file.as_posix() == f"pyannote/audio/sample/{name}":
            return Path(str(file.locate()))
    raise FileNotFoundError(f"the installed pyannote.audio has no sample/{name}")


def write_wav(path: Path, samples: NDArray[np.float32]) -> Path:
    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16")
    return path
