"""Libraries of short films whose subtitles are known, and `diffsub` run over them in processes of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

SCRIPTED = Path(__file__).parent / "scripted_distribution"
ROOT = Path(__file__).parents[2]
RATE = 16_000
PLAIN = ("--lang", "en", "--no-diarize", "--backend", "scripted", "--executor", "scripted", "-q")


def make_library(folder: Path, films: int, seconds: float = 9.0, seed: int = 0) -> Path:
    """Sound files with noise of their own, some of them in folders below."""
    generator = np.random.default_rng(seed)
    for number in range(films):
        place = folder / ("" if number % 3 else f"series {number % 2}")
        place.mkdir(parents=True, exist_ok=True)
        length = int((seconds + number % 4) * RATE)
        soundfile.write(place / f"film{number:03}.wav", generator.uniform(-0.5, 0.5, length), RATE)
    return folder


def command(library: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "subtitle_cli", str(library), "-r", *PLAIN, *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(SCRIPTED), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **more}


def caption(library: Path, *words: str, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(library, *words), capture_output=True, text=True, env=environment(**more), timeout=240
    )


def subtitles(library: Path) -> dict[str, bytes]:
    """All subtitle files by their place in the library."""
    return {str(file.relative_to(library)): file.read_bytes() for file in sorted(library.rglob("*.srt"))}


def heard(log: Path) -> list[str]:
    """The sums over samples that the scripted recogniser noted, in the order of recognition."""
    return [line.split()[2] for line in log.read_text().splitlines()] if log.exists() else []
