"""Pictures for the documentation, of what the tool does: `python -m benchmarks.pictures` writes them.

The conversation is pyannote's sample with its transcript's words; both programs get the same words and times.
Needs the extra `bench`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pysubs2
import soundfile

from benchmarks.cutting.rivals import RIVALS
from benchmarks.cutting.words import FRAME_RATE, Turn, reference_turns, turn_words
from benchmarks.speech import pyannote_sample
from subtitle_cli.cues import make_cues
from subtitle_cli.profiles import load_profile

FOLDER = Path("docs/pictures")
BEFORE = "whisper's writer, 2 lines of 42"
SHOWN_S = (6.0, 30.5)
COLOURS = {"before": "#8a8a8a", "after": "#2f6fb5"}
SPEAKER_COLOURS = ("#c2571a", "#2a8c6f")
TOO_FAST = "#b3261e"


@dataclass(frozen=True)
class Shown:
    """A cue as it is drawn."""

    start_s: float
    end_s: float
    text: str

    @property
    def speed(self) -> float:
        """Characters a second."""
        return len(self.text.replace("\n", " ")) / (self.end_s - self.start_s)


def main() -> None:
    turns = reference_turns("sample")
    FOLDER.mkdir(parents=True, exist_ok=True)
    before, after = cues_before(turns), cues_after(turns)
    draw_timeline(turns, before, after, FOLDER / "timeline.png")
    draw_screens(before, after, (13.9, 18.5), FOLDER / "before-after.png")


def cues_before(turns: Sequence[Turn]) -> list[Shown]:
    subtitles = pysubs2.SSAFile.from_string(RIVALS[BEFORE]([turn_words(turn) for turn in turns]))
    return [Shown(cue.start / 1000, cue.end / 1000, cue.plaintext) for cue in subtitles]


def cues_after(turns: Sequence[Turn]) -> list[Shown]:
    words = [word for turn in turns for word in turn_words(turn)]
    cues = make_cues(words, load_profile("netflix").rules("en", FRAME_RATE))
    return [Shown(cue.start_ms / 1000, cue.end_ms / 1000, cue.text) for cue in cues]


def draw_timeline(turns: Sequence[Turn], before: Sequence[Shown], after: Sequence[Shown], path: Path) -> None:
    """The sound with its speakers, and below it what stands on the screen when."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(15, 5.2), dpi=110)
    _draw_sound(axes, turns)
    _draw_cues(axes, before, 0.0, COLOURS["before"])
    _draw_cues(axes, after, -1.55, COLOURS["after"])
    rows = ("who speaks", "before:\nwhisper's writer,\n2 lines of 42", "after:\ndiffsub")
    axes.set_yticks([1.55, 0.4, -1.15], rows)
    axes.tick_params(axis="y", length=0)
    _note(axes, after, "-Hello?", "two greetings share a dialogue cue\ninstead of flashing by")
    _note(
        axes,
        after,
        "At least",
        "a whole sentence, broken at a phrase;\ntwo frames stay free before the next cue",
    )
    axes.set_xlim(*SHOWN_S)
    axes.set_ylim(-2.6, 2.2)
    axes.set_xlabel("seconds; below each cue its reading speed in characters a second, red above 20")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(path)


def _draw_sound(axes: Any, turns: Sequence[Turn]) -> None:  # noqa: ANN401
    samples, rate = soundfile.read(pyannote_sample(), dtype="float32")
    step = rate // 50
    loud = np.abs(samples[: len(samples) // step * step]).reshape(-1, step).max(axis=1)
    seconds = (np.arange(len(loud)) + 0.5) / 50
    loud = 0.5 * loud / loud.max()
    axes.fill_between(seconds, 1.55 - loud, 1.55 + loud, color="#cccccc", linewidth=0)
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    for turn in turns:
        inside = (seconds >= turn.start_s) & (seconds <= turn.end_s)
        colour = SPEAKER_COLOURS[names.index(turn.speaker)]
        axes.fill_between(
            seconds, 1.55 - loud, 1.55 + loud, where=inside, color=colour, alpha=0.55, linewidth=0
        )


def _draw_cues(axes: Any, cues: Sequence[Shown], bottom: float, colour: str) -> None:  # noqa: ANN401
    for cue in cues:
        width = cue.end_s - cue.start_s
        axes.barh(bottom + 0.4, width, 0.8, cue.start_s, color=colour, edgecolor="white", alpha=0.92)
        characters = max(6, round(width * 9.5))
        lines = [part for line in cue.text.split("\n") for part in textwrap.wrap(line, characters)]
        axes.text(cue.start_s + 0.06, bottom + 0.4, "\n".join(lines), color="white", fontsize=7, va="center")
        speed_colour = TOO_FAST if cue.speed > 20 else "#444444"
        middle = cue.start_s + width / 2
        axes.text(middle, bottom - 0.13, f"{cue.speed:.0f}", color=speed_colour, fontsize=8, ha="center")


def _note(axes: Any, cues: Sequence[Shown], begins: str, text: str) -> None:  # noqa: ANN401
    cue = next(cue for cue in cues if cue.text.startswith(begins))
    axes.annotate(
        text,
        ((cue.start_s + cue.end_s) / 2, -1.8),
        ((cue.start_s + cue.end_s) / 2, -2.45),
        ha="center",
        fontsize=8.5,
        arrowprops={"arrowstyle": "-", "color": "#444444"},
    )


def draw_screens(
    before: Sequence[Shown], after: Sequence[Shown], moments_s: tuple[float, float], path: Path
) -> None:
    """What a viewer sees at two moments, with either program's cues."""
    from matplotlib import pyplot

    figure, rows = pyplot.subplots(2, 2, figsize=(12, 4.4), dpi=110)
    for row, moment_s in zip(rows, moments_s, strict=True):
        for axes, (title, cues) in zip(row, (("before", before), ("after", after)), strict=True):
            _draw_screen(axes, _at(cues, moment_s), f"{title}, at {moment_s:.1f} s")
    figure.tight_layout()
    figure.savefig(path)


def _at(cues: Sequence[Shown], moment_s: float) -> Shown | None:
    return next((cue for cue in cues if cue.start_s <= moment_s < cue.end_s), None)


def _draw_screen(axes: Any, cue: Shown | None, title: str) -> None:  # noqa: ANN401
    axes.set_facecolor("#20262e")
    axes.set_xlim(0, 16)
    axes.set_ylim(0, 5.2)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=10)
    if cue is not None:
        axes.text(8, 0.8, cue.text, color="white", fontsize=12, ha="center", va="bottom", linespacing=1.35)
        told = f"{cue.end_s - cue.start_s:.1f} s, {cue.speed:.0f} characters a second"
        axes.text(15.7, 4.9, told, color="#aab4c0", fontsize=8, ha="right", va="top")


if __name__ == "__main__":
    main()
