"""DER of the built-in diarization, collar 0, overlaps counted: `python -m benchmarks.diarization [--tune]`.

On pyannote.audio's sample, and on the recordings of its own tests out of its source distribution (30 s
each; fetched by pip). Only the training files trn00-trn09 may be tuned on: `--tune` prints their DER for a
range of clustering thresholds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import time
import unicodedata
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from benchmarks.speech import SAMPLE_RATE, pyannote_sample
from diffasr_plugin.assets import cache_home
from diffasr_plugin.compat import repair_torchaudio

repair_torchaudio()

from pyannote.core import Annotation, Segment, Timeline  # noqa: E402
from pyannote.database.util import load_rttm  # noqa: E402
from pyannote.metrics.diarization import DiarizationErrorRate  # noqa: E402

from subtitle_cli.diarization.pipelines import PARAMETERS, load_pipeline  # noqa: E402

HELD_OUT = ("sample", "dev00", "dev01")
TRAINING = tuple(f"trn{number:02d}" for number in range(10))
THRESHOLDS = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tune", action="store_true", help="try thresholds on the training files")
    given = parser.parse_args()
    folder = fetch_recordings()
    pipeline = load_pipeline(None)
    if given.tune:
        for threshold in THRESHOLDS:
            pipeline.instantiate(
                {**PARAMETERS, "clustering": {**PARAMETERS["clustering"], "threshold": threshold}}
            )
            print(
                f"threshold {threshold:.2f}: DER {total_rate(pipeline, folder, TRAINING):.3f} on trn00-trn09"
            )
        return
    for name in HELD_OUT:
        begun_s = time.monotonic()
        rate = total_rate(pipeline, folder, [name])
        print(f"{name}: DER {rate:.3f} ({30 / (time.monotonic() - begun_s):.1f}x real time)")


def total_rate(pipeline: Any, folder: Path, names: Iterable[str]) -> float:  # noqa: ANN401
    """DER over all files together."""
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    references = read_references(folder)
    for name in names:
        samples = read_recording(folder, name)
        film = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
        whole = Timeline([Segment(0, len(samples) / SAMPLE_RATE)])
        metric(references[name], pipeline(film).speaker_diarization, uem=whole)
    return float(abs(metric))


def fetch_recordings() -> Path:
    """The folder `tests/data` of pyannote.audio's source distribution, in the installed version."""
    target = cache_home() / "benchmarks" / f"pyannote-{version('pyannote.audio')}"
    if not target.exists():
        partial = target.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        wanted = f"pyannote.audio=={version('pyannote.audio')}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        # --no-build-isolation would still run its build; only the archive itself is wanted.
        subprocess.run([*command, "--dest", partial, wanted], check=True)
        [archive] = partial.glob("*.tar.gz")
        with tarfile.open(archive) as source:
            source.extractall(partial, filter="data")
        partial.rename(target)
    [data] = target.glob("*/tests/data")
    return data


def read_references(folder: Path) -> dict[str, Annotation]:
    references = dict(load_rttm(pyannote_sample().with_suffix(".rttm")))
    for part in ("development", "train"):
        references.update(load_rttm(folder / f"debug.{part}.rttm"))
    return references


def read_recording(folder: Path, name: str) -> NDArray[np.float32]:
    """Mono samples; one recording's file name has accents that its reference lacks."""
    if name == "sample":
        path = pyannote_sample()
    else:
        [path] = [file for file in folder.glob("*.wav") if _plain(file.stem) == name]
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == SAMPLE_RATE, rate
    return np.ascontiguousarray(samples.mean(axis=1))


def _plain(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if ord(sign) < 128)


if __name__ == "__main__":
    main()
