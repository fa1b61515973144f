"""The same words -> SRT, by other programs: openai-whisper's writer and stable-ts. Needs the extra `bench`.

They cut segments, as recognisers give them. Here these are the transcript's own turns, which are better than
any recogniser's; or all words are one segment, and the program is left to find the cuts, as diffsub is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from diffasr_plugin.compat import repair_torchaudio
from subtitle_cli.types import SpokenWord

__all__ = ["RIVALS"]

Segments = Sequence[Sequence[SpokenWord]]


def whisper_plain(segments: Segments) -> str:
    """A cue for each segment: what `whisper` writes without further options."""
    return _whisper(segments)


def whisper_width(segments: Segments) -> str:
    """`whisper --word_timestamps True --max_line_width 42 --max_line_count 2`."""
    return _whisper(segments, max_line_width=42, max_line_count=2)


def stable_plain(segments: Segments) -> str:
    """stable-ts with its own regrouping: by marks, pauses and length."""
    return _stable(segments, True)


def stable_width(segments: Segments) -> str:
    """The same, then cut to 42 characters."""
    return _stable(segments, "da_sl=42")


RIVALS: dict[str, Callable[[Segments], str]] = {
    "whisper's writer": whisper_plain,
    "whisper's writer, 2 lines of 42": whisper_width,
    "stable-ts": stable_plain,
    "stable-ts, 42 characters": stable_width,
}


def _whisper(segments: Segments, **options: int) -> str:
    from whisper.utils import WriteSRT

    file = io.StringIO()
    WriteSRT(".").write_result({"segments": _as_dicts(segments)}, file=file, options=options)
    return file.getvalue()


def _stable(segments: Segments, regroup: bool | str) -> str:
    # stable-ts imports torchaudio, which this machine's torch may not fit.
    repair_torchaudio()
    import stable_whisper

    result = stable_whisper.WhisperResult({"segments": _as_dicts(segments), "language": "en"})
    result.regroup(regroup)
    srt: str = result.to_srt_vtt(vtt=False, word_level=False)
    return srt


def _as_dicts(segments: Segments) -> list[dict[str, Any]]:
    """Segments as whisper gives them."""
    return [
        {
            "id": number,
            "start": words[0].start_s,
            "end": words[-1].end_s,
            "text": "".join(f" {word.text}" for word in words),
            "words": [
                {"word": f" {word.text}", "start": word.start_s, "end": word.end_s, "probability": 1.0}
                for word in words
            ],
        }
        for number, words in enumerate(segments)
    ]
