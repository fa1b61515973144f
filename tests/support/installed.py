"""A recogniser of another distribution, as if installed: found by entry point in this process and in others."""

from pathlib import Path

MODULE = '''
"""Recognisers for tests of libraries: what they say is known by construction, and what goes wrong is asked for."""

import os
import time

import numpy as np

from diffasr_plugin.asr import AsrModel, ModelSpec, ModelStatus, OutOfMemory, Option, Readiness, Transcript, Word
from diffasr_plugin.asr import hookimpl

NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Scripted(AsrModel):
    """A word for each full half second that is not silent. Appends a line to `log` for each utterance."""

    def __init__(self, spec, options):
        self.spec, self.options = spec, options
        self.status = ModelStatus(spec.name, "cpu", "none", 0)

    def transcribe_batch(self, utterances, options, *, on_progress=None, should_stop=None):
        if self.options["fault"]:
            self.fail(utterances)
        time.sleep(self.options["delay_s"] * len(utterances))
        if self.options["log"]:
            with open(self.options["log"], "a") as log:
                log.write("".join(f"{os.getpid()} {len(utterances)} {u.start_s:.3f} {u.duration_s:.3f}\\\\n" for u in utterances))
        return [self.count(utterance) for utterance in utterances]

    def count(self, utterance):
        loud = [
            half for half in range(int(utterance.duration_s * 2))
            if np.abs(utterance.samples[half * 8000 : (half + 1) * 8000]).max(initial=0) > 1e-4
        ]
        words = tuple(
            Word(NAMES[number % 10], half / 2 + 0.05, half / 2 + 0.45, 0.9) for number, half in enumerate(loud)
        )
        text = " ".join(word.text for word in words)
        return Transcript(text, utterance.language or "en" if text else None, words, 0.9 if words else None)

    def fail(self, utterances):
        """`fault` names what goes wrong, and for utterances longer than how many seconds."""
        kind, _, least_s = self.options["fault"].partition(">")
        if not any(utterance.duration_s > float(least_s or 0) for utterance in utterances):
            return
        if kind == "raise":
            raise ValueError("a bug in the plugin")
        if kind == "die":
            os._exit(7)
        if kind == "hang":
            time.sleep(3600)
        if kind == "memory" and len(utterances) > 2:
            raise OutOfMemory(self.spec.name, len(utterances), "cpu")


SPEC = ModelSpec(
    name="scripted", description="Counts half seconds.", languages=("en", "de", "fr"), licence="MIT",
    max_seconds=10.0, best_seconds=8.0, word_times=True, confidence=True,
    factory=lambda options: Scripted(SPEC, options), probe=lambda: Readiness(True),
    options=(
        Option("delay_s", float, 0.0, "time that each utterance takes", scope="load"),
        Option("fault", str, "", "what goes wrong", scope="load"),
        Option("log", str, "", "file for a line about each utterance", scope="load"),
    ),
)


@hookimpl
def register_asr_models(register):
    register(SPEC)
'''


def install(folder: Path) -> Path:
    """Put the module and its metadata into a folder, which then belongs on the path; the folder."""
    information = folder / "diffasr_scripted-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "diffasr_scripted.py").write_text(MODULE.replace("\\\\n", "\\n"))
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: diffasr-scripted\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[diffasr]\nscripted = diffasr_scripted\n")
    return folder
