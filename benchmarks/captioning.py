"""How well and how fast `diffsub` captions real speech: run as `python -m benchmarks.captioning NAME`.

    sample    WER on pyannote's conversation of two speakers
    prompts   WER, cue times and silence on 60 English prompts glued into one film
    hour      speed and peak memory on a film of one hour, without diarization
    help      how long `diffsub --help` takes

Each prints what it measured, and nothing else decides anything: these are figures, not tests.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import jiwer
import numpy as np
import pysubs2
from numpy.typing import NDArray

from benchmarks.speech import (
    SAMPLE_RATE,
    Prompt,
    asterisk_prompts,
    glue,
    pyannote_sample,
    sample_transcript,
    write_wav,
)
from diffasr_plugin.scoring import normalise, word_errors
from subtitle_cli.media import find_ffmpeg

DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))

TOLERANCE_S = 0.3
LEAD_OUT_S = 0.5


def diffsub(film: Path, *words: str) -> pysubs2.SSAFile:
    """Caption a film by the command that users type, and read the SRT back."""
    srt = film.with_suffix(".srt")
    command = [sys.executable, "-m", "subtitle_cli", str(film), "--lang", "en", "-o", str(srt), "--overwrite"]
    subprocess.run([*command, *words], check=True)
    return pysubs2.load(str(srt))


def sample(folder: Path, words: Sequence[str]) -> None:
    """WER of the words in the cues against the transcript, speakers aside."""
    film = make_film(pyannote_sample(), folder / "sample.mp4")
    cues = diffsub(film, *words)
    reference = " ".join(text for _, _, text in sample_transcript())
    errors = word_errors(reference, text_of(cues), "en")
    print(f"sample: WER {errors.rate:.1%} of {errors.reference_length} words, {len(cues)} cues")


def prompts(folder: Path, words: Sequence[str]) -> None:
    """WER; words that stand in a cue at their time; cues that stay over silence."""
    samples, placed = glue(asterisk_prompts(60))
    cues = diffsub(make_film(write_wav(folder / "prompts.wav", samples), folder / "prompts.mp4"), *words)
    errors = word_errors(" ".join(prompt.text for prompt in placed), text_of(cues), "en")
    inside, total = words_in_time(placed, cues)
    over_silence = [cue for cue in cues if silence_under(cue, placed) > LEAD_OUT_S]
    print(
        f"prompts: {len(samples) / SAMPLE_RATE:.0f} s of film, WER {errors.rate:.1%} of "
        f"{errors.reference_length} words; {inside / total:.1%} of {total} words inside a cue within "
        f"{TOLERANCE_S} s; {len(over_silence)} of {len(cues)} cues over more than {LEAD_OUT_S} s of silence"
    )
    for cue in over_silence:
        print(f"  {cue.start / 1000:.2f}-{cue.end / 1000:.2f} s: {cue.plaintext!r}")


def words_in_time(placed: Sequence[Prompt], cues: pysubs2.SSAFile) -> tuple[int, int]:
    """(reference words that stand in a cue at their own time, within the tolerance; all reference words).

    A reference word's time is where it falls when the prompt's loud frames are shared out by letters. It
    counts if the same word, by the alignment of the texts, is in a cue that is on the screen then.
    """
    reference = [(word, at) for prompt in placed for word, at in zip(*word_places(prompt), strict=True)]
    shown = [
        (word, cue) for cue in cues for word in normalise(cue.plaintext.replace("\n", " "), "en").split()
    ]
    alignment = jiwer.process_words(
        " ".join(word for word, _ in reference), " ".join(word for word, _ in shown)
    ).alignments[0]
    inside = 0
    for chunk in alignment:
        if chunk.type != "equal":
            continue
        for offset in range(chunk.ref_end_idx - chunk.ref_start_idx):
            at = reference[chunk.ref_start_idx + offset][1]
            cue = shown[chunk.hyp_start_idx + offset][1]
            inside += cue.start / 1000 - TOLERANCE_S <= at <= cue.end / 1000 + TOLERANCE_S
    return inside, len(reference)


def word_places(prompt: Prompt) -> tuple[list[str], NDArray[np.float64]]:
    """The prompt's normalised words and the middle of each in seconds."""
    words = normalise(prompt.text, "en").split()
    # The normaliser writes numbers as digits, which are longer when spoken.
    letters = [len(DIGITS.get(word, word)) + 1 for word in words]
    edges = np.cumsum([0, *letters]) / sum(letters)
    frame = SAMPLE_RATE // 100
    frames = prompt.samples[: len(prompt.samples) // frame * frame].reshape(-1, frame)
    level = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (-35 / 20))
    first = np.flatnonzero(np.abs(prompt.samples) > np.abs(prompt.samples).max() * 10 ** (-45 / 20))[0]
    middles = (edges[:-1] + edges[1:]) / 2 * (len(loud) - 1)
    return words, prompt.start_s - first / SAMPLE_RATE + np.interp(middles, np.arange(len(loud)), loud) / 100


def silence_under(cue: pysubs2.SSAEvent, placed: Sequence[Prompt]) -> float:
    """The longest stretch of a cue, in seconds, in which no prompt sounds."""
    start_s, end_s = cue.start / 1000, cue.end / 1000
    spans = sorted((max(p.start_s, start_s), min(p.end_s, end_s)) for p in placed)
    edges = [start_s, *(edge for span in spans if span[0] < span[1] for edge in span), end_s]
    return max(right - left for left, right in zip(edges[::2], edges[1::2], strict=True))


def text_of(cues: pysubs2.SSAFile) -> str:
    return " ".join(cue.plaintext.replace("\n", " ").replace("- ", " ") for cue in cues)


def hour(folder: Path, words: Sequence[str]) -> None:
    """× real time and peak memory of the whole run, imports and decoding included."""
    samples, _ = glue(asterisk_prompts(250))
    samples = np.tile(samples, 3600 * SAMPLE_RATE // len(samples) + 1)[: 3600 * SAMPLE_RATE]
    film = make_film(write_wav(folder / "hour.wav", samples), folder / "hour.mp4")
    begun_s = time.monotonic()
    cues = diffsub(film, "--no-diarize", *words)
    elapsed_s = time.monotonic() - begun_s
    peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(
        f"hour: {3600 / elapsed_s:.1f}× real time ({elapsed_s:.0f} s) on {os.cpu_count()} cores, "
        f"peak memory {peak_gb:.2f} GB, {len(cues)} cues"
    )


def help_(folder: Path, words: Sequence[str]) -> None:
    """Best of five, for the machine may be busy."""
    command = [str(Path(sys.executable).with_name("diffsub")), "--help"]
    times = []
    for _ in range(5):
        begun_s = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.monotonic() - begun_s)
    print(f"help: {min(times):.2f} s")


def make_film(sound: Path, film: Path) -> Path:
    """A moving picture over the sound."""
    picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25"]
    coding = ["-shortest", "-c:v", "mpeg4", "-c:a", "aac", "-b:a", "96k"]
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *picture, "-i", sound, *coding, film], check=True)
    return film


BENCHMARKS: dict[str, Callable[[Path, Sequence[str]], None]] = {
    "sample": sample,
    "prompts": prompts,
    "hour": hour,
    "help": help_,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, help="further words for diffsub, e.g. --no-diarize"
    )
    parser.add_argument("--keep", type=Path, help="folder to keep the films and subtitles in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        BENCHMARKS[given.name](folder, given.words)


if __name__ == "__main__":
    main()
