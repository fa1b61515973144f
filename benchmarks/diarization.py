"""DER of the built-in diarization, collar 0, overlaps counted: `python -m benchmarks.diarization [--tune]`.

On pyannote.audio's sample, and on the recordings of its own tests out of its source distribution (30 s
each; fetched by pip, or --recordings FOLDER). Only the training files trn00-trn09 may be tuned on: `--tune`
prints what was tried on them:

    clustering   DER for each threshold
    first look   detection cost of `find_speech` for each pair of thresholds
    second look  detection cost of the diarization for each pair, on the files as they are and with parts of
                 them 35 dB fainter

The detection cost is NIST's: 0.75 x speech missed + 0.25 x false alarms, each as a share of its kind.
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
from itertools import product
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.speech import SAMPLE_RATE, pyannote_sample
from diffasr_plugin.assets import cache_home
from diffasr_plugin.compat import repair_torchaudio

repair_torchaudio()

from pyannote.core import Annotation, Segment, Timeline  # noqa: E402
from pyannote.database.util import load_rttm  # noqa: E402
from pyannote.metrics.detection import DetectionCostFunction  # noqa: E402
from pyannote.metrics.diarization import DiarizationErrorRate  # noqa: E402

from subtitle_cli.diarization import DiarizationOptions  # noqa: E402
from subtitle_cli.diarization.pipelines import PARAMETERS, load_pipeline  # noqa: E402
from subtitle_cli.diarization.quiet import SECOND_LOOK, find_quiet_speech  # noqa: E402
from subtitle_cli.diarization.segmentation import (  # noqa: E402
    FIRST_LOOK,
    Sensitivity,
    Stretch,
    speech_scores,
    stretches_above,
)
from subtitle_cli.diarization.turns import find_turns  # noqa: E402
from subtitle_cli.types import Turn  # noqa: E402

Samples = NDArray[np.float32]

HELD_OUT = ("sample", "dev00", "dev01", "tst00", "tst01")
TRAINING = tuple(f"trn{number:02d}" for number in range(10))
THRESHOLDS = (0.65, 0.7, 0.75, 0.8, 0.83, 0.85, 0.87, 0.9, 0.93, 0.95, 1.0)
FIRST_LOOKS = tuple(product((0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6), (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)))
SECOND_LOOKS = tuple(product((0.5, 0.6, 0.7, 0.8, 0.9, 0.95), (0.1, 0.2, 0.3, 0.5)))
FAINT_DB = -35.0
FAINT_SPANS_S = (((15, 30),), ((10, 20),), ((7.5, 15), (22.5, 30)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tune", action="store_true", help="try thresholds on the training files")
    parser.add_argument("--recordings", type=Path, help="tests/data of pyannote.audio's source distribution")
    given = parser.parse_args()
    folder = given.recordings or fetch_recordings()
    references = read_references(folder)
    if given.tune:
        training = {name: read_recording(folder, name) for name in TRAINING}
        tune_clustering(training, references)
        tune_first_look(training, references)
        tune_second_look(training, references)
        return
    for name in (*HELD_OUT, *TRAINING):
        samples = read_recording(folder, name)
        begun_s = time.monotonic()
        turns = find_turns(samples, load_pipeline(None), DiarizationOptions())
        speed = len(samples) / SAMPLE_RATE / (time.monotonic() - begun_s)
        rates = [error_rate(references[name], way, samples) for way in (turns.overlapping, turns.exclusive)]
        print(f"{name:8} DER {rates[0]:.3f}  exclusive turns {rates[1]:.3f}  {speed:5.1f} x real time")


def tune_clustering(training: dict[str, Samples], references: dict[str, Annotation]) -> None:
    pipeline = load_pipeline(None)
    for threshold in THRESHOLDS:
        clustering = {**PARAMETERS["clustering"], "threshold": threshold}
        pipeline.instantiate({**PARAMETERS, "clustering": clustering})
        metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
        for name, samples in training.items():
            turns = find_turns(samples, pipeline, DiarizationOptions()).overlapping
            metric(references[name], annotation_of(turns), uem=whole(samples))
        print(f"clustering   threshold {threshold:.2f}: DER {abs(metric):.4f}", flush=True)
    pipeline.instantiate(PARAMETERS)


def tune_first_look(training: dict[str, Samples], references: dict[str, Annotation]) -> None:
    scores = {name: speech_scores(samples) for name, samples in training.items()}
    for onset, offset in FIRST_LOOKS:
        if offset <= onset:
            look = Sensitivity(onset, offset)
            found = {name: stretches_above(each, look) for name, each in scores.items()}
            report("first look", look, FIRST_LOOK, [cost(training, references, found)])


def tune_second_look(training: dict[str, Samples], references: dict[str, Annotation]) -> None:
    versions = [training]
    for spans in FAINT_SPANS_S:
        versions.append({name: with_faint(samples, spans) for name, samples in training.items()})
    first = [{name: diarized(samples) for name, samples in each.items()} for each in versions]
    costs = [cost(each, references, found) for each, found in zip(versions, first, strict=True)]
    report("second look", None, SECOND_LOOK, costs)
    for onset, offset in SECOND_LOOKS:
        look = Sensitivity(onset, offset)
        costs = []
        for each, found in zip(versions, first, strict=True):
            both = {
                name: sorted([*found[name], *find_quiet_speech(samples, found[name], look)])
                for name, samples in each.items()
            }
            costs.append(cost(each, references, both))
        report("second look", look, SECOND_LOOK, costs)


def report(
    title: str, look: Sensitivity | None, chosen: Sensitivity, costs: list[DetectionCostFunction]
) -> None:
    what = f"onset {look.onset:.2f} offset {look.offset:.2f}" if look else "none".ljust(23)
    shown = "  ".join(
        f"{abs(each):.4f} (missed {each['miss'] / each['positive class total']:.3f})" for each in costs
    )
    mean = np.mean([abs(each) for each in costs])
    print(f"{title:12} {what}: cost {shown}  mean {mean:.4f} {'<- chosen' * (look == chosen)}", flush=True)


def diarized(samples: Samples) -> list[Stretch]:
    """Where the pipeline alone hears anybody."""
    import torch

    film = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
    heard = load_pipeline(None)(film).speaker_diarization.get_timeline().support()
    return [(part.start, part.end) for part in heard]


def cost(
    recordings: dict[str, Samples], references: dict[str, Annotation], found: dict[str, list[Stretch]]
) -> DetectionCostFunction:
    metric = DetectionCostFunction(collar=0.0, fa_weight=0.25, miss_weight=0.75)
    for name, samples in recordings.items():
        turns = [Turn(start_s, end_s, "anybody") for start_s, end_s in found[name]]
        metric(references[name], annotation_of(turns), uem=whole(samples))
    return metric


def with_faint(samples: Samples, spans_s: Iterable[tuple[float, float]]) -> Samples:
    faint = samples.copy()
    for start_s, end_s in spans_s:
        faint[int(start_s * SAMPLE_RATE) : int(end_s * SAMPLE_RATE)] *= 10 ** (FAINT_DB / 20)
    return faint


def error_rate(reference: Annotation, turns: Iterable[Turn], samples: Samples) -> float:
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    return float(metric(reference, annotation_of(turns), uem=whole(samples)))


def annotation_of(turns: Iterable[Turn]) -> Annotation:
    annotation = Annotation()
    for number, turn in enumerate(turns):
        annotation[Segment(turn.start_s, turn.end_s), number] = turn.speaker
    return annotation


def whole(samples: Samples) -> Timeline:
    return Timeline([Segment(0, len(samples) / SAMPLE_RATE)])


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
    for part in ("development", "test", "train"):
        references.update(load_rttm(folder / f"debug.{part}.rttm"))
    return references


def read_recording(folder: Path, name: str) -> Samples:
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
