"""One batch of speech -> text with words and their times: window, search, alignment in a row.

Knows nothing of other batches, of options, or of what to do about a bad result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from ...asr import SAMPLE_RATE, Word
from .align import Aligner, AlignmentRow, TokenTimes
from .decoder import Heard, TextDecoder
from .doubts import is_broken, is_dream, is_focused, is_unheard, unbroken
from .load import Loaded
from .search import Draft, Request, Search
from .sound import RoughSpan, fit_to_sound, loud_frames, unspoken
from .vocabulary import Vocabulary
from .window import FRAMES_PER_S, MAX_WINDOW_S, encode, log_mel, window_seconds
from .words import WrittenWord, pieces_of, words_of

__all__ = ["Engine", "Job", "Runner", "Take", "whisper_engine"]

_LEAST_REST_S = 1.0
"""So much sound after the end of the text is looked at once more."""

_MAX_PHRASE = 6
"""In a second attempt no phrase of six tokens may stand twice."""

_PROMPT_TOKENS = 4
_TOKENS_PER_S = 30.0
_SPARE_TOKENS = 16
"""Bound on a text's length. No language needs more: where one letter takes two or three tokens, people say
some ten letters a second."""


@dataclass(frozen=True)
class Job:
    """A stretch of speech to put in writing.

    Attributes:
        samples: float32 at 16 kHz, shape (n,), at most 30 s.
        language: BCP-47, or None: detect it.
        careful: a second attempt: in the full window, no phrase twice.
        after_end: what followed the end of another job's text.
        alone: a phrase that the model has passed over where it heard it among others.
    """

    samples: NDArray[np.float32]
    language: str | None
    careful: bool = False
    after_end: bool = False
    alone: bool = False

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def window_s(self) -> int:
        return MAX_WINDOW_S if self.careful else window_seconds(self.duration_s)


@dataclass(frozen=True)
class Take:
    """What came of a job.

    Attributes:
        words: with times from the start of the job's samples; none where nothing was said.
        language: BCP-47, as asked or as detected.
        log_probs: of the text's tokens.
        broken: the model went round in circles or found no end; nothing is kept of it.
        rest: the first sample of a longer stretch of sound after the end of the text, or None.
        passed_over: phrases before that of which there is no word, as samples (start, end). Of sentences that
            are alike, Whisper may write the first one only.
    """

    words: tuple[Word, ...]
    language: str
    log_probs: tuple[float, ...] = ()
    broken: bool = False
    rest: int | None = None
    passed_over: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Engine:
    """A Whisper as the runner needs it, however it is computed.

    Attributes:
        listen: utterances and the window that they share, in seconds -> what the decoder hears.
        heads_known: whether the aligner's heads were found by experiment.
        text_places: tokens that the decoder can read, the prompt included.
    """

    listen: Callable[[Sequence[NDArray[np.float32]], int], Heard]
    search: Search
    aligner: Aligner
    vocabulary: Vocabulary
    heads_known: bool
    text_places: int


def whisper_engine(loaded: Loaded) -> Engine:
    """transformers' Whisper."""
    decoder = TextDecoder(loaded.network, loaded.precision.attention)
    encoder = loaded.network.model.encoder

    def listen(speech: Sequence[NDArray[np.float32]], window_s: int) -> Heard:
        features = log_mel(loaded.extractor, speech, window_s, loaded.device).to(loaded.precision.encoder)
        # On a CPU a window fills the cores by itself. One by one, the numbers are the same in any batch.
        size = 1 if loaded.device.type == "cpu" else len(speech)
        return Heard.joined([decoder.listen(encode(encoder, part)) for part in torch.split(features, size)])

    return Engine(
        listen,
        Search(decoder, loaded.vocabulary),
        Aligner(decoder, loaded.vocabulary, loaded.alignment_heads),
        loaded.vocabulary,
        loaded.alignment_heads.known,
        loaded.network.config.max_target_positions,
    )


