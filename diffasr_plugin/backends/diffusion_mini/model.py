"""Utterances -> transcripts, by the recogniser that comes with the package.

Rounds, second attempts, doubts, words and times are Whisper's (`whisper`, `whisper.runner`): the network is
Whisper's too. Its own are the numbers that it computes in, and the search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...asr import ModelStatus, TranscribeOptions, Transcript, Utterance
from ...asr.model import Progress, ShouldStop
from ...diffusion.ngram import NgramMemory
from ...models.log_mel import log_mel
from ..whisper.align import Aligner
from ..whisper.decoder import Heard
from ..whisper.load import choose_device
from ..whisper.model import WhisperModel
from ..whisper.runner import Engine, Runner
from .load import LoadedMini, load
from .search import MiniSearch, MiniTextDecoder
from .spec import DATA, LANGUAGES, SPEC

__all__ = ["DiffusionMini"]


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
        self._runner = Runner(_engine(loaded, self._search, decoder))

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        """See `AsrModel`."""
        draft = self.spec.check_options(options.model_options, "call")["draft"]
        self._search.memory = self._memory if draft == "ngram" else None
        return super().transcribe_batch(utterances, options, on_progress=on_progress, should_stop=should_stop)


def _engine(loaded: LoadedMini, search: MiniSearch, decoder: MiniTextDecoder) -> Engine:
    def listen(speech: Sequence[NDArray[np.float32]], window_s: int) -> Heard:
        # One by one, also on a GPU: a window's numbers are then the same in any batch.
        return Heard.joined([listen_to(samples, window_s) for samples in speech])

    def listen_to(samples: NDArray[np.float32], window_s: int) -> Heard:
        features = log_mel(torch.from_numpy(samples).to(loaded.device), window_s)
        return decoder.listen(loaded.encoder(features[None]))

    return Engine(
        listen,
        search,
        Aligner(decoder, loaded.vocabulary, loaded.alignment_heads),
        loaded.vocabulary,
        loaded.alignment_heads.known,
        loaded.decoder.shape.text_places,
    )
