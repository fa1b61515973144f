"""Real human speech with transcripts, out of packages: pyannote's sample, and Asterisk's English prompts.

The prompts (CC-BY-SA 3.0, recorded by Allison Smith) come from Debian's packages through apt-get, unpacked
into a folder and never installed.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from diffasr_plugin.assets import cache_home

__all__ = ["SAMPLE_RATE", "Prompt", "asterisk_prompts", "glue", "pyannote_sample", "sample_transcript"]

SAMPLE_RATE = 16_000
VOICE = "en_US_f_Allison"
PACKAGES = ("asterisk-core-sounds-en", "asterisk-core-sounds-en-g722")


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


def asterisk_prompts(count: int, min_words: int = 4, folder: Path | None = None) -> list[Prompt]:
    """The first `count` prompts of at least `min_words` words, in the order of their keys.

    Left out beforehand, for reasons that have nothing to do with any recogniser: lines that describe a sound
    in brackets, and lines whose recording is not in the package.

    Raises:
        FileNotFoundError: there is no apt-get to fetch Debian's packages with.
    """
    root = folder or _unpacked()
    lines = gzip.open(
        root / "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz", "rt", encoding="utf-8"
    )
    texts = dict(
        (part.strip() for part in line.split(":", 1)) for line in lines if ":" in line and line[0] != ";"
    )
    prompts = []
    for key, text in sorted(texts.items()):
        sound = root / "usr/share/asterisk/sounds" / VOICE / f"{key}.g722"
        if len(text.split()) >= min_words and "[" not in text and sound.exists():
            prompts.append(Prompt(key, text, _decode_g722(sound)))
        if len(prompts) == count:
            break
    return prompts


def _unpacked() -> Path:
    folder = cache_home() / "benchmarks" / "asterisk"
    if not folder.exists():
        if shutil.which("apt-get") is None:
            raise FileNotFoundError("the prompts come from Debian's packages, and there is no apt-get here")
        partial = folder.with_name("asterisk.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=partial, check=True)
        for package in partial.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, partial], check=True)
        partial.rename(folder)
    return folder


def _decode_g722(path: Path) -> NDArray[np.float32]:
    from subtitle_cli.media import find_ffmpeg

    command = [
        find_ffmpeg(),
        "-v",
        "error",
        "-f",
        "g722",
        "-i",
        path,
        "-f",
        "f32le",
        "-ac",
        "1",
        "-ar",
        "16000",
        "-",
    ]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32).copy()


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