class Runner:
    """Runs one loaded model on batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._most_tokens = engine.text_places - _PROMPT_TOKENS

    @torch.inference_mode()
    def detect(self, speech: Sequence[NDArray[np.float32]], window_s: int) -> list[dict[str, float]]:
        """Probability of each language, for each of a batch that shares a window."""
        return self._engine.search.detect(self._engine.listen(speech, window_s))

    @torch.inference_mode()
    def run(self, jobs: Sequence[Job], task: str) -> list[Take]:
        """One take for each of a batch of jobs that share a window."""
        heard = self._engine.listen([job.samples for job in jobs], jobs[0].window_s)
        drafts = self._engine.search.run(heard, [self._request(job) for job in jobs], task)
        broken = [is_broken(draft, self._engine.vocabulary.text(draft.ids)) for draft in drafts]
        kept = [
            _worth_keeping(job, draft, circles)
            for job, draft, circles in zip(jobs, drafts, broken, strict=True)
        ]
        rows = [self._alignment_row(job, draft, task) for job, draft in zip(jobs, kept, strict=True)]
        times = self._engine.aligner.align(heard, rows)
        takes = map(self._take, jobs, kept, times, [task] * len(jobs))
        return [
            replace(take, broken=circles and not job.careful)
            for job, take, circles in zip(jobs, takes, broken, strict=True)
        ]

    def _request(self, job: Job) -> Request:
        bound = min(int(job.duration_s * _TOKENS_PER_S) + _SPARE_TOKENS, self._most_tokens)
        return Request(job.language, bound, _MAX_PHRASE if job.careful else None)

    def _alignment_row(self, job: Job, draft: Draft, task: str) -> AlignmentRow:
        prompt = self._engine.vocabulary.prompt(draft.language, task)
        return AlignmentRow(prompt, draft.ids, int(job.duration_s * FRAMES_PER_S))

    def _take(self, job: Job, draft: Draft, times: TokenTimes, task: str) -> Take:
        written = words_of(pieces_of([self._engine.vocabulary.token_bytes[id_] for id_ in draft.ids]))
        unheard = self._engine.heads_known and is_unheard(draft, times)
        loud = loud_frames(job.samples)
        if unheard or not any(word.is_spoken for word in written):
            # Perhaps speech, if it follows speech or the model looked at it so; over noise nothing is gained.
            hopeful = job.after_end or is_focused(times)
            return Take((), draft.language, passed_over=_passed_over(job, loud, []) if hopeful else ())
        spans = fit_to_sound(_rough_spans(written, times), loud)
        words = tuple(
            _word(word, span, draft, job.duration_s) for word, span in zip(written, spans, strict=True)
        )
        if task != "transcribe":  # a translation does not follow the order of the sound: its times say little
            return Take(words, draft.language, draft.log_probs)
        passed_over = _passed_over(job, loud[: spans[-1][1]], spans)
        rest = _rest(loud, spans[-1][1])
        return Take(words, draft.language, draft.log_probs, rest=rest, passed_over=passed_over)


def _worth_keeping(job: Job, draft: Draft, is_broken: bool) -> Draft:
    """Nothing of a dream or of a broken first attempt; of a broken second one, all but the circles."""
    if is_broken:
        draft = unbroken(draft) if job.careful else draft.only([])
    return draft.only([]) if is_dream(draft, after_end=job.after_end, alone=job.alone) else draft


def _rough_spans(words: Sequence[WrittenWord], times: TokenTimes) -> list[RoughSpan]:
    begins = [word.spoken[0] for word in words] + [len(times.peaks)]
    return [
        RoughSpan(
            start=int(times.starts[first]),
            next_start=int(times.starts[following]),
            first_peak=int(times.peaks[first]),
            last_peak=int(times.peaks[last - 1]),
        )
        for (first, last), following in zip((word.spoken for word in words), begins[1:], strict=True)
    ]


def _word(word: WrittenWord, span: tuple[int, int], draft: Draft, duration_s: float) -> Word:
    first, last = word.spoken
    return Word(
        text=word.text,
        start_s=min(span[0] / FRAMES_PER_S, duration_s),
        end_s=min(span[1] / FRAMES_PER_S, duration_s),
        confidence=math.exp(sum(draft.log_probs[first:last]) / (last - first)),
        space_before=word.space_before,
    )


def _rest(loud: NDArray[np.bool_], end: int) -> int | None:
    """The first sample of the sound after a frame, if there is enough of it."""
    after = np.flatnonzero(loud[end:])
    if len(after) < _LEAST_REST_S * FRAMES_PER_S:
        return None
    return (end + int(after[0])) * SAMPLE_RATE // FRAMES_PER_S


def _passed_over(
    job: Job, loud: NDArray[np.bool_], spans: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Phrases without a word that are worth a hearing: not those of a job that was one already."""
    found = unspoken(loud, spans)
    if job.alone or (len(found) < 2 and not spans):
        return ()
    frame = SAMPLE_RATE // FRAMES_PER_S
    return tuple((start * frame, end * frame) for start, end in found)
