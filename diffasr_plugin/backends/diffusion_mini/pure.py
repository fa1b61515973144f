"""Utterances -> transcripts as the denoiser writes them, with no causal model behind it.

Words, times, confidence and the guard against text about silence are those of `diffusion-gemma`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...asr import Cancelled, ShouldStop, TranscribeOptions, Transcript, Utterance
from ...diffusion.trace import Trace, Tracer
from ...hypothesis import DecodeSettings, Hypothesis, Request
from ..diffusion_gemma.transcript import Scribe, is_silent
from ..whisper.chinese import in_script
from ..whisper.window import window_seconds
from .diffuse import MiniDiffuser
from .hearing import MiniHeard
from .modes import Way
from .scripts import is_written_in
from .spec import LANGUAGES

__all__ = ["Listen", "PureRecogniser"]

Listen = Callable[[Sequence[NDArray[np.float32]], int], MiniHeard]
"""Samples of some utterances and the window that they share, in seconds -> what is heard."""

Detect = Callable[[MiniHeard], list[dict[str, float]]]


@dataclass(frozen=True)
class PureRecogniser:
    """The denoiser with ears.

    Attributes:
        detect: probabilities of the languages, where none is told.
    """

    listen: Listen
    detect: Detect
    diffuser: MiniDiffuser

    def transcribe(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        way: Way,
        batch_size: int,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[tuple[int, Transcript]]:
        """Each utterance's number and transcript, those of one window's length together.

        Raises:
            Cancelled: `should_stop` said so.
        """
        groups: dict[int, list[int]] = defaultdict(list)
        for number, utterance in enumerate(utterances):
            if is_silent(utterance.samples):
                yield number, Transcript("")
            else:
                groups[window_seconds(utterance.duration_s)].append(number)
        for window_s in sorted(groups, reverse=True):
            group = groups[window_s]
            for start in range(0, len(group), batch_size):
                if should_stop is not None and should_stop():
                    raise Cancelled
                numbers = group[start : start + batch_size]
                yield from zip(
                    numbers, self._batch([utterances[n] for n in numbers], options, way), strict=True
                )

    def trace(self, utterance: Utterance, options: TranscribeOptions, way: Way) -> Mapping[str, Any]:
        """What each step proposed, accepted and renoised, and how sure it was; as JSON takes it."""
        tracer = Trace()
        transcript = self._batch([utterance], options, way, tracer)[0]
        return {
            "transcript": asdict(transcript),
            **tracer.as_json(self.diffuser.codec.text_of),
        }

    def _batch(
        self,
        rows: Sequence[Utterance],
        options: TranscribeOptions,
        way: Way,
        tracer: Tracer | None = None,
    ) -> list[Transcript]:
        heard = self.listen([row.samples for row in rows], window_seconds(rows[0].duration_s))
        return self.write(heard, rows, options, way, tracer)

    def write(
        self,
        heard: MiniHeard,
        rows: Sequence[Utterance],
        options: TranscribeOptions,
        way: Way,
        tracer: Tracer | None = None,
    ) -> list[Transcript]:
        """Transcripts of what was heard of some utterances."""
        languages = self._languages(rows, options, heard)
        requests = [
            Request(row.duration_s, language, options.seed)
            for row, language in zip(rows, languages, strict=True)
        ]
        settings = DecodeSettings(steps=way.steps, init=way.init, canvas="auto")
        found = self.diffuser.decode(heard, requests, settings, tracer, strength=way.strength)
        cut_off = [number for number, each in enumerate(found) if not each.ended and not each.full]
        if cut_off and tracer is None:  # there may be more to say: once more, on the longest canvas
            again = self.diffuser.decode(
                heard.rows(cut_off),
                [requests[n] for n in cut_off],
                replace(settings, canvas="full"),
                strength=way.strength,
            )
            found = [again[cut_off.index(n)] if n in cut_off else each for n, each in enumerate(found)]
        return [
            self._write(each, row, language, options)
            for each, row, language in zip(found, rows, languages, strict=True)
        ]

    def _languages(
        self, rows: Sequence[Utterance], options: TranscribeOptions, heard: MiniHeard
    ) -> list[str]:
        told = [row.language or options.language for row in rows]
        if all(told):
            return [str(language) for language in told]
        likeliest = [max(LANGUAGES, key=scores.__getitem__) for scores in self.detect(heard)]
        return [one or other for one, other in zip(told, likeliest, strict=True)]

    def _write(
        self, found: Hypothesis, row: Utterance, language: str, options: TranscribeOptions
    ) -> Transcript:
        scribe = Scribe(self.diffuser, word_times=options.word_times)
        transcript = scribe.write(found, row.samples, language)
        if not is_written_in(transcript.text, language):
            return Transcript("", language=language)
        if language != "zh" or not transcript.text:
            return transcript
        script = options.model_options["chinese"]
        texts = in_script([word.text for word in transcript.words], script)
        words = tuple(replace(w, text=text) for w, text in zip(transcript.words, texts, strict=True))
        return replace(transcript, text=in_script([transcript.text], script)[0], words=words)
