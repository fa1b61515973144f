"""Pieces of a film to recognised words on the film's clock.

Knows the recogniser by the generic interface only; speakers are given to the words elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import (
    SAMPLE_RATE,
    AsrModel,
    OutOfMemory,
    Progress,
    TranscribeOptions,
    Transcript,
    Utterance,
    recognise,
)

from .recogniser import Recognisers
from .types import Piece, SpokenWord

__all__ = ["Recognised", "recognise_film", "to_utterance", "transcribe_pieces", "words_on_film"]

logger = logging.getLogger(__name__)

BATCH_SIZE = 16
"""Utterances handed to the recogniser in one call; it may cut them into smaller batches itself."""

Samples = NDArray[np.float32]
FilmProgress = Callable[[float, float], None]
"""Called with (seconds of audio done, seconds in all)."""


@dataclass(frozen=True)
class Recognised:
    """What was recognised in a film.

    Attributes:
        transcripts: one for each piece, in their order.
        model: name of the model that recognised the film's main language.
        options: those of each call to it.
    """

    transcripts: tuple[Transcript, ...]
    model: str
    options: Mapping[str, Any]


def recognise_film(
    recognisers: Recognisers,
    pieces: Sequence[Piece],
    samples: Samples,
    language: str | None,
    task: str = "transcribe",
    on_progress: FilmProgress | None = None,
) -> Recognised:
    """Each piece by the recogniser for its language.

    Args:
        language: the film's main one, or None: unknown.

    Raises:
        DiffasrError: a recogniser cannot be loaded or cannot do it.
    """
    if not pieces:  # nothing needs to be loaded
        choice = recognisers.choose(language)
        return Recognised((), choice.spec.name, choice.call_options)
    # Once a language, not a piece: choosing looks at the machine, and may ask a driver about its GPUs.
    by_language = {spoken: recognisers.get(spoken) for spoken in dict.fromkeys(p.language for p in pieces)}
    by_name = {each.model.spec.name: each for each in by_language.values()}
    transcripts: dict[int, Transcript] = {}
    done_s, total_s = 0.0, sum(piece.duration_s for piece in pieces)
    for name, recogniser in by_name.items():
        numbers = [i for i, p in enumerate(pieces) if by_language[p.language].model.spec.name == name]
        own = [pieces[i] for i in numbers]
        options = TranscribeOptions(None, task, model_options=recogniser.call_options)
        told = _after(done_s, total_s, on_progress)
        found = transcribe_pieces(recogniser.model, own, samples, options, told)
        transcripts.update(zip(numbers, found, strict=True))
        done_s += sum(piece.duration_s for piece in own)
    main = recognisers.get(language)
    ordered = tuple(transcripts[i] for i in range(len(pieces)))
    return Recognised(ordered, main.model.status.model, main.call_options)


def _after(before_s: float, total_s: float, on_progress: FilmProgress | None) -> FilmProgress | None:
    """Progress of a part of the pieces, told on as that of all."""
    if on_progress is None:
        return None
    return lambda done_s, _: on_progress(before_s + done_s, total_s)


def transcribe_pieces(
    model: AsrModel,
    pieces: Sequence[Piece],
    samples: Samples,
    options: TranscribeOptions,
    on_progress: FilmProgress | None = None,
) -> list[Transcript]:
    """One transcript for each piece, in their order, each in its piece's language.

    Pieces of similar length go together, longest first, so that memory runs out at once or not at all;
    when it does, the batch is halved and the work goes on.

    Raises:
        OutOfMemory: not even one piece at a time fits.
    """
    order = sorted(range(len(pieces)), key=lambda index: (-pieces[index].duration_s, index))
    total_s = sum(piece.duration_s for piece in pieces)
    transcripts: dict[int, Transcript] = {}
    batch_size = BATCH_SIZE
    while len(transcripts) < len(pieces):
        batch = order[len(transcripts) : len(transcripts) + batch_size]
        utterances = [to_utterance(pieces[index], samples) for index in batch]
        progress = _progress_of(
            utterances, sum(pieces[i].duration_s for i in transcripts), total_s, on_progress
        )
        try:
            done = recognise(model, utterances, options, on_progress=progress)
        except OutOfMemory as error:
            if len(batch) == 1:
                raise
            batch_size = len(batch) // 2
            logger.warning("%s; going on with %d at once", error, batch_size)
            continue
        transcripts.update(zip(batch, done, strict=True))
    return [transcripts[index] for index in range(len(pieces))]


def _progress_of(
    utterances: Sequence[Utterance], before_s: float, total_s: float, on_progress: FilmProgress | None
) -> Progress | None:
    """A recogniser's count of utterances, told on as seconds of the film."""
    if on_progress is None:
        return None
    return lambda done, _: on_progress(before_s + sum(u.duration_s for u in utterances[:done]), total_s)


def to_utterance(piece: Piece, samples: Samples) -> Utterance:
    """The piece's sound, cut out of its film's, shape (n,)."""
    cut = samples[round(piece.start_s * SAMPLE_RATE) : round(piece.end_s * SAMPLE_RATE)]
    return Utterance(np.array(cut, dtype=np.float32), piece.language, piece.start_s)


def words_on_film(pieces: Sequence[Piece], transcripts: Sequence[Transcript]) -> list[SpokenWord]:
    """All words in order, with times in seconds from the start of the picture.

    Where a model gives no word times, its text is spread over the piece by the length of the words.
    """
    words: list[SpokenWord] = []
    for piece, transcript in zip(pieces, transcripts, strict=True):
        timed = _timed(piece, transcript) if transcript.words else _spread(piece, transcript)
        words.extend(timed)
    return sorted(words, key=lambda word: word.start_s)


def _timed(piece: Piece, transcript: Transcript) -> list[SpokenWord]:
    return [
        SpokenWord(
            word.text,
            piece.start_s + word.start_s,
            piece.start_s + word.end_s,
            confidence=word.confidence,
            space_before=word.space_before,
            language=transcript.language,
        )
        for word in transcript.words
    ]


def _spread(piece: Piece, transcript: Transcript) -> list[SpokenWord]:
    """Words without times take shares of the piece's speech that are as long as they are."""
    texts = transcript.text.split()
    if not texts:
        return []
    edges = np.cumsum([0, *(len(text) + 1 for text in texts)]) / sum(len(text) + 1 for text in texts)
    times = piece.start_s + edges * piece.duration_s
    word = SpokenWord("", 0.0, 0.0, confidence=transcript.confidence, language=transcript.language)
    return [
        replace(word, text=text, start_s=float(start), end_s=float(end))
        for text, start, end in zip(texts, times, times[1:], strict=False)
    ]
