"""A whole plugin: a recogniser that writes "loud" for each second in which somebody speaks up."""

import numpy as np

from diffasr_plugin.asr import (
    AsrModel,
    Cancelled,
    ModelSpec,
    ModelStatus,
    Option,
    Readiness,
    Transcript,
    Word,
    hookimpl,
)


class LoudnessModel(AsrModel):
    def __init__(self, spec, options):
        self.spec, self.word = spec, options["word"]
        self.status = ModelStatus("loudness", "cpu", "float32", 0)

    def transcribe_batch(self, utterances, options, *, on_progress=None, should_stop=None):
        transcripts = []
        for utterance in utterances:
            if should_stop is not None and should_stop():
                raise Cancelled
            transcripts.append(self.listen(utterance, options.model_options["threshold"]))
            if on_progress is not None:
                on_progress(len(transcripts), len(utterances))
        return transcripts

    def listen(self, utterance, threshold):
        seconds = utterance.samples[: len(utterance.samples) // 16_000 * 16_000].reshape(-1, 16_000)
        loud = np.flatnonzero(np.abs(seconds).max(axis=1) > threshold) if len(seconds) else []
        words = tuple(Word(self.word, second + 0.1, second + 0.9, 1.0) for second in loud)
        return Transcript(" ".join(word.text for word in words), "en" if words else None, words, 1.0)


SPEC = ModelSpec(
    name="loudness",
    description="Writes a word for each loud second.",
    languages=("en", "de"),
    licence="Apache-2.0",
    max_seconds=30.0,
    best_seconds=20.0,
    word_times=True,
    confidence=True,
    factory=lambda options: LoudnessModel(SPEC, options),
    probe=lambda: Readiness(ready=True),
    options=(
        Option("word", str, "loud", "the word it writes", scope="load"),
        Option("threshold", float, 0.01, "level of a loud second, 0 to 1", minimum=0, maximum=1),
    ),
)


@hookimpl
def register_asr_models(register):
    register(SPEC)
