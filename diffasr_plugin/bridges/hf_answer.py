"""A transcript -> what Whisper's pipeline of transformers would answer: text, and chunks with times.

Does not know transformers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..asr import Transcript, Word

__all__ = ["make_answer"]

SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")
SEGMENT_PAUSE_S = 1.0
"""A pause from which a new segment begins, whatever the punctuation."""


def make_answer(
    transcript: Transcript,
    return_timestamps: bool | str | None = None,
    language_names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The text, and the chunks if asked for; as Whisper's, the text is the chunks' in a row, spaces and all.

    Args:
        transcript: of one recording.
        return_timestamps: "word" for a chunk a word, True for a chunk a segment, with times in seconds.
        language_names: if given, chunks tell their language, by its name in here or else by its code.
    """
    pieces = [(_text(words), words) for words in _pieces(transcript.words, return_timestamps)]
    if not pieces and transcript.text:
        pieces = [(transcript.text, ())]
    answer: dict[str, Any] = {"text": "".join(text for text, _ in pieces)}
    if return_timestamps or language_names is not None:
        language = {"language": (language_names or {}).get(transcript.language or "", transcript.language)}
        answer["chunks"] = [
            {
                **({} if language_names is None else language),
                **({"timestamp": (words[0].start_s, words[-1].end_s)} if return_timestamps else {}),
                "text": text,
            }
            for text, words in pieces
        ]
    return answer


def _pieces(words: Sequence[Word], return_timestamps: bool | str | None) -> list[Sequence[Word]]:
    """The words one by one, by segments (a sentence, or up to a pause), or all together."""
    if return_timestamps == "word":
        return [[word] for word in words]
    pieces: list[list[Word]] = []
    for word in words:
        last = pieces[-1][-1] if pieces else None
        sentence_ends = last is not None and last.text.endswith(SENTENCE_ENDS)
        if last is None or (
            return_timestamps and (sentence_ends or word.start_s - last.end_s >= SEGMENT_PAUSE_S)
        ):
            pieces.append([])
        pieces[-1].append(word)
    return list(pieces)


def _text(words: Sequence[Word]) -> str:
    return "".join(f" {word.text}" if word.space_before else word.text for word in words)
