"""Pieces of a film to recognised words on the film's clock.

Knows the recogniser by the generic interface only; speakers are given to the words elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import (
    SAMPLE_RATE,
    AsrModel,
    LanguageDetector,
    OutOfMemory,
    Progress,
    TranscribeOptions,
    Transcript,
    Utterance,
    recognise,
)

from .types import Piece, SpokenWord

__all__ = ["Vote", "detect_language", "transcribe_pieces", "words_on_film"]

logger = logging.getLogger(__name__)

BATCH_SIZE = 16
"""Utterances handed to the recogniser in one call; it may cut them into smaller batches itself."""

VOTERS = 8
"""How many pieces vote on the language of a film: the longest ones, for they tell it best."""

Samples = NDArray[np.float32]
FilmProgress = Callable[[float, float], None]
"""Called with (seconds of audio done, seconds in all)."""


@dataclass(frozen=True)
class Vote:
    """The language of a film, and the share of the vote that it got (0 to 1)."""

    language: str
    share: float


def detect_language(model: AsrModel, pieces: Sequence[Piece], samples: Samples) -> Vote | None:
    """The language that most of the speech is in, or None where the model cannot tell or nobody speaks.

    The longest pieces vote, each with its probabilities times its length: a film that opens with a song in
    another language is not locked to it.
    """
    if not isinstance(model, LanguageDetector) or not pieces:
        return None
    voters = sorted(pieces, key=lambda piece: -piece.duration_s)[:VOTERS]
    votes: dict[str, float] = {}
    for piece, scores in zip(
        voters, model.detect_languages([_utterance(piece, samples) for piece in voters]), strict=True
    ):
        for language, probability in scores.items():
            votes[language] = votes.get(language, 0.0) + probability * piece.duration_s
    if not votes:
        return None
    winner = max(votes, key=lambda language: (votes[language], language))
    return Vote(winner, votes[winner] / sum(votes.values()))


def transcribe_pieces(
    model: AsrModel,
    pieces: Sequence[Piece],
    samples: Samples,
    options: TranscribeOptions,
    on_progress: FilmProgress | None = None,
) -> list[Transcript]:
    """One transcript for each piece, in their order.

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
        utterances = [_utterance(pieces[index], samples, options.language) for index in batch]
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


def _utterance(piece: Piece, samples: Samples, language: str | None = None) -> Utterance:
    cut = samples[round(piece.start_s * SAMPLE_RATE) : round(piece.end_s * SAMPLE_RATE)]
    return Utterance(np.array(cut, dtype=np.float32), language, piece.start_s)


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
