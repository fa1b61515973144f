"""Utterances -> transcripts, by transformers' Whisper of any size: batches, second attempts, rests.

Does not know how a batch is run (`runner`) or how a model is found (`load`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from ...asr import (
    SAMPLE_RATE,
    AsrModel,
    Cancelled,
    ModelStatus,
    ModelUnavailable,
    OutOfMemory,
    TranscribeOptions,
    Transcript,
    UnsupportedLanguage,
    UnsupportedTask,
    Utterance,
    Word,
)
from ...asr.model import Progress, ShouldStop
from .chinese import in_script
from .load import choose_device, choose_precision, fitting_batch, load
from .runner import Job, Runner, Take, whisper_engine
from .sound import is_silent
from .spec import SPEC
from .window import MAX_WINDOW_S

__all__ = ["WhisperModel"]


@dataclass(frozen=True)
class _Part:
    """A job and where it belongs: the number of its utterance, and its first sample there."""

    number: int
    offset: int
    job: Job


class WhisperModel(AsrModel):
    """A loaded Whisper; also a `LanguageDetector`.

    In float32 an utterance's text does not depend on its batch; in 16 bits, rounding can tip the balance
    between two words that are as good as each other.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Load the model; `options` are all load options of the spec."""
        self.spec = SPEC
        device = choose_device(options["device"])
        loaded = load(options["model"], device, choose_precision(options["dtype"], device))
        self.status = ModelStatus(options["model"], str(device), loaded.precision.words, loaded.memory_bytes)
        self._languages = tuple(loaded.vocabulary.languages) or ("en",)
        self._tasks = tuple(loaded.vocabulary.tasks) or ("transcribe",)
        self._batch_size: int = options["batch_size"] or fitting_batch(loaded)
        self._runner: Runner | None = Runner(whisper_engine(loaded))

    def close(self) -> None:
        self._runner = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        """See `AsrModel`. What a round leaves over, second attempts and rests, makes the next round."""
        self._check(utterances, options)
        parts = [
            _Part(number, 0, Job(utterance.samples, utterance.language or options.language))
            for number, utterance in enumerate(utterances)
            if not is_silent(utterance.samples)
        ]
        takes: dict[int, list[tuple[int, Take]]] = defaultdict(list)
        if on_progress is not None and not parts:
            on_progress(len(utterances), len(utterances))
        waiting = Counter(part.number for part in parts)
        while parts:
            left_over: list[_Part] = []
            for batch in self._batches(parts):
                if should_stop is not None and should_stop():
                    raise Cancelled
                for part, take in zip(batch, self._run(batch, options.task), strict=True):
                    takes[part.number].append((part.offset, take))
                    follow_ups = _follow_ups(part, take)
                    waiting[part.number] += len(follow_ups) - 1
                    left_over += follow_ups
                if on_progress is not None:
                    on_progress(len(utterances) - len(+waiting), len(utterances))
            parts = left_over
        return [self._transcript(takes[number], options) for number in range(len(utterances))]

    def detect_languages(self, utterances: Sequence[Utterance]) -> list[dict[str, float]]:
        """Probability of each language, for each utterance, from its first 30 s; each dict sums to 1."""
        runner = self._open()
        if self._languages == ("en",):
            return [{"en": 1.0} for _ in utterances]
        parts = [
            _Part(number, 0, Job(utterance.samples[: MAX_WINDOW_S * SAMPLE_RATE], None))
            for number, utterance in enumerate(utterances)
        ]
        found: dict[int, dict[str, float]] = {}
        for batch in self._batches(parts):
            with self._memory_errors(len(batch)):
                scores = runner.detect([part.job.samples for part in batch], batch[0].job.window_s)
            found.update(zip((part.number for part in batch), scores, strict=True))
        return [found[number] for number in range(len(utterances))]

    def _transcript(self, takes: Sequence[tuple[int, Take]], options: TranscribeOptions) -> Transcript:
        """One utterance's takes, each with its first sample, as its transcript."""
        words = [word.shifted(offset / SAMPLE_RATE) for offset, take in takes for word in take.words]
        if not words:
            return Transcript("")
        words.sort(key=lambda word: word.start_s)  # what was passed over came later
        language = takes[0][1].language
        if language == "zh" and options.task == "transcribe":
            script = self.spec.check_options(options.model_options, "call")["chinese"]
            words = _rewritten(words, in_script([word.text for word in words], script))
        log_probs = [log_prob for _, take in takes for log_prob in take.log_probs]
        return Transcript(
            text="".join(f" {word.text}" if word.space_before else word.text for word in words).strip(),
            language=language,
            words=tuple(words) if options.word_times else (),
            confidence=math.exp(sum(log_probs) / len(log_probs)),
        )

    def _check(self, utterances: Sequence[Utterance], options: TranscribeOptions) -> None:
        """What the spec promises for Whisper, this very model may lack: `.en` models know English only.

        Raises:
            UnsupportedTask, UnsupportedLanguage: so it is.
        """
        if options.task not in self._tasks:
            raise UnsupportedTask(options.task, self.status.model, self._tasks)
        for language in {options.language, *(utterance.language for utterance in utterances)} - {None}:
            if language not in self._languages:
                raise UnsupportedLanguage(str(language), self.status.model, self._languages)

    def _open(self) -> Runner:
        if self._runner is None:
            raise ModelUnavailable(self.spec.name, "it has been closed; load it again")
        return self._runner

    def _batches(self, parts: Sequence[_Part]) -> Iterator[list[_Part]]:
        """Parts that share a window, the longest first: if memory is short, that shows at once."""
        groups: dict[int, list[_Part]] = defaultdict(list)
        for part in parts:
            groups[part.job.window_s].append(part)
        for window_s in sorted(groups, reverse=True):
            group = groups[window_s]
            for start in range(0, len(group), self._batch_size):
                yield group[start : start + self._batch_size]

    def _run(self, batch: Sequence[_Part], task: str) -> list[Take]:
        with self._memory_errors(len(batch)):
            return self._open().run([part.job for part in batch], task)

    @contextmanager
    def _memory_errors(self, batch_size: int) -> Iterator[None]:
        """Say in the interface's words that memory ran out.

        Raises:
            OutOfMemory: so it is.
        """
        try:
            yield
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise OutOfMemory(self.spec.name, batch_size, self.status.device) from error
        except RuntimeError as error:  # how torch's allocator of main memory says it
            if "not enough memory" not in str(error) and "can't allocate memory" not in str(error):
                raise
            raise OutOfMemory(self.spec.name, batch_size, self.status.device) from error


def _follow_ups(part: _Part, take: Take) -> list[_Part]:
    """What is still to be done for an utterance after a take."""
    if take.broken:
        return [replace(part, job=replace(part.job, careful=True))]
    samples = part.job.samples
    parts = [
        _Part(part.number, part.offset + start, Job(samples[start:end], take.language, alone=True))
        for start, end in take.passed_over
    ]
    if take.rest is not None:
        rest = Job(samples[take.rest :], take.language, after_end=True, alone=part.job.alone)
        parts.append(_Part(part.number, part.offset + take.rest, rest))
    return parts


def _rewritten(words: Sequence[Word], texts: Sequence[str]) -> list[Word]:
    return [replace(word, text=text) for word, text in zip(words, texts, strict=True)]
