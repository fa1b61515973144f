"""A recogniser that says a word for each half second, and fails where it is told to."""

import os
import time
import zlib

import numpy as np

from diffasr_plugin.asr import (
    AsrModel,
    ModelSpec,
    ModelStatus,
    Option,
    OutOfMemory,
    Readiness,
    Transcript,
    Word,
    hookimpl,
)

NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Scripted(AsrModel):
    """A word for each full half second that is not silent."""

    def __init__(self, spec, options):
        self.spec, self.options = spec, options
        self.status = ModelStatus(spec.name, "cpu", "none", 0)

    def transcribe_batch(self, utterances, options, *, on_progress=None, should_stop=None):
        self.note(utterances)
        self.fail(utterances)
        time.sleep(self.options["delay_s"] * len(utterances))
        found = [self.count(utterance) for utterance in utterances]
        return found[1:] if self.options["fault"] == "too few" else found

    def count(self, utterance):
        halves = range(int(utterance.duration_s * 2))
        loud = [h for h in halves if np.abs(utterance.samples[h * 8000 : (h + 1) * 8000]).max() > 1e-4]
        words = tuple(Word(NAMES[n % 10], h / 2 + 0.05, h / 2 + 0.45, 0.9) for n, h in enumerate(loud))
        language = utterance.language or "en"
        text = " ".join(word.text for word in words)
        return Transcript(text, language if words else None, words, 0.9 if words else None)

    def note(self, utterances):
        """A line for each utterance that is begun: this process, its batch's size, a sum over the samples."""
        if self.options["log"]:
            sums = [zlib.crc32(utterance.samples.tobytes()) for utterance in utterances]
            with open(self.options["log"], "a") as log:
                log.write("".join(f"{os.getpid()} {len(sums)} {each}\n" for each in sums))

    def fail(self, utterances):
        """`fault` names what goes wrong; "die<1.5" for utterances shorter than so many seconds only."""
        kind, _, most_s = self.options["fault"].partition("<")
        if not any(utterance.duration_s < float(most_s or "inf") for utterance in utterances):
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
    name="scripted",
    description="Says a word for each half second.",
    languages=("en", "de", "fr"),
    licence="MIT",
    max_seconds=10.0,
    best_seconds=8.0,
    word_times=True,
    confidence=True,
    factory=lambda options: Scripted(SPEC, options),
    probe=lambda: Readiness(ready=True),
    options=(
        Option("delay_s", float, 0.0, "time that each utterance takes", scope="load"),
        Option("fault", str, "", "what goes wrong", scope="load"),
        Option("log", str, "", "file for a line about each utterance", scope="load"),
    ),
)


@hookimpl
def register_asr_models(register):
    register(SPEC)
