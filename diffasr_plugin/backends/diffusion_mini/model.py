"""Utterances -> transcripts, by the recogniser that comes with the package.

Rounds, second attempts, doubts, words and times are Whisper's (`whisper`, `whisper.runner`): the network is
Whisper's too. Its own are the numbers that it computes in, and the search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...asr import SAMPLE_RATE, ModelStatus, TranscribeOptions, Transcript, Utterance
from ...asr.model import Progress, ShouldStop
from ...diffusion.ngram import NgramMemory
from ...hypothesis import DecodeSettings
from ...mini.adapter_file import load_adapter
from ...mini.units import Units
from ...models.log_mel import log_mel
from ...models.mini_adapter import MiniDenoiser
from ..whisper.align import Aligner
from ..whisper.load import choose_device
from ..whisper.model import WhisperModel
from ..whisper.runner import Engine, Runner
from .diffuse import MiniDiffuser, Writing
from .hearing import MiniHeard
from .load import LoadedMini, find_adapter, load
from .modes import Way, choose_way, read_ways
from .pure import Listen, PureRecogniser
from .search import Drafter, MiniSearch, MiniTextDecoder
from .spec import DATA, LANGUAGES, SPEC

__all__ = ["DiffusionMini", "listener", "pure_recogniser"]


class DiffusionMini(WhisperModel):
    """The embedded recogniser; also a `LanguageDetector`, of all 99 languages of Whisper.

    Where no language is given, it writes in the likeliest of its own six.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Load the model; `options` are all load options of the spec.

        Whisper's own constructor is not called: it loads transformers' model.
        """
        self.spec = SPEC
        loaded = load(DATA, choose_device(options["device"]))
        words = "int8, sums exact, the rest float32"
        self.status = ModelStatus(SPEC.name, str(loaded.device), words, loaded.memory_bytes)
        self._languages = LANGUAGES
        self._tasks = SPEC.tasks
        self._batch_size = options["batch_size"]
        self._memory = NgramMemory()
        decoder = MiniTextDecoder(loaded.decoder)
        self._search = MiniSearch(decoder, loaded.vocabulary, loaded.device)
        listen = listener(loaded, decoder)
        self._runner = Runner(_engine(loaded, self._search, decoder, listen))
        adapter = find_adapter(options["adapter"])
        self._ways = read_ways(adapter) if adapter is not None else None
        self._pure = pure_recogniser(loaded, adapter, listen, self._search) if adapter is not None else None

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        """See `AsrModel`."""
        self._check(utterances, options)
        options = replace(options, model_options=self.spec.check_options(options.model_options, "call"))
        found = self._each_in_its_way(utterances, options, on_progress, should_stop)
        # Some languages are written in a way of their own, and which one is spoken is known only now.
        late = [
            number
            for number, (utterance, transcript) in enumerate(zip(utterances, found, strict=True))
            if not (utterance.language or options.language)
            and self._way(transcript.language, options) != self._way(None, options)
        ]
        rows = [replace(utterances[number], language=found[number].language) for number in late]
        again = self._each_in_its_way(rows, options, None, should_stop)
        for number, transcript in zip(late, again, strict=True):
            found[number] = transcript
        return found

    def _each_in_its_way(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        on_progress: Progress | None,
        should_stop: ShouldStop | None,
    ) -> list[Transcript]:
        """Transcripts, each in the way that its language is written by."""
        ways: dict[Way, list[int]] = defaultdict(list)
        for number, utterance in enumerate(utterances):
            ways[self._way(utterance.language or options.language, options)].append(number)
        found = [Transcript("")] * len(utterances)
        before = 0

        def told(done: int, _: int) -> None:
            if on_progress is not None:
                on_progress(before + done, len(utterances))

        for way, numbers in ways.items():
            rows = [utterances[number] for number in numbers]
            transcripts = self._in_one_way(rows, options, way, told, should_stop)
            for number, transcript in zip(numbers, transcripts, strict=True):
                found[number] = transcript
            before += len(numbers)
        return found

    def _way(self, language: str | None, options: TranscribeOptions) -> Way:
        """How a language is written, with options that have been checked."""
        return choose_way(self.spec.name, options.model_options, language, self._ways)

    def trace(self, utterance: Utterance, options: TranscribeOptions) -> Mapping[str, Any]:
        """Each step of the mode `diffusion`; see `Traceable`.

        Raises:
            ModelUnavailable: there is no adapter.
            UnsupportedLanguage: it is not one of ours.
        """
        self._open()
        self._check([utterance], options)
        given = {**self.spec.check_options(options.model_options, "call"), "mode": "diffusion"}
        options = replace(options, model_options=given)
        way = self._way(utterance.language or options.language, options)
        assert self._pure is not None, "a way that needs an adapter was chosen without one"
        return self._pure.trace(utterance, options, way)

    def close(self) -> None:
        super().close()
        self._pure = None

    def _in_one_way(
        self,
        rows: Sequence[Utterance],
        options: TranscribeOptions,
        way: Way,
        on_progress: Progress,
        should_stop: ShouldStop | None,
    ) -> list[Transcript]:
        if way.mode == "diffusion":
            return self._purely(rows, options, way, on_progress, should_stop)
        verified = way.mode == "verified"
        self._search.memory = self._memory if verified and way.draft == "ngram" else None
        self._search.drafter = self._drafter(way) if verified and way.draft == "adapter" else None
        return super().transcribe_batch(rows, options, on_progress=on_progress, should_stop=should_stop)

    def _purely(
        self,
        rows: Sequence[Utterance],
        options: TranscribeOptions,
        way: Way,
        on_progress: Progress,
        should_stop: ShouldStop | None,
    ) -> list[Transcript]:
        self._open()
        assert self._pure is not None, "a way that needs an adapter was chosen without one"
        found = [Transcript("")] * len(rows)
        with self._memory_errors(self._batch_size):
            # On a CPU a batch is hardly quicker. One by one, a text does not hang on those beside it.
            size = self._batch_size if self._pure.diffuser.on_gpu else 1
            pairs = self._pure.transcribe(rows, options, way, size, should_stop)
            for done, (number, transcript) in enumerate(pairs, 1):
                found[number] = transcript
                on_progress(done, len(rows))
        return found

    def _drafter(self, way: Way) -> Drafter:
        assert self._pure is not None, "a way that needs an adapter was chosen without one"
        settings = DecodeSettings(steps=way.steps, init=way.init, canvas="auto")
        return partial(self._pure.diffuser.guesses, settings=settings, strength=way.strength)


def pure_recogniser(loaded: LoadedMini, adapter: Path, listen: Listen, search: MiniSearch) -> PureRecogniser:
    """The denoiser of an adapter's folder.

    Raises:
        CheckpointError: see `load_adapter`.
    """
    denoiser = MiniDenoiser(loaded.decoder, load_adapter(adapter).to(loaded.device)).eval()
    diffuser = MiniDiffuser(denoiser, loaded.codec, Units.read(), Writing(LANGUAGES))
    return PureRecogniser(listen, search.detect, diffuser)


def listener(loaded: LoadedMini, decoder: MiniTextDecoder) -> Listen:
    """The encoder as ears."""

    def listen(speech: Sequence[NDArray[np.float32]], window_s: int) -> MiniHeard:
        # One by one, also on a GPU: a window's numbers are then the same in any batch.
        return MiniHeard.of([listen_to(samples, window_s) for samples in speech])

    @torch.inference_mode()
    def listen_to(samples: NDArray[np.float32], window_s: int) -> MiniHeard:
        states = loaded.encoder(log_mel(torch.from_numpy(samples).to(loaded.device), window_s)[None])
        return MiniHeard(decoder.listen(states).layers, states, (len(samples) / SAMPLE_RATE,))

    return listen


def _engine(loaded: LoadedMini, search: MiniSearch, decoder: MiniTextDecoder, listen: Listen) -> Engine:
    return Engine(
        listen,
        search,
        Aligner(decoder, loaded.vocabulary, loaded.alignment_heads),
        loaded.vocabulary,
        loaded.alignment_heads.known,
        loaded.decoder.shape.text_places,
    )
