"""Does the recogniser invent words where nobody speaks? Run as `python -m benchmarks.guard [KIND...]`.

For ten minutes of each kind of sound (see `unspoken`) it prints the words that come out of

    windows   the recogniser alone, given every 10 s and every 28 s, whatever is in them
    film      `diffsub FILM --no-diarize`, which gives it only what sounds like speech

and, as `quiet`, the other side: the WER of 60 real prompts whose loudest sample is at 0 and at -35 dB.
These are figures, not tests; `--minutes` makes them shorter.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pysubs2

from benchmarks.speech import SAMPLE_RATE, asterisk_prompts, write_wav
from benchmarks.unspoken import SOUNDS, Samples
from diffasr_plugin.asr import AsrModel, TranscribeOptions, Utterance, load_model, recognise
from diffasr_plugin.scoring import ErrorCounts, word_errors

QUIET = "quiet"
WINDOWS_S = (10, 28)
QUIET_DB = (0, -35)
SHOWN = 12
"""Invented texts that are printed for each kind."""


def in_windows(model: AsrModel, samples: Samples, window_s: int) -> list[str]:
    """What the recogniser writes of each window; only what is not empty."""
    starts = range(0, len(samples), window_s * SAMPLE_RATE)
    windows = [Utterance(samples[start : start + window_s * SAMPLE_RATE], "en") for start in starts]
    texts = [transcript.text for transcript in recognise(model, windows, TranscribeOptions("en"))]
    return [text for text in texts if text]


def in_film(backend: str, samples: Samples, folder: Path) -> list[str]:
    """What stands in the cues of a film with that sound."""
    film, srt = write_wav(folder / "film.wav", samples), folder / "film.srt"
    command = [sys.executable, "-m", "subtitle_cli", film, "--lang", "en", "--no-diarize", "--quiet"]
    subprocess.run([*command, "--backend", backend, "-o", srt, "--overwrite"], check=True)
    return [cue.plaintext.replace("\n", " ") for cue in pysubs2.load(str(srt), format_="srt")]


def quiet_speech(model: AsrModel, peak_db: float) -> ErrorCounts:
    errors = ErrorCounts()
    for prompt in asterisk_prompts(60):
        louder = 10 ** (peak_db / 20) / abs(prompt.samples).max()
        errors += word_errors(
            prompt.text, model.transcribe(prompt.samples * louder, language="en").text, "en"
        )
    return errors


def tell(kind: str, where: str, texts: Sequence[str]) -> None:
    words = sum(len(text.split()) for text in texts)
    print(f"{kind}, {where}: {words} words invented")
    for text in texts[:SHOWN]:
        print(f"    {text}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", default=[*SOUNDS, QUIET], metavar="KIND", help=", ".join(SOUNDS))
    parser.add_argument("--backend", default="diffusion-mini")
    parser.add_argument("--minutes", type=float, default=10.0)
    given = parser.parse_args()
    with load_model(given.backend) as model, tempfile.TemporaryDirectory() as folder:
        for kind in given.kinds:
            if kind == QUIET:
                for peak_db in QUIET_DB:
                    errors = quiet_speech(model, peak_db)
                    words = errors.reference_length
                    print(f"speech at {peak_db} dB: WER {errors.rate:.1%} of {words} words", flush=True)
                continue
            samples = SOUNDS[kind](given.minutes * 60)
            for window_s in WINDOWS_S:
                tell(kind, f"windows of {window_s} s", in_windows(model, samples, window_s))
            tell(kind, "film", in_film(given.backend, samples, Path(folder)))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
