"""Where the words of `diffusion-mini` begin, against where they are known to begin.

    python -m benchmarks.mini_starts [SET...] --limit 40

Of each set, twice: its recordings put together at known places, of which the first words count; and its texts
said by espeak-ng, which tells where each word begins. Only words that were recognised are counted. `greedy`
has its times from the decoder's attention, `diffusion` from CTC.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.timed_speech import TimedEspeak
from diffasr_plugin.asr import SAMPLE_RATE, AsrModel, Word, load_model
from diffasr_plugin.assets import cache_home
from diffasr_plugin.evaluate.alignment import align_words
from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.loaders import SetOptions, open_sets
from diffasr_plugin.evaluate.manifest import Clip
from diffasr_plugin.evaluate.text_table import text_table
from diffasr_plugin.scoring import normalise

HEADERS = ("set", "sound", "mode", "known", "found", "median off", "within 0.2 s")


@dataclass(frozen=True)
class Timed:
    """Sound, and what is said in it.

    Attributes:
        words: each with the second at which it begins; None: that is not known.
    """

    samples: NDArray[np.float32]
    language: str
    words: list[tuple[str, float | None]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=["asterisk-en"])
    parser.add_argument("--adapter", help="its folder; left out: the package's own")
    parser.add_argument("--limit", type=int, default=40, help="the first N clips of each set")
    parser.add_argument("--steps", type=int, default=8, help="of the mode diffusion")
    given = parser.parse_args()
    modes: dict[str, dict[str, int]] = {"greedy": {}, "diffusion": {"steps": given.steps}}
    rows = []
    espeak = TimedEspeak()
    with load_model("diffusion-mini", adapter=given.adapter) as model:
        for name, clips in open_sets(
            given.sets, SetOptions(cache_home() / "speech", limit=given.limit)
        ).items():
            glued = [_glued(group) for group in _windows(clips)]
            spoken = [_spoken(clip, espeak) for clip in clips]
            for sound, parts in (("recordings glued", glued), ("espeak-ng", spoken)):
                for mode, options in modes.items():
                    rows.append((name, sound, mode, *_row(model, parts, {"mode": mode, **options})))
    print(text_table(HEADERS, rows))


def _row(model: AsrModel, parts: Sequence[Timed], options: dict[str, object]) -> tuple[str, ...]:
    off: list[float] = []
    for part in parts:
        found = model.transcribe(part.samples, language=part.language, **options)
        off += _starts_off(part, found.words)
    known = sum(start_s is not None for part in parts for _, start_s in part.words)
    away = np.abs(off)
    median = f"{1000 * float(np.median(away)):.0f} ms" if len(away) else "none found"
    close = f"{float((away <= 0.2).mean()):.1%}" if len(away) else "-"
    return str(known), str(len(away)), median, close


def _starts_off(part: Timed, words: Sequence[Word]) -> list[float]:
    """Recognised start minus known start, in seconds, of the words that were recognised."""
    said = [
        (token, start_s if place == 0 else None)
        for text, start_s in part.words
        for place, token in enumerate(normalise(text, part.language).split())
    ]
    found = [(token, word) for word in words for token in normalise(word.text, part.language).split()[:1]]
    off = []
    for kind, left, right in align_words([token for token, _ in said], [token for token, _ in found]):
        if kind == "equal" and left is not None and right is not None:
            start_s = said[left][1]
            if start_s is not None:
                off.append(found[right][1].start_s - start_s)
    return off


def _spoken(clip: Clip, espeak: TimedEspeak) -> Timed:
    samples, words = espeak.say_words(clip.text, clip.language)
    return Timed(samples, clip.language, [(word, start_s) for word, start_s in words])


def _glued(clips: Sequence[Clip]) -> Timed:
    """Clips with half a second of silence after each. A place is a clip's first loud frame."""
    pieces: list[NDArray[np.float32]] = []
    words: list[tuple[str, float | None]] = []
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    at = 0
    for clip in clips:
        samples = read_samples(clip)
        first, *others = clip.text.split()
        words.append((first, (at + _onset(samples)) / SAMPLE_RATE))
        words += [(word, None) for word in others]
        pieces += [samples, pause]
        at += len(samples) + len(pause)
    return Timed(np.concatenate(pieces), clips[0].language, words)


def _onset(samples: NDArray[np.float32], frame: int = 160) -> int:
    """The first sample of the first 10 ms that are within 30 dB of the loudest."""
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    level = np.sqrt(np.square(frames).mean(axis=1))
    return int(np.argmax(level > level.max() * 10 ** (-30 / 20))) * frame


def _windows(clips: Iterable[Clip], most_s: float = 25.0) -> Iterator[list[Clip]]:
    group: list[Clip] = []
    length_s = 0.0
    for clip in clips:
        duration_s = len(read_samples(clip)) / SAMPLE_RATE + 0.5
        if group and length_s + duration_s > most_s:
            yield group
            group, length_s = [], 0.0
        group.append(clip)
        length_s += duration_s
    if group:
        yield group


if __name__ == "__main__":
    main()
