"""How exactly `diffsub retime` finds offsets and drifts: `python -m benchmarks.retiming`.

Two films whose speech is known: English prompts glued with pauses, and real conversations in which hardly
anybody pauses. Cues are made as subtitlers place them: in on the speech, give or take 40 ms, and out up to
0.4 s after it; long speech is split. They are moved by a random offset up to 30 s and, half of the time, by
one of the usual drifts; then they are to be put back. For each length of film, over many parts of it:

    accepted   how often it was sure enough to move the cues of the film itself
    error      by how much the worst cue of a file is off afterwards: median and worst over the files
    strangers  how often it was sure of these cues on the other film, which is wrong

First it tells by how much the detector hears speech early, against the prompts' known starts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.diarization import HELD_OUT, TRAINING, fetch_recordings, read_recording, read_references
from benchmarks.speech import SAMPLE_RATE, Prompt, asterisk_prompts, glue
from subtitle_cli.diarization import find_speech
from subtitle_cli.errors import WeakEvidence
from subtitle_cli.quality.align import RATES, align
from subtitle_cli.types import Cue, Turn

Spans = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Known:
    """A film of which is known when somebody speaks, and what the detector makes of it."""

    name: str
    duration_s: float
    spans: Spans
    turns: Spans


LENGTHS_S = (60, 120, 240, 400)
TRIALS = 30
LONGEST_CUE_S = 5.0
SHORTEST_CUE_S = 0.834
GAP_S = 0.08


def prompts_film() -> tuple[NDArray[np.float32], Spans]:
    """Sound, and when each of 250 prompts is heard, the pauses between them of many lengths."""
    dice = random.Random(1)
    samples: list[NDArray[np.float32]] = []
    spans, at_s = [], 0.0
    for prompt in asterisk_prompts(250):
        sound, (placed,) = glue(
            [Prompt(prompt.key, prompt.text, prompt.samples)], dice.choice((0.1, 0.3, 0.6, 1, 3))
        )
        spans.append((at_s + placed.start_s, at_s + placed.end_s))
        samples.append(sound)
        at_s += len(sound) / SAMPLE_RATE
    return np.concatenate(samples), spans


def conversations_film() -> tuple[NDArray[np.float32], Spans]:
    """Sound and turns of pyannote's test recordings, one after the other."""
    folder = fetch_recordings()
    references = read_references(folder)
    samples: list[NDArray[np.float32]] = []
    spans, at_s = [], 0.0
    for name in (*TRAINING, *HELD_OUT):
        sound = read_recording(folder, name)
        spans += [(at_s + turn.start, at_s + turn.end) for turn, _ in references[name].itertracks()]
        samples.append(sound)
        at_s += len(sound) / SAMPLE_RATE
    return np.concatenate(samples), sorted(spans)


def subtitle(spans: Spans, dice: random.Random) -> list[tuple[float, float]]:
    """Cues for speech, as a subtitler would time them."""
    cues: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        start_s, end_s = start_s + dice.gauss(0, 0.04), end_s + dice.uniform(0, 0.4)
        parts = int((end_s - start_s) / LONGEST_CUE_S) + 1
        edges = np.linspace(start_s, max(end_s, start_s + SHORTEST_CUE_S), parts + 1)
        for left, right in pairwise(edges):
            if cues and left < cues[-1][1] + 0.5:
                cues[-1] = (cues[-1][0], left - GAP_S)
            cues.append((float(left), float(right)))
    return [(start_s, end_s) for start_s, end_s in cues if end_s - start_s > 0.3]


def moved(cues: Spans, clock_offset_s: float, rate: float) -> list[Cue]:
    """The cues on another clock, such that offset and rate bring them back."""
    return [
        Cue(*(round(1000 * (edge - clock_offset_s) / rate) for edge in cue), lines=("x",)) for cue in cues
    ]


def part_of(spans: Spans, start_s: float, length_s: float) -> list[tuple[float, float]]:
    """The spans within a part, cut at its edges and counted from its start."""
    return [
        (max(left - start_s, 0.0), min(right - start_s, length_s))
        for left, right in spans
        if right > start_s and left < start_s + length_s
    ]


def try_out(film: Known, other: Known, cues: Spans, length_s: float, dice: random.Random) -> str:
    """One line of figures for parts of a film of this length."""
    errors, strangers = [], 0
    for _ in range(TRIALS):
        start_s, elsewhere_s = (dice.uniform(0, each.duration_s - length_s) for each in (film, other))
        rate = float(dice.choice(RATES)) if dice.random() < 0.5 else 1.0
        true = part_of(cues, start_s, length_s)
        given = moved(true, dice.uniform(-30, 30), rate)
        errors += error_s(given, true, part_of(film.turns, start_s, length_s), length_s)
        strangers += len(error_s(given, true, part_of(other.turns, elsewhere_s, length_s), length_s))
    found = f"{median(errors):.3f} {max(errors):.3f}" if errors else "    -     -"
    return f"{length_s:5.0f} s  accepted {len(errors):2d} of {TRIALS}  error {found}  strangers {strangers}"


def error_s(given: list[Cue], true: Spans, turns: Spans, length_s: float) -> list[float]:
    """How far the worst cue is off; nothing if it was refused."""
    try:
        clock = align(given, [Turn(*span) for span in turns], length_s).clock
    except WeakEvidence:
        return []
    starts = zip(given, true, strict=True)
    return [max(abs(clock.at(cue.start_ms / 1000) - start_s) for cue, (start_s, _) in starts)]


def hear(name: str, samples: NDArray[np.float32], spans: Spans) -> Known:
    turns = [(turn.start_s, turn.end_s) for turn in find_speech(samples).turns]
    return Known(name, len(samples) / SAMPLE_RATE, spans, turns)


def main() -> None:
    films = [hear("prompts", *prompts_film()), hear("conversations", *conversations_film())]
    for film, other in (films, films[::-1]):
        early = [min((span[0] - turn[0] for turn in film.turns), key=abs) for span in film.spans]
        near = [each for each in early if abs(each) < 0.3]
        spoken, heard = len(film.spans), len(film.turns)
        print(f"{film.name}: {film.duration_s:.0f} s, {spoken} stretches of speech, {heard} heard")
        print(f"  speech is heard {median(near):.3f} s early, by {len(near)} starts")
        dice = random.Random(2)
        cues = subtitle(film.spans, dice)
        for length_s in LENGTHS_S:
            print(f"  {try_out(film, other, cues, length_s, dice)}")


if __name__ == "__main__":
    main()
