"""The same words -> SRT, by other programs: openai-whisper's writer and stable-ts.

Each gets the words in the turns of the transcript as segments. Needs the extra `bench`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.cutting.words import Turn, turn_words
from diffasr_plugin.compat import repair_torchaudio

__all__ = ["RIVALS"]


def _segments(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    segments = []
    for number, turn in enumerate(turns):
        words = [
            {"word": f" {word.text}", "start": word.start_s, "end": word.end_s, "probability": 1.0}
            for word in turn_words(turn)
        ]
        text = "".join(word["word"] for word in words)
        segments.append(
            {"id": number, "start": turn.start_s, "end": turn.end_s, "text": text, "words": words}
        )
    return segments


def whisper_segments(turns: Sequence[Turn]) -> str:
    """A cue for each segment: what `whisper` writes without further options."""
    return _whisper(turns)


def whisper_width(turns: Sequence[Turn]) -> str:
    """`whisper --word_timestamps True --max_line_width 42 --max_line_count 2`."""
    return _whisper(turns, max_line_width=42, max_line_count=2)


def _whisper(turns: Sequence[Turn], **options: int) -> str:
    from whisper.utils import WriteSRT

    file = io.StringIO()
    WriteSRT(".").write_result({"segments": _segments(turns)}, file=file, options=options)
    return file.getvalue()


def stable_default(turns: Sequence[Turn]) -> str:
    """stable-ts with its own regrouping of the words."""
    return _stable(turns, regroup=True)


def stable_segments(turns: Sequence[Turn]) -> str:
    """stable-ts, the segments as they are."""
    return _stable(turns, regroup=False)


def stable_width(turns: Sequence[Turn]) -> str:
    """stable-ts with its own regrouping, then lines of 42 characters, as its guide shows it."""
    return _stable(turns, regroup="da_sl=42")


def _stable(turns: Sequence[Turn], regroup: bool | str) -> str:
    # stable-ts imports torchaudio, which this machine's torch may not fit.
    repair_torchaudio()
    import stable_whisper

    result = stable_whisper.WhisperResult({"segments": _segments(turns), "language": "en"})
    if regroup:
        result.regroup(regroup)
    srt: str = result.to_srt_vtt(vtt=False, word_level=False)
    return srt


RIVALS: dict[str, Callable[[Sequence[Turn]], str]] = {
    "whisper's writer": whisper_segments,
    "whisper's writer, 42 characters": whisper_width,
    "stable-ts, segments as given": stable_segments,
    "stable-ts, its own regrouping": stable_default,
    "stable-ts, regrouped to 42 characters": stable_width,
}
